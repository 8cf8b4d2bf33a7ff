// Calling a visit off, or saying that the client did not come: the reason, and what it costs them.
import { may } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { money } from "../core/money.js";
import { Action, Dialog, Field } from "../core/ui.js";
import { change } from "./changing.js";

export function CancelDialog({ visit, kind, board, onClose }) {
  const [reason, setReason] = useState("");
  const [because, setBecause] = useState("other");
  const [isWaived, setWaived] = useState(false);
  const isCancel = kind === "cancel";
  const percent = isCancel ? visit.policy.late_fee_percent : visit.policy.no_show_fee_percent;
  const fee = { ...visit.price, amount_minor: Math.round((visit.price.amount_minor * percent) / 100) };
  const done = isCancel ? "is cancelled" : "did not come";
  const send = async (event) => {
    event?.preventDefault();
    const body = { because, waive_fee: isWaived, ...(reason.trim() ? { reason: reason.trim() } : {}) };
    if (await change(visit, isCancel ? "cancel" : "no-show", done, board, body)) onClose();
  };
  const terms = isCancel
    ? `Within ${visit.policy.window_hours} hours of the visit the client owes ${percent} % (about ${money(fee)}).`
    : `A missed visit costs the client ${percent} % (about ${money(fee)}).`;
  return html`<${Dialog} title=${isCancel ? "Cancel this visit" : "The client did not come"} onClose=${onClose}>
    <form onSubmit=${send}>
      <${Field} label="Reason">${(p) => html`<input data-first value=${reason} maxlength="500" onInput=${(e) => setReason(e.target.value)} ...${p} />`}<//>
      <label class="check"><input type="checkbox" checked=${because === "illness"} onChange=${(e) => setBecause(e.target.checked ? "illness" : "other")} /> The client is ill${visit.policy.illness_exempt ? " (no fee)" : ""}</label>
      ${may("book", visit.location_id) && html`<label class="check"><input type="checkbox" checked=${isWaived} onChange=${(e) => setWaived(e.target.checked)} /> Waive the fee (say why)</label>`}
      <p class="soft">${terms}</p>
      <div class="buttons"><${Action} className="danger" onClick=${send}>${isCancel ? "Cancel the visit" : "Mark as no-show"}<//>
        <button type="button" onClick=${onClose}>Keep it</button></div>
      <button class="unseen" tabindex="-1" aria-hidden="true">Send</button>
    </form><//>`;
}
