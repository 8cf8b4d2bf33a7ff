// A secret that is shown once: to copy now, and gone with the dialog.
import { html, useState } from "../core/html.js";
import { fail, say } from "../core/say.js";
import { Dialog } from "../core/ui.js";

// What a list of things with secrets does: `made(answer)` shows the one that was made, `act(ask, done)`
// is a button's press, after which the list is asked for anew.
export function useSecrets(list, secretOf) {
  const [secret, setSecret] = useState(null);
  const made = (answer) => {
    setSecret(secretOf(answer));
    list.reload();
  };
  const act = (ask, done) => async () => {
    try {
      done(await ask());
    } catch (problem) {
      fail(problem, "Not done");
    }
    list.reload();
  };
  return { secret, made, act, forget: () => setSecret(null) };
}

export function Secret({ title, name, secret, children, onClose }) {
  // On plain-http hosts there is no clipboard: then it is selected, to be copied by hand.
  const copy = async (event) => {
    const field = event.target.closest("dialog").querySelector("textarea");
    field.select();
    try {
      await navigator.clipboard.writeText(secret);
      say(`${name} is copied.`);
    } catch {
      say("It is selected: copy it with Ctrl and C.");
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}><p><b>It is shown this once.</b> ${children}</p>
    <textarea class="secret" readonly aria-label=${name} data-first rows="3" value=${secret}></textarea>
    <div class="buttons"><button type="button" class="main" onClick=${copy}>Copy</button><button type="button" onClick=${onClose}>I have kept it</button></div><//>`;
}
