// Each service: whether it answers, what it is, what waits in its queues and for how long.
import { html } from "../core/html.js";
import { ago, serviceName, utc } from "./words.js";

const BEHIND_SECONDS = 60;

export function Services({ found, awaySince }) {
  const { at } = found;
  const away = found.unavailable.map((service) => ({ service, isAway: true }));
  const rows = [...found.items, ...away].sort((one, other) => one.service.localeCompare(other.service));
  return html`<section class="box" aria-labelledby="services"><div class="bar"><h2 id="services">Services</h2>
      <span class="soft push">Seen ${utc(at)}</span></div>
    <div class="scroll" tabindex="0" role="group" aria-labelledby="services"><table>
      <thead><tr><th scope="col">Service</th><th scope="col">State</th><th scope="col">Version</th><th scope="col">Running for</th>
        <th scope="col" class="number">Queued</th><th scope="col" class="number">In hand</th><th scope="col" class="number">To retry</th>
        <th scope="col" class="number">Parked</th><th scope="col" class="number">Oldest event</th></tr></thead>
      <tbody>
        <${Gateway} found=${found} />
        ${rows.map((row) => html`<${Service} key=${row.service} row=${row} at=${at} since=${awaySince[row.service]} />`)}
      </tbody></table></div>
    <p class="hint">Queued counts messages of up to 50 events. Oldest event: of those being handled, or not published yet.</p></section>`;
}

function Gateway({ found }) {
  const { parts } = found;
  const lost = parts ? Object.entries(parts).filter(([, isThere]) => !isThere).map(([name]) => NEEDS[name] ?? name) : [];
  const well = parts && lost.length === 0;
  return html`<tr><th scope="row">Gateway</th>
    <td><${State} isWell=${well} words=${well ? "Answers" : parts ? `Without ${lost.join(" and ")}` : "Does not answer"} /></td>
    <td>${found.gateway_version}</td><td colspan="6" class="soft">Broker ${word(parts?.rabbitmq)}, database ${word(parts?.mongodb)}</td></tr>`;
}

const NEEDS = { rabbitmq: "broker", mongodb: "database" };
const word = (isThere) => (isThere === undefined ? "unknown" : isThere ? "connected" : "away");

function Service({ row, at, since }) {
  const name = html`<th scope="row">${serviceName(row.service)}</th>`;
  if (row.isAway) {
    return html`<tr data-service=${row.service}>${name}<td><${State} isWell=${false} words="Away" /></td>
      <td colspan="7" class="soft">Has not answered here since ${utc(since)} (${ago(since, at)})</td></tr>`;
  }
  const late = row.oldest_at && Date.parse(at) - Date.parse(row.oldest_at) > BEHIND_SECONDS * 1000;
  return html`<tr data-service=${row.service}>${name}<td><${State} isWell=${true} words="Answers" /></td>
    <td>${row.version || "unknown"}</td><td>${row.started_at ? ago(row.started_at, at) : "unknown"}</td>
    <${Count} of=${row.ready} isWarning=${late} /><${Count} of=${row.in_hand} /><${Count} of=${row.waiting} isWarning=${row.waiting > 0} />
    <${Count} of=${row.parked} isBad=${row.parked > 0} />
    <td class="number">${row.oldest_at ? html`<span class=${late ? "tag warn" : ""}>${ago(row.oldest_at, at)}</span>` : html`<span class="soft">none</span>`}</td></tr>`;
}

const State = ({ isWell, words }) =>
  html`<span class=${`tag ${isWell ? "good" : "bad"}`}><span aria-hidden="true">${isWell ? "✓" : "!"}</span> ${words}</span>`;

function Count({ of, isWarning, isBad }) {
  const kind = isBad ? "tag bad" : isWarning ? "tag warn" : of ? "" : "soft";
  return html`<td class="number"><span class=${kind}>${of}</span></td>`;
}
