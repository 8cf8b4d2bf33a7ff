// The parts of a client's card: each loads, fails and is tried again by itself.
import { html, useEffect, useId, useRef } from "../core/html.js";
import { useEvents } from "../core/live.js";
import { Failure, Loading } from "../core/ui.js";

// `asked` is useAsked's; `children(data)` draws what came. What was there stays when a reload fails.
export function Part({ title, asked, action, children, className = "" }) {
  const id = useId();
  const { data, problem, isLoading, reload } = asked;
  return html`<section class=${`box part ${className}`} aria-labelledby=${id}>
    <header class="bar"><h2 id=${id}>${title}</h2>${action && html`<div class="push">${action}</div>`}</header>
    ${isLoading && html`<${Loading} lines=${2} />`}
    ${problem && html`<${Failure} problem=${problem} what=${data ? "This may be out of date" : undefined} onRetry=${() => reload({ quietly: false })} />`}
    ${data && children(data)}
  </section>`;
}

export const Tag = ({ of, code }) =>
  html`<span class=${`tag ${of?.kind ?? ""}`}><span aria-hidden="true">${of?.sign ?? "·"}</span> ${of?.word ?? code}</span>`;

// A table that scrolls by itself, by keys too; `amounts` are the heads of numbers.
export function Table({ label, heads, amounts = [], children }) {
  return html`<div class="scroll" role="region" aria-label=${label} tabindex="0"><table>
    <thead><tr>${heads.map((head) => html`<th key=${head} scope="col" class=${amounts.includes(head) ? "sum" : ""}>${head}</th>`)}</tr></thead>
    <tbody>${children}</tbody></table></div>`;
}

// What services make of another's event comes a moment after it, without an event of its own.
const SETTLED_MS = 1500;

// Looks again when something of this client happens in one of the services, and once it has settled.
export function useNews(client, services, reload) {
  const timer = useRef(null);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEvents((event) => {
    if (event && !(services.includes(event.type.split(".")[0]) && isAbout(event, client))) return;
    reload();
    clearTimeout(timer.current);
    timer.current = event ? setTimeout(reload, SETTLED_MS) : null;
  });
}

const isAbout = ({ subject, data }, client) =>
  subject === client || data?.client_id === client || data?.visit?.client_id === client;
