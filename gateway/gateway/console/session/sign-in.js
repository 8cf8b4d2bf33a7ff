// Signing in, first of all and again when a session has ended.
import { call } from "../core/api.js";
import { html, useEffect, useRef, useState } from "../core/html.js";
import { Dialog, Field } from "../core/ui.js";
import { noteSession } from "./noted.js";
import { PasswordField } from "./password-field.js";
import { Provider } from "./provider.js";
import { seconds, useWait } from "./waiting.js";

export function SignIn({ onSignedIn }) {
  return html`<main class="sign-in"><h1>ClinicOps</h1><${SignInForm} onSignedIn=${onSignedIn} /></main>`;
}

// Over the screen, which keeps what was typed.
export function SignInAgain({ email, onSignedIn }) {
  return html`<${Dialog} title="Sign in again" onClose=${() => {}} className="again">
    <p>Your session has ended. What you have typed is still here.</p>
    <${SignInForm} email=${email} onSignedIn=${onSignedIn} isOver=${true} /><//>`;
}

export function SignInForm({ email = "", onSignedIn, isOver }) {
  const [form, setForm] = useState({ email, password: "", code: "" });
  const [asksCode, setAsksCode] = useState(false);
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const first = useRef(null);
  const code = useRef(null);
  const set = (part) => setForm((old) => ({ ...old, ...part }));
  useEffect(() => first.current?.focus(), []);
  useEffect(() => asksCode && code.current?.focus(), [asksCode]);
  const submit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    const typed = form.code.replaceAll(" ", "");
    try {
      await call("POST", "/sessions", { body: { email: form.email, password: form.password, ...(asksCode && typed ? { totp: typed } : {}) } });
      noteSession(true);
      await onSignedIn();
    } catch (refused) {
      const isAsked = refused.code === "totp_required";
      setAsksCode(asksCode || isAsked);
      setProblem(isAsked && !asksCode ? null : refused);
      setBusy(false);
    }
  };
  return html`<form onSubmit=${submit}>
    <${Field} label="E-mail">${(p) => html`<input ref=${first} name="email" type="email" autocomplete="username" required value=${form.email} onInput=${(e) => set({ email: e.target.value })} ...${p} />`}<//>
    <${PasswordField} label="Password" name="password" autocomplete="current-password" value=${form.password} onValue=${(password) => set({ password })} />
    ${asksCode && html`<${Field} label="Code" hint="Six digits of your authenticator, or a recovery code.">${(p) => html`<input ref=${code} name="totp" inputmode="text" autocomplete="one-time-code" required maxlength="30"
      value=${form.code} onInput=${(e) => set({ code: e.target.value })} ...${p} />`}<//>`}
    <${Refused} problem=${problem} asksCode=${asksCode} isOver=${isOver} />
    <button class="main" aria-busy=${isBusy}>Sign in</button>
    <p class="beside"><a href="/console/forgotten" target=${isOver ? "_blank" : undefined}>Forgotten password?</a></p>
    <${Provider} />
  </form>`;
}

function Refused({ problem, asksCode }) {
  const left = useWait(problem);
  return html`<div role="alert">${problem && html`<p class="wrong">${said(problem, asksCode)}</p>`}</div>
    ${left > 0 && html`<p class="hint">Try again in ${seconds(left)}.</p>`}`;
}

function said(problem, asksCode) {
  if (problem.status === 429) {
    return `Too many sign-ins failed from here: wait ${seconds(problem.body.retry_after)}. Whoever chooses a new password by “Forgotten password?” is let in at once.`;
  }
  if (problem.code === "totp_required") return "Type the code of your authenticator.";
  if (problem.status === 401) return asksCode ? "E-mail, password or code is wrong; a code works once." : "E-mail or password is wrong.";
  return `${problem.message}.`.replace("..", ".");
}
