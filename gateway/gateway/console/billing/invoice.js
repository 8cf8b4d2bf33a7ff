// One invoice: what it is for, who pays it and why, what was paid, and what can be done about it.
import { get, post } from "../core/api.js";
import { may } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { useKeys } from "../core/keys.js";
import { minorOf, money } from "../core/money.js";
import { useOnce } from "../core/once.js";
import { Link } from "../core/router.js";
import { say } from "../core/say.js";
import { longDay } from "../core/time.js";
import { Failure, Field, Loading, useAsked } from "../core/ui.js";
import { Papers } from "./papers.js";
import { ConfirmDialog, Panel, ReasonDialog, Tag } from "./parts.js";
import { PaymentDialog } from "./pay.js";
import { Lines, Split, Whereabouts } from "./split.js";
import { claimState, invoiceState, METHODS, PAYMENTS } from "./words.js";

export function useInvoice(id) {
  return useAsked(async (signal) => {
    const [invoice, paid, claims] = await Promise.all([
      get(`/invoices/${id}`, {}, { signal }),
      get(`/invoices/${id}/payments`, {}, { signal }),
      get("/claims", { invoice_id: id, limit: 50 }, { signal }),
    ]);
    return { invoice, payments: paid.items, refunds: paid.refunds, claims: claims.items };
  }, [id]);
}

// `asked` is what useInvoice gave; `doing` {dialog, open(name)}, so that a key opens one too.
export function InvoicePanel({ asked, doing, onClose, onChanged, onClaim }) {
  if (!asked.data) {
    return html`<${Panel} title="Invoice" label="Invoice" onClose=${onClose}>
      ${asked.isLoading ? html`<${Loading} />` : html`<${Failure} problem=${asked.problem} onRetry=${asked.reload} />`}<//>`;
  }
  const { invoice, payments, refunds, claims } = asked.data;
  const canBill = may("bill", invoice.location_id);
  const isOwed = invoice.status === "open" && invoice.balance.amount_minor > 0;
  return html`<${Panel} title=${html`Invoice ${invoice.number}`} label="Invoice" onClose=${onClose}>
    <p><bdi>${invoice.parties.client_name}</bdi>, ${longDay(invoice.service_date)}<br /><span class="soft">${invoice.parties.practitioner_name}, ${invoice.parties.location_name}</span></p>
    <p><${Tag} state=${invoiceState(invoice)} /> ${isOwed && html`<b>${money(invoice.balance)} owed</b>`} ${invoice.void_reason && html`<span dir="auto">${invoice.void_reason}</span>`}</p>
    <div class="buttons">
      ${canBill && isOwed && html`<button type="button" class="main" onClick=${() => doing.open("pay")}>Take payment <kbd>p</kbd></button>`}
      ${canBill && invoice.status !== "void" && invoice.kind === "visit" && html`<button type="button" onClick=${() => doing.open("rebill")}>Bill payers again …</button>`}
      ${canBill && invoice.status !== "void" && html`<button type="button" onClick=${() => doing.open("void")}>Call off …</button>`}
    </div>
    <p><${Papers} path=${`/invoices/${invoice.id}`} name="Invoice" hasPdf=${false} /> · <${Link} to="client" query=${{ location: invoice.location_id, client: invoice.client_id }}>Client card<//> · <a href=${`/v1/clients/${invoice.client_id}/statement.html`} target="_blank" rel="noopener">Statement<span class="unseen"> (opens a tab)</span></a></p>
    <${Lines} invoice=${invoice} />
    <${Split} invoice=${invoice} />
    <${Whereabouts} invoice=${invoice} claims=${claims} />
    <${Money} payments=${payments} refunds=${refunds} canBill=${canBill && invoice.kind !== "sale"} doing=${doing} />
    ${claims.length > 0 && html`<section><h3>Claims</h3><ul class="plain">${claims.map((claim) => html`<li key=${claim.id}><button type="button" class="link" onClick=${() => onClaim(claim.id)}><bdi>${claim.carrier}</bdi>, ${money(claim.amount)}</button> <${Tag} state=${claimState(claim.state)} /></li>`)}</ul></section>`}
    <${Dialogs} invoice=${invoice} payments=${payments} doing=${doing} onChanged=${onChanged} /><//>`;
}

function Money({ payments, refunds, canBill, doing }) {
  if (!payments.length) return null;
  const left = (payment) => payment.amount.amount_minor - payment.refunded.amount_minor - payment.refunding.amount_minor;
  return html`<section><h3>Payments and receipts</h3><ul class="plain">${payments.map((payment) => html`<li key=${payment.id} class="payment">
      <b>${money(payment.amount)}</b> ${METHODS[payment.method]} <${Tag} state=${PAYMENTS[payment.status] ?? PAYMENTS.processing} />
      ${payment.reason && html` <span>${payment.reason.replaceAll("_", " ")}</span>`}
      ${payment.receipt_id && html`<br /><${Papers} path=${`/receipts/${payment.receipt_id}`} name="Receipt" />`}
      ${canBill && payment.status === "succeeded" && html`<span class="buttons">
        ${left(payment) > 0 && html`<button type="button" onClick=${() => doing.open(`refund:${payment.id}`)}>Refund …</button>`}
        <button type="button" onClick=${() => doing.open(`correct:${payment.id}`)}>Correct the receipt …</button></span>`}</li>`)}
    ${refunds.map((refund) => html`<li key=${refund.id}><b>${money(refund.amount)}</b> given back (${METHODS[refund.method] ?? refund.method}) <${Tag} state=${PAYMENTS[refund.status] ?? PAYMENTS.processing} /> <span dir="auto">${refund.reason}</span>
      ${refund.receipt_id && html`<br /><${Papers} path=${`/receipts/${refund.receipt_id}`} name="Refund receipt" />`}</li>`)}</ul></section>`;
}

function Dialogs({ invoice, payments, doing, onChanged }) {
  const [name, id] = (doing.dialog ?? "").split(":");
  const payment = payments.find((each) => each.id === id);
  const keyFor = useOnce();
  const close = () => doing.open(null);
  const send = (path, body, told) => async (reason) => {
    const whole = { ...body, reason };
    await post(path, whole, { key: keyFor([path, whole]) });
    say(told);
    onChanged();
  };
  if (name === "pay") return html`<${PaymentDialog} invoice=${invoice} onClose=${close} onPaid=${onChanged} />`;
  if (name === "void") {
    return html`<${ReasonDialog} title=${`Call off ${invoice.number}`} act="Call it off" onClose=${close} run=${send(`/invoices/${invoice.id}/void`, {}, `${invoice.number} is called off.`)}>
      <p>Nobody owes anything of it any more. It is possible while nothing was paid or claimed.</p><//>`;
  }
  if (name === "rebill") return html`<${Rebill} invoice=${invoice} onClose=${close} onChanged=${onChanged} />`;
  if (name === "refund" && payment) return html`<${Refund} payment=${payment} onClose=${close} send=${send} />`;
  if (name === "correct" && payment) {
    return html`<${ReasonDialog} title="Correct the receipt" act="Reverse it and issue another" onClose=${close}
      run=${send(`/receipts/${payment.receipt_id}/corrections`, {}, "The receipt is reversed, and another stands for it.")}>
      <p>The receipt is reversed by one, and another is issued with the names as they are now. The money stays as it is.</p><//>`;
  }
  return null;
}

function Refund({ payment, onClose, send }) {
  const left = payment.amount.amount_minor - payment.refunded.amount_minor - payment.refunding.amount_minor;
  const [text, setText] = useState(`${Math.floor(left / 100)}.${String(left % 100).padStart(2, "0")}`);
  const minor = minorOf(text);
  const give = (reason) => {
    if (!minor) throw Object.assign(new Error("Give an amount such as 45 or 45.50."), { errors: {} });
    return send(`/payments/${payment.id}/refunds`, { amount: { ...payment.amount, amount_minor: minor } }, "The refund is given.")(reason);
  };
  return html`<${ReasonDialog} title="Give money back" act="Refund" onClose=${onClose} run=${give}>
    <p>Of ${money(payment.amount)} paid (${METHODS[payment.method]}), ${money({ ...payment.amount, amount_minor: left })} can be given back, the way it came. The client owes it again.</p>
    <${Field} label="Amount">${(p) => html`<input inputmode="decimal" value=${text} onInput=${(e) => setText(e.target.value)} ...${p} />`}<//><//>`;
}

function Rebill({ invoice, onClose, onChanged }) {
  const keyFor = useOnce();
  const run = async () => {
    await post(`/invoices/${invoice.id}/rebill`, {}, { key: keyFor(["rebill", invoice.id, invoice.version]) });
    say(`${invoice.number} is divided again.`);
    onChanged();
  };
  return html`<${ConfirmDialog} title="Bill payers again" act="Divide it again" onClose=${onClose} run=${run}>
    <p>The fee is divided again by what is known now, such as a claim that was accepted after the visit. What the client has paid of it is refunded first, and a claim that would change is called off first.</p><//>`;
}

export function useInvoiceKeys(invoice, doing) {
  const canPay = invoice && may("bill", invoice.location_id) && invoice.status === "open";
  useKeys({ p: { does: "Take a payment", run: () => canPay && doing.open("pay") } });
}
