// Who pays what of an invoice, and why: every step with its rule, adding up to the cent.
import { html } from "../core/html.js";
import { money } from "../core/money.js";
import { CODES, MOVES } from "./words.js";

const nobody = ({ coverage_id }) => coverage_id === null;
const minus = (amount) => ({ ...amount, amount_minor: -amount.amount_minor });

export function Lines({ invoice }) {
  return html`<section><h3>What it is for</h3><table class="sums"><tbody>
    ${invoice.lines.map((line, n) => html`<tr key=${n}><th scope="row">${line.description}${line.quantity > 1 ? `, ${line.quantity} at ${money(line.unit_price)}` : ""}</th><td>${money(line.amount)}</td></tr>`)}
    ${invoice.taxes.map((tax) => html`<tr key=${tax.name}><th scope="row">${tax.name} ${tax.rate_bp / 100} % of ${money(tax.base)} <span class="soft">${tax.rule}</span></th><td>${money(tax.amount)}</td></tr>`)}
    <tr class="sum"><th scope="row">Total</th><td>${money(invoice.total)}</td></tr></tbody></table></section>`;
}

export function Split({ invoice }) {
  const sum = invoice.split.reduce((all, part) => all + part.amount.amount_minor, 0);
  return html`<section class="split-told"><h3>Who pays, and why</h3>
    ${invoice.split.map((part, n) => html`<${Part} part=${part} key=${n} />`)}
    <table class="sums"><tbody><tr class="sum"><th scope="row">${invoice.split.map((part) => money(part.amount)).join(" + ")}</th>
      <td data-sum="split">${money({ ...invoice.total, amount_minor: sum })}</td></tr></tbody></table></section>`;
}

function Part({ part }) {
  const who = nobody(part) ? "The client" : part.payer;
  return html`<details open=${part.amount.amount_minor > 0 || part.code !== null}><summary><bdi>${who}</bdi> ${nobody(part) ? "owes" : "is asked for"} <b>${money(part.amount)}</b>
      ${part.code && html` <span class="tag warn"><span aria-hidden="true">!</span> ${CODES[part.code] ?? part.code}</span>`}</summary>
    <ol class="steps">${part.explanation.map((step, n) => html`<li key=${n}><span>${step.text} <span class="soft">${step.rule}, ${step.version}</span></span><span class="amount">${money(step.amount)}</span></li>`)}</ol></details>`;
}

// What decisions made of the split, and where every cent of the total is.
export function Whereabouts({ invoice, claims }) {
  const of = (minor) => ({ ...invoice.total, amount_minor: minor });
  const outstanding = claims.reduce((all, claim) => all + (claim.outstanding ?? claim.amount).amount_minor, 0);
  const parts = [
    ["Paid by the client", invoice.paid],
    ["Owed by the client", invoice.balance],
    ["Paid by payers", invoice.payer_paid],
    ["Outstanding with payers", of(outstanding)],
    ["Written off", invoice.written_off],
    ...(invoice.status === "void" ? [["Called off", invoice.total]] : []),
  ].filter(([, amount]) => amount.amount_minor);
  const sum = parts.reduce((all, [, amount]) => all + amount.amount_minor, 0);
  return html`<section><h3>Where every cent is</h3>
    ${invoice.adjustments.length > 0 && html`<ol class="steps">${invoice.adjustments.map((each, n) => html`<li key=${n}><span>${MOVES[each.kind] ?? each.kind}: ${each.text}</span><span class="amount">${money(each.amount)}</span></li>`)}</ol>`}
    <table class="sums"><tbody>${parts.map(([label, amount]) => html`<tr key=${label}><th scope="row">${label}</th><td>${money(amount)}</td></tr>`)}
      <tr class="sum"><th scope="row">Together, of ${money(invoice.total)}</th><td data-sum="whereabouts">${money(of(sum))}</td></tr></tbody></table>
    ${sum !== invoice.total.amount_minor && html`<p class="wrong">Not explained: ${money(minus(of(sum - invoice.total.amount_minor)))}. Tell whoever runs the books.</p>`}</section>`;
}
