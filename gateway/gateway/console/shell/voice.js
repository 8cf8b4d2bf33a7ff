// One line that says what was done, one that says what failed, and what can be taken back.
import { html, useEffect, useState } from "../core/html.js";
import { alert, status, undoable } from "../core/say.js";
import { useStore } from "../core/store.js";
import { useKeys } from "../core/keys.js";

export function Voice() {
  const said = useStore(status);
  const failed = useStore(alert);
  const offer = useStore(undoable);
  return html`<div class="voice">
    <p role="status" aria-live="polite" class="said">${said}</p>
    ${offer && html`<${Undo} offer=${offer} />`}
    <div role="alert">${failed && html`<div class="failed"><p>${failed.text}
      ${failed.requestId && html` <span class="soft">Request <code>${failed.requestId}</code></span>`}</p>
      <button type="button" class="quiet" onClick=${() => alert.set(null)}>Dismiss</button></div>`}</div>
  </div>`;
}

function Undo({ offer }) {
  const [left, setLeft] = useState(10);
  const undo = () => {
    undoable.set(null);
    offer.undo();
  };
  useKeys({ u: { does: "Undo", run: undo } });
  useEffect(() => {
    const tick = () => setLeft(Math.max(0, Math.ceil((offer.until - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [offer]);
  return html`<div class="undo"><p>${offer.text}</p>
    <button type="button" onClick=${undo}>Undo (${left})</button></div>`;
}
