// The reports there are: how each may be grouped, what its columns are, and what it comes to.
import { money } from "../core/money.js";
import { adjusted } from "./reasons.js";

const AGES = [["days_0_30_minor", "0 to 30 days", "money"], ["days_31_60_minor", "31 to 60", "money"], ["days_61_90_minor", "61 to 90", "money"], ["over_90_minor", "over 90", "money"]];

// `columns(by)`: [field, title, how it is shown]; `isOfOne`: of one location at a time.
export const REPORTS = {
  revenue: {
    title: "Revenue",
    action: "bill",
    by: ["day", "location", "practitioner", "treatment", "payer"],
    nothing: "There was no revenue in this period.",
    note: "Before taxes.",
    columns: (by) => [["name", by[0].toUpperCase() + by.slice(1)], ["amount_minor", "Revenue", "money"]],
  },
  utilisation: {
    title: "Utilisation",
    action: "read",
    by: ["practitioner", "room", "location"],
    isOfOne: true,
    days: 7,
    most: 31,
    nothing: "Nobody works here in this period.",
    columns: (by) => [["name", by[0].toUpperCase() + by.slice(1)], ["visits", "Visits", "number"], ["booked_minutes", "Booked", "hours"], ["available_minutes", "Could be booked", "hours"], ["percent", "Booked of it", "percent"]],
  },
  "aged-receivables": {
    title: "Aged receivables",
    action: "bill",
    by: ["payer", "client"],
    isAsOf: true,
    nothing: "Nothing was owed on this day.",
    nameOf: (row, nameOf) => (row.id.startsWith("cli_") ? nameOf(row.id) : row.id === "client" ? "Clients, together" : row.id),
    columns: () => [["name", "Who owes"], ...AGES, ["total_minor", "Together", "money"]],
  },
  "claim-turnaround": {
    title: "Claim turnaround",
    action: "bill",
    nothing: "There were no claims for visits of this period.",
    note: "Days from the first submission; so many or fewer for half, or nine tenths, of the claims.",
    columns: () => [["name", "Payer"], ["claims", "Claims", "number"], ["decided", "Decided", "number"], ["paid", "Paid", "number"], ["denied", "Denied", "number"], ["median_days_to_decision", "To decision, half", "number"], ["p90_days_to_decision", "nine tenths", "number"], ["median_days_to_payment", "To payment, half", "number"], ["p90_days_to_payment", "nine tenths", "number"]],
  },
  "denial-reasons": {
    title: "Reasons for denials",
    action: "bill",
    nothing: "No claim for a visit of this period was denied.",
    nameOf: (row) => `${row.id || "(none given)"}${row.id.includes("-") ? `: ${adjusted({ group: row.id.split("-")[0], reason: row.id.split("-")[1] })}` : ""}`,
    columns: () => [["name", "Reason"], ["payer", "Payer"], ["denials", "Denials", "number"], ["amount_minor", "Amount", "money"]],
  },
  "practitioner-pay": {
    title: "Practitioner pay",
    action: "manage",
    nothing: "Nothing was earned in this period.",
    nameOf: (row) => row.practitioner_name || row.practitioner_id,
    columns: () => [["name", "Practitioner"], ["location_name", "Location"], ["treatment_name", "Treatment"], ["visits", "Visits", "number"], ["revenue_minor", "Revenue", "money"], ["rate_bp", "Share", "rate"], ["rate_minor", "A visit", "money"], ["pay_minor", "Pay", "money"]],
  },
  "tax-return": {
    title: "Tax return",
    action: "bill",
    nothing: "There were no supplies in this period.",
    nameOf: (row) => row.location_name || row.location_id,
    columns: () => [["name", "Location"], ["tax", "Tax"], ["tax_number", "Number"], ["supplies_minor", "Supplies", "money"], ["collected_minor", "Collected", "money"], ["reversed_minor", "Reversed", "money"], ["net_minor", "To remit", "money"]],
  },
  "day-close": {
    title: "Day close",
    action: "bill",
    nothing: "Nothing was taken in this period.",
    nameOf: (row) => row.day,
    columns: () => [["name", "Day"], ["location_name", "Location"], ["method", "Paid by"], ["status", "State"], ["expected_minor", "Expected", "money"], ["counted_minor", "Counted", "money"], ["difference_minor", "Difference", "money"], ["off_minor", "Off the ledger", "money"]],
  },
};

// A sentence on what a report comes to, and whether the ledger says the same.
export function headlineOf(name, data) {
  if (name === "revenue") return `${money(data.total)} in all, from ${data.from} to ${data.to}.`;
  if (name === "utilisation") return utilised(data.items);
  if (name === "aged-receivables") return `${money(data.total)} is owed as of ${data.as_of}${agrees(data)}.`;
  if (name === "tax-return") return `${money(data.total)} of taxes to remit, from ${data.from} to ${data.to}${agrees(data)}.`;
  if (name === "practitioner-pay") return `${money(data.total)} of pay on revenue of ${money(data.revenue)}${data.unrated.amount_minor ? `; ${money(data.unrated)} of it has no rate` : ""}.`;
  if (name === "day-close") return `${money(data.total)}; ${data.reconciled ? "what was counted and the ledger agree" : "what was counted and the ledger differ"}.`;
  if (name === "denial-reasons") return `${data.items.reduce((sum, row) => sum + row.denials, 0)} denials, the most frequent first.`;
  return `${data.items.reduce((sum, row) => sum + row.claims, 0)} claims, from ${data.from} to ${data.to}.`;
}

const agrees = ({ total, ledger }) => (total.amount_minor === ledger.amount_minor ? ", as the ledger has it" : `; the ledger has ${money(ledger)}`);

function utilised(rows) {
  const [booked, available] = ["booked_minutes", "available_minutes"].map((field) => rows.reduce((sum, row) => sum + row[field], 0));
  return available ? `${Math.round((booked * 100) / available)} % of the time that could be booked is booked.` : "No time could be booked.";
}
