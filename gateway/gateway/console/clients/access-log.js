// Who looked at a client's record, for those who answer for it; asked for when it is opened.
import { get } from "../core/api.js";
import { may } from "../core/clinic.js";
import { html, useRef, useState } from "../core/html.js";
import { learnClocks } from "../core/time.js";
import { Action, Failure, Loading, useAsked } from "../core/ui.js";
import { Table } from "./part.js";
import { dayText, wallOf } from "./when.js";
import { VIEWED } from "./words.js";

const FIRST = 20;
const MOST = 200;

export function AccessLog(props) {
  const [isOpen, setOpen] = useState(false);
  if (!may("read_access_log")) return null;
  return html`<details class="box part" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary><h2>Access log</h2></summary>${isOpen && html`<${Log} ...${props} />`}</details>`;
}

function Log({ client, zone, today }) {
  const limit = useRef(FIRST);
  const ask = async (signal) => {
    const path = `/clients/${client}/access-log`;
    const [page] = await Promise.all([get(path, { limit: limit.current }, { signal }), learnClocks([zone])]);
    return page;
  };
  const { data, problem, isLoading, reload } = useAsked(ask, [client]);
  const more = () => {
    limit.current = MOST;
    return reload();
  };
  if (isLoading) return html`<${Loading} lines=${3} />`;
  if (!data) return html`<${Failure} problem=${problem} onRetry=${() => reload({ quietly: false })} />`;
  if (!data.items.length) return html`<p class="soft">Nobody has looked yet.</p>`;
  return html`<${Table} label="Access log" heads=${["When", "Who", "What"]}>${data.items.map((look) => {
    const { day, time } = wallOf(look.at, zone);
    return html`<tr key=${look.id}><td class="day">${dayText(day, today)}, ${time}</td><td dir="auto">${look.actor_name ?? look.actor}</td>
      <td>${VIEWED[look.what] ?? look.what}</td></tr>`;
  })}<//>
    ${data.next && (limit.current < MOST ? html`<${Action} className="quiet" onClick=${more}>Show older<//>` : html`<p class="soft">These are the latest ${MOST}.</p>`)}`;
}
