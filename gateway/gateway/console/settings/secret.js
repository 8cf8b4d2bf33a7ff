// A secret that is shown once: to copy now, and gone with the dialog.
import { html } from "../core/html.js";
import { say } from "../core/say.js";
import { Dialog } from "../core/ui.js";

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
