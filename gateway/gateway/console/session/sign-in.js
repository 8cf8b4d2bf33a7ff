// Signing in, first of all and again when a session has ended.
import { call } from "../core/api.js";
import { html, useEffect, useRef, useState } from "../core/html.js";
import { noteSession } from "./noted.js";
import { Dialog, Field } from "../core/ui.js";

export function SignIn({ onSignedIn }) {
  return html`<main class="sign-in"><h1>ClinicOps</h1><${SignInForm} onSignedIn=${onSignedIn} /></main>`;
}

// Over the screen, which keeps what was typed.
export function SignInAgain({ email, onSignedIn }) {
  return html`<${Dialog} title="Sign in again" onClose=${() => {}} className="again">
    <p>Your session has ended. What you have typed is still here.</p>
    <${SignInForm} email=${email} onSignedIn=${onSignedIn} /><//>`;
}

function SignInForm({ email = "", onSignedIn }) {
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const first = useRef(null);
  useEffect(() => first.current?.focus(), []);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    setBusy(true);
    setProblem(null);
    try {
      await call("POST", "/sessions", { body: { email: form.get("email"), password: form.get("password") } });
      noteSession(true);
      await onSignedIn();
    } catch (refused) {
      setProblem(refused);
      setBusy(false);
    }
  };
  return html`<form onSubmit=${submit}>
    <${Field} label="E-mail">${(p) => html`<input ref=${first} name="email" type="email" autocomplete="username" required value=${email} ...${p} />`}<//>
    <${Field} label="Password">${(p) => html`<input name="password" type="password" autocomplete="current-password" required ...${p} />`}<//>
    <div role="alert">${problem && html`<p class="wrong">${said(problem)}</p>`}</div>
    <button class="main" aria-busy=${isBusy}>Sign in</button>
  </form>`;
}

const said = (problem) =>
  problem.status === 401 ? "E-mail or password is wrong." : `${problem.message}.`.replace("..", ".");
