// One request across the services: every refusal shows its id, and so does every line of a log.
import { get } from "../core/api.js";
import { html, useEffect, useState } from "../core/html.js";
import { change } from "../core/router.js";
import { Empty, Failure, Field, Loading, useAsked } from "../core/ui.js";
import { useEvery } from "./every.js";
import { eventName, serviceName, utc } from "./words.js";

export function Timeline({ id, everyMs, retried }) {
  const [text, setText] = useState(id);
  useEffect(() => setText(id), [id]);
  const search = (event) => {
    event.preventDefault();
    change({ trace: text.trim() || null });
  };
  return html`<section class="box timeline" aria-labelledby="timeline"><h2 id="timeline">One request</h2>
    <form class="bar" onSubmit=${search}>
      <${Field} label="Request id" hint="Stands under each refusal and in the logs.">${(p) => html`<input type="search" value=${text} maxlength="128" spellcheck=${false} autocomplete="off" onInput=${(e) => setText(e.target.value)} ...${p} />`}<//>
      <button>Show what it led to</button></form>
    ${id && html`<${Events} id=${id} everyMs=${everyMs} retried=${retried} />`}
  </section>`;
}

function Events({ id, everyMs, retried }) {
  const trace = useAsked((signal) => get(`/operations/traces/${encodeURIComponent(id)}`, {}, { signal }), [id, retried]);
  useEvery(everyMs, () => trace.reload());
  const { data, problem } = trace;
  if (!data) return problem ? html`<${Failure} problem=${problem} what="The request could not be followed" onRetry=${() => trace.reload()} />` : html`<${Loading} lines=${3} />`;
  const began = data.events[0]?.at;
  return html`${problem && html`<p class="notice bad" role="alert">What is shown may be old: ${problem.message}</p>`}
    ${data.unavailable.length > 0 && html`<p class="notice warn">Not known of ${data.unavailable.map(serviceName).join(", ")}: away.</p>`}
    ${data.events.length === 0 && html`<${Empty}>No event came of a request with this id: it may only have read, or been refused.<//>`}
    ${data.events.length > 0 && html`<div class="scroll" tabindex="0" role="group" aria-labelledby="timeline"><table>
      <thead><tr><th scope="col">When</th><th scope="col">By</th><th scope="col">What</th><th scope="col">About</th><th scope="col">Heard by</th></tr></thead>
      <tbody>${data.events.map((event) => html`<tr key=${event.id}>
        <td><span class="when">${event.at === began ? utc(event.at) : later(began, event.at)}</span></td>
        <td>${serviceName(event.service)}</td><td>${eventName(event.type)}<br /><code>${event.id}</code></td><td><code>${event.subject}</code></td>
        <td>${event.consumers.length ? event.consumers.map((each) => html`<${Heard} key=${each.service} each=${each} />`) : html`<span class="soft">nobody</span>`}</td></tr>`)}</tbody></table></div>`}
    ${data.more && html`<p class="hint">There are more; the first 200 of each service are shown.</p>`}`;
}

const later = (began, at) => `+ ${((Date.parse(at) - Date.parse(began)) / 1000).toFixed(2)} s`;

const STATES = {
  handled: ["good", "✓", "done"],
  parked: ["bad", "!", "parked"],
  waiting: ["warn", "…", "on its way"],
  unknown: ["", "?", "away, not known"],
};

function Heard({ each }) {
  const [kind, sign, words] = STATES[each.state];
  return html`<span class=${`tag ${kind}`}><span aria-hidden="true">${sign}</span> ${serviceName(each.service)}: ${words}</span> `;
}
