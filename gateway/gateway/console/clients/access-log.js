// Who looked at a client's record, for those who answer for it; asked for when it is opened.
import { get } from "../core/api.js";
import { may } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { learnClocks } from "../core/time.js";
import { Failure, Loading, useAsked } from "../core/ui.js";
import { Table } from "./part.js";
import { dayText, wallOf } from "./when.js";

export function AccessLog(props) {
  const [isOpen, setOpen] = useState(false);
  if (!may("manage") && !may("operate")) return null;
  return html`<details class="box part" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary><h2>Access log</h2></summary>${isOpen && html`<${Log} ...${props} />`}</details>`;
}

function Log({ client, zone, today }) {
  const { data, problem, isLoading, reload } = useAsked(
    async (signal) => {
      const [page] = await Promise.all([get(`/clients/${client}/access-log`, {}, { signal }), learnClocks([zone])]);
      return page;
    },
    [client],
  );
  if (isLoading) return html`<${Loading} lines=${3} />`;
  if (!data) return html`<${Failure} problem=${problem} onRetry=${() => reload({ quietly: false })} />`;
  if (!data.items.length) return html`<p class="soft">Nobody has looked yet.</p>`;
  return html`<${Table} label="Access log" heads=${["When", "Who", "What"]}>${data.items.map((entry, at) => {
    const when = wallOf(entry.at, zone);
    return html`<tr key=${at}><td class="day">${dayText(when.day, today)}, ${when.time}</td><td dir="auto">${entry.actor_name ?? entry.actor}</td><td>${entry.action}</td></tr>`;
  })}<//>`;
}
