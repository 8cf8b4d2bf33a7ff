// Another password, of who knows the present one; every other session ends.
import { call } from "../core/api.js";
import { html, useState } from "../core/html.js";
import { say } from "../core/say.js";
import { errorOf } from "../core/ui.js";
import { PasswordField } from "./password-field.js";
import { seconds } from "./waiting.js";

const BLANK = { current: "", password: "" };

export function ChangePassword() {
  const [form, setForm] = useState(BLANK);
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const set = (part) => setForm((old) => ({ ...old, ...part }));
  const send = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    try {
      await call("POST", "/me/password", { body: form });
      setForm(BLANK);
      setProblem(null);
      say("Your password is changed. Every other session of yours has ended.");
    } catch (refused) {
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  const fields = problem && Object.keys(problem.errors).length > 0;
  return html`<section class="box" aria-labelledby="password"><h2 id="password">Password</h2><form onSubmit=${send} novalidate>
    <${PasswordField} label="Present password" autocomplete="current-password" value=${form.current} onValue=${(current) => set({ current })} error=${errorOf(problem, "current")} />
    <${PasswordField} label="New password" autocomplete="new-password" value=${form.password} onValue=${(password) => set({ password })} error=${errorOf(problem, "password")} hint="At least 12 characters" />
    <div role="alert">${problem && !fields && html`<p class="wrong">${refusal(problem)}</p>`}</div>
    <button aria-busy=${isBusy}>Change the password</button></form></section>`;
}

export const refusal = (problem) =>
  problem.status === 429 ? `Too many wrong guesses: wait ${seconds(problem.body.retry_after)}.` : `${problem.message}.`;
