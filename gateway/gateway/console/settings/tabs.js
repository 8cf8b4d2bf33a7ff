// Tabs by the ARIA pattern: one tab stop, arrows, Home and End; the address says which is open.
import { html, useId } from "../core/html.js";

// `tabs` is [{name, title}]; `onChoose(name)`.
export function Tabs({ label, tabs, chosen, onChoose, children }) {
  const id = useId();
  const press = (event) => {
    const at = tabs.findIndex((each) => each.name === chosen);
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = tabs[(steps[event.key] + tabs.length) % tabs.length].name;
    onChoose(next);
    requestAnimationFrame(() => document.getElementById(`${id}${next}`)?.focus());
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} onKeyDown=${press}>
      ${tabs.map(({ name, title }) => html`<button type="button" role="tab" key=${name} id=${`${id}${name}`} aria-selected=${name === chosen}
        aria-controls=${`${id}panel`} tabindex=${name === chosen ? 0 : -1} onClick=${() => onChoose(name)}>${title}</button>`)}</div>
    <div role="tabpanel" id=${`${id}panel`} aria-labelledby=${`${id}${chosen}`} tabindex="0" class="tab-panel">${children}</div>`;
}
