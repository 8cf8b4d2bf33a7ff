// Unpaid: invoices of which the client still owes something.
import { html } from "../core/html.js";
import { money } from "../core/money.js";
import { Listed, Rows, Tag, usePages } from "./parts.js";
import { invoiceState, listDay } from "./words.js";

export const useUnpaid = (place, client) => usePages("/invoices", { status: "open", location_id: client ? undefined : place, client_id: client });

const COLUMNS = [
  { title: "Client", of: (invoice) => html`<bdi>${invoice.parties.client_name}</bdi>` },
  { title: "Owes", className: "number", of: (invoice) => html`<b>${money(invoice.balance)}</b>` },
  { title: "Of", className: "number", of: (invoice) => money(invoice.total) },
  { title: "Visit", of: (invoice) => html`<span class="nowrap">${listDay(invoice.service_date)}</span>` },
  { title: "Invoice", of: (invoice) => html`<span class="nowrap">${invoice.number}</span> ${invoice.status === "open" ? "" : html`<${Tag} state=${invoiceState(invoice)} />`}` },
  { title: "For", of: (invoice) => invoice.lines[0]?.description ?? "" },
];

export function Unpaid({ list, open, onOpen, onSelect }) {
  return html`<${Listed} list=${list} empty="Nobody owes anything here. What clients owe stands here as visits are completed.">
    <${Rows} rows=${list.items ?? []} columns=${COLUMNS} open=${open} onOpen=${onOpen} onSelect=${onSelect} label="Unpaid invoices" /><//>`;
}
