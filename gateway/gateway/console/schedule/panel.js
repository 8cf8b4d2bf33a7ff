// The side panel: one visit, what can be done with it, and what was done.
import { PaymentDialog } from "../billing/pay.js";
import { clientNames, may, nameOf, practitionerOf, treatmentOf } from "../core/clinic.js";
import { html } from "../core/html.js";
import { money } from "../core/money.js";
import { Link } from "../core/router.js";
import { useStore } from "../core/store.js";
import { longDay, timeOf } from "../core/time.js";
import { Action } from "../core/ui.js";
import { CancelDialog } from "./cancelling.js";
import { change } from "./changing.js";
import { History } from "./history.js";
import * as can from "./status.js";
import { statusOf } from "./status.js";

// `doing` is {dialog, open(name)}: the schedule's keys open the panel's dialogs too.
export function Panel({ visit, roomName, warnings, board, doing, onClose, onRebook }) {
  useStore(clientNames); // the name may come after the visit
  const isMine = may("book", visit.location_id);
  const { word, sign, kind } = statusOf(visit);
  const act = (name, done) => async () => change(visit, name, done, board);
  return html`<aside class="panel box" aria-label="Visit">
    <div class="bar"><h2 dir="auto">${nameOf(visit.client_id)}</h2>
      <button type="button" class="quiet icon push" aria-label="Close the visit" onClick=${onClose}>✕</button></div>
    <p><span class=${`tag ${kind}`}><span aria-hidden="true">${sign}</span> ${word}</span>
      ${visit.overlaps.length > 0 && html` <span class="tag warn">⧉ Double-booked</span>`}
      ${visit.series_id && html` <span class="tag">↻ Series</span>`}</p>
    ${warnings.map((each) => html`<p class="notice warn" key=${each.reason}>${each.detail}</p>`)}
    <dl class="facts">
      <dt>When</dt><dd>${longDay(visit.local_start.slice(0, 10))}<br />${timeOf(visit.start)} to ${timeOf(visit.end)}
        ${visit.turnover > 0 && html` <span class="soft">+ ${visit.turnover} min turnover</span>`}</dd>
      <dt>Treatment</dt><dd>${treatmentOf(visit.treatment_id)?.name}, ${money(visit.price)}</dd>
      <dt>With</dt><dd>${practitionerOf(visit.practitioner_id)?.name}</dd>
      <dt>Room</dt><dd>${roomName(visit)}</dd>
      ${visit.reason && html`<dt>Reason</dt><dd dir="auto">${visit.reason}</dd>`}
      ${visit.override && html`<dt>Double-booked</dt><dd dir="auto">${visit.override.reason}</dd>`}
      ${visit.fee && html`<dt>Fee</dt><dd>${money(visit.fee)}</dd>`}
      ${visit.deposit && html`<dt>Deposit</dt><dd>${money(visit.deposit)}</dd>`}
    </dl>
    <p><${Link} to="client" query=${{ location: visit.location_id, client: visit.client_id }}>Client card<//></p>
    ${isMine && html`<div class="buttons">
      ${can.canArrive(visit) && html`<${Action} className="main" onClick=${act("arrive", "has arrived")}>Arrive <kbd>a</kbd><//>`}
      ${can.canFulfil(visit) && html`<${Action} className=${visit.status === "arrived" ? "main" : ""} onClick=${act("fulfil", "is completed")}>Complete <kbd>f</kbd><//>`}
      ${can.canUnarrive(visit) && html`<${Action} onClick=${act("unarrive", "has not arrived after all")}>Not here yet<//>`}
      ${can.canPay(visit) && may("bill", visit.location_id) && html`<button type="button" class="main" onClick=${() => doing.open("pay")}>Take payment … <kbd>p</kbd></button>`}
      ${can.canMove(visit) && html`<button type="button" onClick=${() => doing.open("move")}>Move …</button>`}
      ${can.canCancel(visit) && html`<button type="button" onClick=${() => doing.open("cancel")}>Cancel … <kbd>x</kbd></button>`}
      ${can.canMiss(visit) && html`<button type="button" onClick=${() => doing.open("no-show")}>No-show …</button>`}
      <button type="button" onClick=${onRebook}>Rebook <kbd>r</kbd></button>
    </div>`}
    <${History} visit=${visit} roomName=${roomName} />
    ${doing.dialog === "pay" && html`<${PaymentDialog} appointmentId=${visit.id} onClose=${() => doing.open(null)} />`}
    ${(doing.dialog === "cancel" || doing.dialog === "no-show") &&
    html`<${CancelDialog} visit=${visit} kind=${doing.dialog} board=${board} onClose=${() => doing.open(null)} />`}
  </aside>`;
}
