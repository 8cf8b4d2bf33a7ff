// Health: what runs, what waits, what could not be handled, and what one request led to.
import { get } from "../core/api.js";
import { may } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { Link, route } from "../core/router.js";
import { useStore } from "../core/store.js";
import { Failure, Loading, useAsked } from "../core/ui.js";
import { Books } from "./books.js";
import { useEvery } from "./every.js";
import { Parked } from "./parked.js";
import { Services } from "./services.js";
import { Timeline } from "./timeline.js";

const EVERY_MS = 10_000;
// Since when this page has seen a service away: {service: instant}; kept from screen to screen.
let awaySince = {};

export function Health() {
  const { query } = useStore(route);
  const queues = useAsked(readQueues, []);
  const [retried, setRetried] = useState(0);
  useEvery(EVERY_MS, () => queues.reload());
  const { data, problem } = queues;
  return html`<div class="screen health"><header class="bar"><h1>Health</h1>
      ${data && html`<${Overall} found=${data} isOld=${problem !== null} />`}
      ${may("audit") && html`<${Link} to="audit" query=${{ location: query.location }} class="push">Audit trail<//>`}
      <button type="button" class=${may("audit") ? "" : "push"} onClick=${() => queues.reload()}>Look now</button></header>
    ${problem && (data
      ? html`<p class="notice bad" role="alert">What is shown may be old: ${problem.message}</p>`
      : html`<${Failure} problem=${problem} what="No service answers" onRetry=${() => queues.reload({ quietly: false })} />`)}
    ${!data && !problem && html`<${Loading} />`}
    ${data && html`<${Services} found=${data} awaySince=${awaySince} />`}
    <div class="columns"><${Parked} everyMs=${EVERY_MS} onRetried=${() => { setRetried(retried + 1); queues.reload(); }} /><${Books} /></div>
    <${Timeline} id=${query.trace ?? ""} everyMs=${EVERY_MS} retried=${retried} />
  </div>`;
}

// {items, unavailable, at, parts}: queues of the services, and what the gateway itself needs.
async function readQueues(signal) {
  const [found, parts] = await Promise.all([get("/operations/queues", {}, { signal }), readiness(signal)]);
  awaySince = Object.fromEntries(found.unavailable.map((service) => [service, awaySince[service] ?? found.at]));
  return { ...found, parts };
}

// The parts stand in the answer whether all are there or not; null when it does not answer.
async function readiness(signal) {
  try {
    const answer = await fetch("/readyz", { signal, cache: "no-store" });
    return await answer.json();
  } catch {
    return null;
  }
}

function Overall({ found, isOld }) {
  const away = found.unavailable.length + Object.values(found.parts ?? {}).filter((isThere) => !isThere).length;
  const parked = found.items.reduce((sum, each) => sum + each.parked, 0);
  const bad = [
    away > 0 && `${away} ${away === 1 ? "part is" : "parts are"} away`,
    parked > 0 && `${parked} ${parked === 1 ? "message is" : "messages are"} parked`,
  ].filter(Boolean);
  if (isOld) return null;
  if (!bad.length) return html`<span class="tag good"><span aria-hidden="true">✓</span> All well</span>`;
  return html`<span class="tag bad"><span aria-hidden="true">!</span> ${bad.join(", ")}</span>`;
}
