// Where the provider leads to when it signed nobody in: why, and the ways there are.
import { html, useEffect } from "../core/html.js";
import { providerRefusal } from "./provider.js";
import { SignInForm } from "./sign-in.js";

export function SignInPage() {
  const said = providerRefusal(new URLSearchParams(location.search).get("error"));
  useEffect(() => {
    document.title = "Sign in · ClinicOps";
  }, []);
  return html`<main class="sign-in"><h1>ClinicOps</h1>${said && html`<p class="wrong" role="alert">${said}</p>`}
    <${SignInForm} onSignedIn=${() => location.assign("/console")} /></main>`;
}
