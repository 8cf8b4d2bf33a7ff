// Taking a payment: method, amount, Enter. Whoever shows it gives the invoice, its id, or the visit
// it is of; it is the same dialog at the desk and beside a visit.
import { get, post } from "../core/api.js";
import { html, useEffect, useRef, useState } from "../core/html.js";
import { minorOf, money } from "../core/money.js";
import { useOnce } from "../core/once.js";
import { say } from "../core/say.js";
import { Dialog, errorOf, Failure, Field, useAsked } from "../core/ui.js";
import { Papers } from "./papers.js";
import { METHODS } from "./words.js";

const TRIES = 20;
const PAUSE_MS = 250;

// `onPaid(payment)` as soon as the money is ours, `onClose()` once the receipt was seen to.
// `invoice` where it is known already, else `invoiceId`, or the `appointmentId` of the visit.
export function PaymentDialog({ invoice, invoiceId, appointmentId, onClose, onPaid }) {
  const [paid, setPaid] = useState(null);
  const busy = useRef(false);
  const close = () => busy.current || onClose();
  const done = (payment) => {
    setPaid(payment);
    onPaid?.(payment);
  };
  return html`<${Dialog} title="Take a payment" onClose=${close} className="paying">
    ${paid
      ? html`<${Paid} payment=${paid} onClose=${onClose} />`
      : html`<${Payment} invoice=${invoice} invoiceId=${invoiceId} appointmentId=${appointmentId} busy=${busy} onPaid=${done} />`}
  <//>`;
}

// The form alone. What is owed is shown before anything can be paid.
export function Payment({ invoice, invoiceId, appointmentId, busy, onPaid }) {
  const [owed, setOwed] = useState(invoice ?? null);
  const found = useAsked(async (signal) => {
    const one = invoice ?? (invoiceId ? await get(`/invoices/${invoiceId}`, {}, { signal }) : await ofVisit(appointmentId, signal));
    setOwed(one);
    return { prepaid: one ? await usable(one, signal) : [] };
  }, [invoice?.id, invoiceId, appointmentId]);
  if (found.problem && !owed) return html`<${Failure} problem=${found.problem} onRetry=${found.reload} />`;
  if (!owed && !found.isLoading) return html`<p>This visit has no invoice yet. It is made once the visit is completed.</p>`;
  return html`<${Form} invoice=${owed} prepaid=${found.data?.prepaid ?? []} busy=${busy} onPaid=${onPaid} />`;
}

function Form({ invoice, prepaid, busy, onPaid }) {
  const [form, setForm] = useState({ method: "cash", amount: null, card: "", card_id: "" });
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const attempt = useRef(0);
  const field = useRef(null);
  const keyFor = useOnce();
  const set = (part) => setForm((old) => ({ ...old, ...part }));
  const free = invoice ? { ...invoice.balance, amount_minor: invoice.balance.amount_minor - invoice.reserved.amount_minor } : null;
  const amount = form.amount ?? (free ? plain(free.amount_minor) : "");
  useEffect(() => field.current?.select(), [invoice?.id]);

  const submit = async (event) => {
    event.preventDefault();
    if (busy.current || !invoice) return;
    const { body, wrong } = bodyOf(form, amount, invoice);
    setProblem(wrong);
    if (wrong) return;
    busy.current = true;
    setBusy(true);
    try {
      const payment = await post(`/invoices/${invoice.id}/payments`, body, { key: keyFor({ ...body, attempt: attempt.current }) });
      say(`${money(payment.amount)} paid (${METHODS[payment.method]}).`);
      busy.current = false;
      onPaid(payment);
    } catch (refused) {
      // A refusal ends the wish: the next press is another. What was not answered is the same one.
      if (refused.status >= 400 && refused.status < 500 && refused.code !== "request_in_flight") attempt.current += 1;
      busy.current = false;
      setProblem(refused);
      setBusy(false);
    }
  };
  const isWhole = form.method === "package";
  const isOwed = free === null || free.amount_minor > 0;
  return html`<form onSubmit=${submit}>
    <p class="owed">${invoice ? html`<span dir="auto">${invoice.parties.client_name}</span> owes <b>${money(invoice.balance)}</b> of invoice ${invoice.number}` : "Looking up what is owed …"}</p>
    ${!isOwed && html`<p class="notice">${invoice.balance.amount_minor > 0 ? "A card payment of all that is owed is under way." : "The client owes nothing of this invoice."}</p>`}
    <fieldset class="methods"><legend>Paid by</legend>
      ${choices(prepaid).map((each) => html`<label class="check" key=${each.value}><input type="radio" name="method" value=${each.value}
        checked=${form.method === each.method && form.card_id === each.id} onChange=${() => set({ method: each.method, card_id: each.id })} /> ${each.label}</label>`)}
    </fieldset>
    <div class="row">
      ${!isWhole && html`<${Field} label="Amount" error=${errorOf(problem, "amount")} hint=${form.amount === null ? undefined : "Part of it may be paid."}>
        ${(p) => html`<input ref=${field} data-first name="amount" inputmode="decimal" autocomplete="off" value=${amount} onInput=${(e) => set({ amount: e.target.value })} ...${p} />`}<//>`}
      ${form.method === "card" && html`<${Field} label="Card" error=${errorOf(problem, "card_token")} hint="The token that the card's reader gave">
        ${(p) => html`<input name="card" autocomplete="off" spellcheck=${false} maxlength="200" value=${form.card} onInput=${(e) => set({ card: e.target.value })} ...${p} />`}<//>`}
      ${form.method === "gift_card" && !form.card_id && html`<${Field} label="Gift card's number" error=${errorOf(problem, "prepaid_id")}>
        ${(p) => html`<input name="gift" autocomplete="off" spellcheck=${false} value=${form.card} onInput=${(e) => set({ card: e.target.value })} ...${p} />`}<//>`}
    </div>
    ${isWhole && html`<p class="hint">One visit is taken of the package.</p>`}
    <div role="alert">${problem && !isLocal(problem) && html`<p class="wrong">${told(problem)}</p>`}</div>
    <div class="buttons"><button class="main" aria-busy=${isBusy} aria-disabled=${isBusy || !invoice || !isOwed}>${isBusy ? "Paying …" : isWhole ? "Take a visit of it" : `Pay ${shown(amount, invoice)}`}</button></div>
  </form>`;
}

function Paid({ payment, onClose }) {
  const button = useRef(null);
  useEffect(() => button.current.focus(), []);
  return html`<p><span class="tag good"><span aria-hidden="true">✓</span> Paid</span> ${money(payment.amount)}, ${METHODS[payment.method]}</p>
    ${payment.receipt_id && html`<p><${Papers} path=${`/receipts/${payment.receipt_id}`} name="Receipt" /></p>`}
    <div class="buttons"><button type="button" class="main" ref=${button} onClick=${onClose}>Done</button></div>`;
}

// The open invoice of a visit, which follows the visit's completion by an event within a second.
async function ofVisit(appointmentId, signal) {
  for (let tried = 1; ; tried += 1) {
    const { items } = await get("/invoices", { appointment_id: appointmentId }, { signal });
    const found = items.find((each) => each.status === "open") ?? items[0];
    if (found || tried === TRIES || signal.aborted) return found ?? null;
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

// What the client paid in advance, as far as it could pay this: a sale is paid with money.
async function usable(invoice, signal) {
  if (invoice.kind === "sale") return [];
  const { items } = await get("/prepaid", { client_id: invoice.client_id, limit: 200 }, { signal });
  const treatments = new Set(invoice.lines.map((line) => line.treatment_id));
  const fits = (each) => each.kind !== "package" || (each.units_left > 0 && treatments.has(each.treatment_id));
  return items.filter((each) => each.status === "active" && fits(each) && (each.kind === "package" || each.balance.amount_minor > 0));
}

function choices(prepaid) {
  const own = prepaid.map((each) => ({
    value: each.id,
    id: each.id,
    method: each.kind,
    label: each.kind === "package" ? `Package, ${each.units_left} of ${each.units} visits left` : `${upper(METHODS[each.kind])}, ${money(each.balance)} left`,
  }));
  const always = ["cash", "card", "gift_card"].map((method) => ({ value: method, id: "", method, label: method === "gift_card" ? "Another gift card" : upper(METHODS[method]) }));
  return [...always.slice(0, 2), ...own, always[2]];
}

function bodyOf({ method, card, card_id }, text, invoice) {
  const minor = minorOf(text);
  if (method !== "package" && !minor) return { wrong: local("amount", "give an amount such as 45 or 45.50") };
  const amount = method === "package" ? {} : { amount: { amount_minor: minor, currency: invoice.balance.currency } };
  if (method === "card") return card.trim() ? { body: { method, ...amount, card_token: card.trim() } } : { wrong: local("card_token", "give the card's token") };
  if (method === "cash") return { body: { method, ...amount } };
  const which = card_id || card.trim();
  return which ? { body: { method, ...amount, prepaid_id: which } } : { wrong: local("prepaid_id", "give the gift card's number") };
}

const local = (field, text) => ({ errors: { [field]: [text] }, isLocal: true });
const isLocal = (problem) => problem.isLocal || Boolean(errorOf(problem, "amount") || errorOf(problem, "card_token") || errorOf(problem, "prepaid_id"));
const plain = (minor) => `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, "0")}`;
const upper = (text) => text[0].toUpperCase() + text.slice(1);

function shown(text, invoice) {
  const minor = minorOf(text);
  return minor && invoice ? money({ amount_minor: minor, currency: invoice.balance.currency }) : "";
}

function told(problem) {
  if (problem.status === 0 || problem.status >= 500) return `${problem.message} Whether it was paid is not known; Pay asks again and charges once.`;
  return problem.body?.reason ? `${problem.message} (${problem.body.reason.replaceAll("_", " ")})` : problem.message;
}
