// Choosing a password by the link of a letter: of one that was forgotten, or of an invitation.
import { call } from "../core/api.js";
import { html, useEffect, useRef, useState } from "../core/html.js";
import { errorOf } from "../core/ui.js";
import { noteSession } from "./noted.js";
import { PasswordField } from "./password-field.js";
import { useSending } from "./sending.js";
import { seconds } from "./waiting.js";

export function Reset() {
  // Out of the address at once: it stays in no history, and no screenshot shows it.
  const token = useRef(new URLSearchParams(location.search).get("token") ?? "");
  const [password, setPassword] = useState("");
  const [isDone, setDone] = useState(false);
  const first = useRef(null);
  useEffect(() => {
    document.title = "A new password · ClinicOps";
    history.replaceState(null, "", "/console/reset");
    first.current?.focus();
  }, []);
  const { problem, isBusy, send } = useSending(async () => {
    await call("POST", `/password-resets/${encodeURIComponent(token.current)}`, { body: { password } });
    noteSession(false); // every session of the account has ended
    setDone(true);
  });
  if (isDone) return html`<main class="sign-in"><h1>A new password</h1><p role="status">Your new password is set. You are signed out everywhere.</p><p class="beside"><a href="/console">Sign in</a></p></main>`;
  if (!token.current || problem?.status === 404) {
    return html`<main class="sign-in"><h1>A new password</h1><p role="alert">This link is over, or was used already.</p><p class="beside"><a href="/console/forgotten">Ask for a new one</a></p></main>`;
  }
  const said = errorOf(problem, "password");
  return html`<main class="sign-in"><h1>A new password</h1><form onSubmit=${send} novalidate>
    <${PasswordField} label="New password" autocomplete="new-password" fieldRef=${first} value=${password} onValue=${setPassword} error=${said} hint="At least 12 characters; a few words are better than signs." />
    <div role="alert">${problem && !said && html`<p class="wrong">${problem.status === 429 ? `Wait ${seconds(problem.body.retry_after)}.` : `${problem.message}.`}</p>`}</div>
    <button class="main" aria-busy=${isBusy}>Set the password</button></form></main>`;
}
