// A letter with a link to choose a new password; what is said is the same for everybody.
import { call } from "../core/api.js";
import { html, useEffect, useRef, useState } from "../core/html.js";
import { errorOf, Field } from "../core/ui.js";
import { useSending } from "./sending.js";
import { seconds } from "./waiting.js";

export function Forgotten() {
  const [email, setEmail] = useState("");
  const [isSent, setSent] = useState(false);
  const first = useRef(null);
  useEffect(() => {
    document.title = "Forgotten password · ClinicOps";
    first.current?.focus();
  }, []);
  const { problem, isBusy, send } = useSending(async () => {
    await call("POST", "/password-resets", { body: { email: email.trim() } });
    setSent(true);
  });
  const refused = problem && !errorOf(problem, "email");
  return html`<main class="sign-in"><h1>Forgotten password</h1>
    ${isSent
      ? html`<p role="status">If there is an account of ${email}, a letter to it is on its way. Its link is good for 30 minutes.</p>`
      : html`<form onSubmit=${send} novalidate><p>You get a letter with a link to choose a new one.</p>
        <${Field} label="E-mail" error=${errorOf(problem, "email")}>${(p) => html`<input ref=${first} type="email" autocomplete="username" required value=${email} onInput=${(e) => setEmail(e.target.value)} ...${p} />`}<//>
        <div role="alert">${refused && html`<p class="wrong">${problem.status === 429 ? `Too many letters were asked for from here: wait ${seconds(problem.body.retry_after)}.` : `${problem.message}.`}</p>`}</div>
        <button class="main" aria-busy=${isBusy}>Send the letter</button></form>`}
    <p class="beside"><a href="/console">Back to signing in</a></p></main>`;
}
