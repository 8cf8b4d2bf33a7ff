// What could not be handled: why, and once its cause is mended, handed over once more.
import { get, newKey, post } from "../core/api.js";
import { html, useState } from "../core/html.js";
import { change } from "../core/router.js";
import { fail, say } from "../core/say.js";
import { Action, Empty, Failure, Loading, useAsked } from "../core/ui.js";
import { useEvery } from "./every.js";
import { eventName, serviceName, utc } from "./words.js";

const SHOWN = 20;

export function Parked({ everyMs, onRetried }) {
  const [limit, setLimit] = useState(SHOWN);
  const parked = useAsked((signal) => get("/operations/parked", { limit }, { signal }), [limit]);
  useEvery(everyMs, () => parked.reload());
  const { data, problem } = parked;
  const done = () => {
    parked.reload();
    onRetried();
  };
  return html`<section class="box parked" aria-labelledby="parked"><h2 id="parked" tabindex="-1">Parked messages</h2>
    ${problem && html`<${Failure} problem=${problem} what="Parked messages could not be loaded" onRetry=${() => parked.reload()} />`}
    ${!data && !problem && html`<${Loading} lines=${3} />`}
    ${data?.unavailable.length > 0 && html`<p class="notice warn">Not known of ${data.unavailable.map(serviceName).join(", ")}.</p>`}
    ${data?.items.length === 0 && html`<${Empty}>Nothing is parked: every event found its handler.<//>`}
    ${data?.items.length > 0 && html`<ul class="parked-list">${data.items.map((each) => html`<${One} key=${each.id} parked=${each} onDone=${done} />`)}</ul>
      ${data.next && limit < 200 && html`<button type="button" onClick=${() => setLimit(Math.min(200, limit * 2))}>Show more</button>`}`}
  </section>`;
}

function One({ parked, onDone }) {
  const name = `${eventName(parked.type)} at ${serviceName(parked.service)}`;
  const retry = async () => {
    try {
      await post(`/operations/parked/${parked.id}/retry`, {}, { key: newKey() });
      say(`${name}: handed over once more. If it fails again, it comes back here.`);
      // Its button goes with it.
      document.getElementById("parked")?.focus();
    } catch (problem) {
      fail(problem.status === 404 ? problem.because("Somebody else has retried it already.") : problem, `${name}: not retried`);
    }
    onDone();
  };
  const follow = () => change({ trace: parked.correlation_id });
  return html`<li data-parked=${parked.id}><p class="bar"><b>${eventName(parked.type)}</b> <span class="tag">${serviceName(parked.service)}</span>
      <span class="soft push">${utc(parked.at)}</span></p>
    <p class="why">${parked.error}</p>
    <p class="soft">${parked.subject && html`<code>${parked.subject}</code> `}<code>${parked.id}</code></p>
    <details><summary>${parked.history.length === 1 ? "1 attempt" : `${parked.history.length} attempts`}</summary>
      <ol>${parked.history.map((each, n) => html`<li key=${n}><span class="soft">${each.at && utc(each.at)}</span> ${each.error}</li>`)}</ol></details>
    <div class="buttons"><${Action} className="main" onClick=${retry} aria-label=${`Retry ${name}`}>Retry<//>
      ${parked.correlation_id && html`<button type="button" onClick=${follow}>Show its request</button>`}</div></li>`;
}
