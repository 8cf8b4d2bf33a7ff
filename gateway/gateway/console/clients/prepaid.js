// Gift cards, packages and deposits; who has none is not told so.
import { get } from "../core/api.js";
import { treatmentOf } from "../core/clinic.js";
import { html } from "../core/html.js";
import { money } from "../core/money.js";
import { useAsked } from "../core/ui.js";
import { Part, Tag, useNews } from "./part.js";
import { dayText } from "./when.js";
import { PREPAID, PREPAID_STATES } from "./words.js";

export function Prepaid({ client, today }) {
  const asked = useAsked((signal) => get("/prepaid", { client_id: client, limit: 200 }, { signal }), [client]);
  useNews(client, ["billing"], asked.reload);
  if (!asked.problem && !asked.data?.items.length) return null;
  return html`<${Part} title="Paid in advance" asked=${asked}>${({ items }) => html`
    <ul class="entries">${items.map((each) => html`<li key=${each.id}>
      <span class="what">${PREPAID[each.kind] ?? each.kind} <span class="soft" dir="auto">${about(each, today)}</span></span>
      <b>${each.units ? `${each.units_left} of ${each.units} visits left` : `${money(each.balance)} left`}</b>
      <${Tag} of=${PREPAID_STATES[each.status]} code=${each.status} /></li>`)}</ul>`}<//>`;
}

const about = ({ treatment_id, expires_on }, today) =>
  [treatmentOf(treatment_id)?.name, expires_on && `until ${dayText(expires_on, today)}`].filter(Boolean).join(" · ");
