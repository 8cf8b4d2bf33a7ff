// A password's field: it can be shown, and says when Caps Lock is on.
import { html, useState } from "../core/html.js";
import { Field } from "../core/ui.js";

export function PasswordField({ label, value, onValue, error, hint, fieldRef, ...rest }) {
  const [isShown, setShown] = useState(false);
  const [isCaps, setCaps] = useState(false);
  const look = (event) => setCaps(event.getModifierState?.("CapsLock") ?? false);
  return html`<div class="password"><${Field} label=${label} error=${error} hint=${isCaps ? "Caps Lock is on." : hint}>${(p) => html`<input ref=${fieldRef} type=${isShown ? "text" : "password"}
      value=${value} maxlength="200" spellcheck=${false} autocapitalize="none" required onInput=${(e) => onValue(e.target.value)} onKeyDown=${look} onKeyUp=${look} onBlur=${() => setCaps(false)} ...${rest} ...${p} />`}<//>
    <button type="button" class="quiet" aria-pressed=${isShown} aria-label=${`Show: ${label}`} onClick=${() => setShown(!isShown)}>${isShown ? "Hide" : "Show"}</button></div>`;
}
