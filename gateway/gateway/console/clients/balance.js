// What a client owes, and how it came about in the last months.
import { get } from "../core/api.js";
import { html } from "../core/html.js";
import { money } from "../core/money.js";
import { Link } from "../core/router.js";
import { addDays } from "../core/time.js";
import { useAsked } from "../core/ui.js";
import { Part, Table, useNews } from "./part.js";
import { dayText } from "./when.js";
import { STATEMENT } from "./words.js";

const SHOWN_DAYS = 180;

export function Balance({ client, place, today }) {
  const since = addDays(today, -SHOWN_DAYS);
  const asked = useAsked((signal) => get(`/clients/${client}/statement`, { since }, { signal }), [client, since]);
  useNews(client, ["billing"], asked.reload);
  const action = html`<${Link} class="act" to="billing" query=${{ location: place, client }}>Invoices<//>
    <a class="act" href=${`/v1/clients/${client}/statement.html`} target="_blank" rel="noopener">Statement to print</a>`;
  return html`<${Part} title="Balance" asked=${asked} action=${action}>${(statement) => html`
    <p class="standing">${owed(statement.balance)}</p>
    ${statement.lines.length ? html`<${Lines} statement=${statement} today=${today} />` : html`<p class="soft">Nothing was charged or paid in the last six months.</p>`}`}<//>`;
}

function owed(balance) {
  if (!balance.amount_minor) return "Nothing is owed.";
  if (balance.amount_minor > 0) return html`<b>${money(balance)}</b> owed by the client`;
  return html`<b>${money({ ...balance, amount_minor: -balance.amount_minor })}</b> in the client’s favour`;
}

function Lines({ statement, today }) {
  return html`<${Table} label="Statement" heads=${["Day", "What", "Amount", "Balance"]} amounts=${["Amount", "Balance"]}>
    ${statement.opening.amount_minor !== 0 && html`<tr><td class="day">${dayText(statement.since, today)}</td><td>Brought forward</td><td></td><td class="sum">${money(statement.opening)}</td></tr>`}
    ${statement.lines.map((line, at) => html`<tr key=${at}><td class="day">${dayText(line.day, today)}</td>
      <td>${STATEMENT[line.what] ?? line.what} <span class="soft">${line.invoice_number}</span></td>
      <td class="sum">${money(line.amount)}</td><td class="sum">${money(line.balance)}</td></tr>`)}<//>`;
}
