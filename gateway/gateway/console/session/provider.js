// Signing in by the chain's own provider (OpenID Connect), where there is one.
import { get } from "../core/api.js";
import { html, useEffect, useState } from "../core/html.js";

export function Provider() {
  const [name, setName] = useState(null);
  useEffect(() => {
    // Without an answer the password is there all the same.
    get("/sign-in-options").then(({ oidc }) => setName(oidc?.name ?? null), () => {});
  }, []);
  if (!name) return null;
  return html`<p class="beside"><a class="provider" href=${`/v1/oidc/start?return_to=${encodeURIComponent(here())}`}>Sign in with ${name}</a></p>`;
}

// The address to come back to; "signed-in" has the console look whether somebody is.
function here() {
  const isPlain = location.pathname === "/console/sign-in";
  const query = new URLSearchParams(isPlain ? "" : location.search);
  query.set("signed-in", "1");
  return `${isPlain ? "/console" : location.pathname}?${query}`;
}

const WORDS = {
  oidc_no_account: "Nobody here has the e-mail that your provider told. An owner or a manager invites you.",
  oidc_unverified_email: "Your provider has not verified your e-mail.",
  oidc_refused: "Your provider signed nobody in.",
  oidc_state: "This sign-in took too long, or was used already. Begin anew.",
};
export const providerRefusal = (code) => code && (WORDS[code] ?? "Signing in by your provider did not work. Try again, or use your password.");
