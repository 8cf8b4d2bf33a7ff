// Reports: a plot to look at, and the figures under it, which say the same in words.
import { get } from "../core/api.js";
import { chain, clientNames, learnNames, locationOf, may, nameOf } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { money } from "../core/money.js";
import { change } from "../core/router.js";
import { useStore } from "../core/store.js";
import { addDays, daysBetween } from "../core/time.js";
import { Failure, Field, Loading, useAsked } from "../core/ui.js";
import { headlineOf, REPORTS } from "./report-kinds.js";

// `query` is the address's: report, by, from, to, everywhere.
export function Reports({ query, place, today }) {
  const kinds = Object.entries(REPORTS).filter(([, each]) => may(each.action));
  const name = REPORTS[query.report] && may(REPORTS[query.report].action) ? query.report : kinds[0]?.[0];
  if (!name) return html`<div class="empty"><p>Reports take the role billing, manager or owner.</p></div>`;
  const kind = REPORTS[name];
  const asked = askedOf(kind, query, place, today);
  return html`<div class="stack">
    <${Choice} kinds=${kinds} name=${name} kind=${kind} query=${query} asked=${asked} today=${today} />
    <${Report} key=${name} name=${name} kind=${kind} asked=${asked} /></div>`;
}

function askedOf(kind, query, place, today) {
  const by = kind.by ? (kind.by.includes(query.by) ? query.by : kind.by[0]) : undefined;
  const where = query.everywhere === "1" && !kind.isOfOne ? {} : { location_id: place };
  const to = query.to || today;
  if (kind.isAsOf) return { as_of: to, by, ...where };
  return { from: query.from || addDays(today, 1 - (kind.days ?? 30)), to, by, ...where };
}

const PERIODS = [["Today", 1], ["7 days", 7], ["30 days", 30], ["A year", 365]];

function Choice({ kinds, name, kind, query, asked, today }) {
  const { locations } = useStore(chain);
  const set = (part) => change(part, { replace: true });
  const last = (days) => set({ from: addDays(today, 1 - days), to: today });
  return html`<form class="row report-choice" onSubmit=${(event) => event.preventDefault()}>
    <${Field} label="Report">${(p) => html`<select value=${name} onChange=${(e) => set({ report: e.target.value, by: null })} ...${p}>${kinds.map(([id, { title }]) => html`<option key=${id} value=${id}>${title}</option>`)}</select>`}<//>
    ${kind.by && html`<${Field} label="By">${(p) => html`<select value=${asked.by} onChange=${(e) => set({ by: e.target.value })} ...${p}>${kind.by.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}</select>`}<//>`}
    ${!kind.isAsOf && html`<${Field} label="From">${(p) => html`<input type="date" value=${asked.from} max=${asked.to} onChange=${(e) => set({ from: e.target.value })} ...${p} />`}<//>`}
    <${Field} label=${kind.isAsOf ? "As of" : "To"}>${(p) => html`<input type="date" value=${asked.to ?? asked.as_of} onChange=${(e) => set({ to: e.target.value })} ...${p} />`}<//>
    ${locations.length > 1 && !kind.isOfOne && html`<${Field} label="Where">${(p) => html`<select value=${query.everywhere === "1" ? "1" : ""} onChange=${(e) => set({ everywhere: e.target.value || null })} ...${p}>
      <option value="">${locationOf(asked.location_id)?.name ?? "This location"}</option><option value="1">All locations</option></select>`}<//>`}
    ${!kind.isAsOf && html`<div class="group periods" role="group" aria-label="Period">${PERIODS.filter(([, days]) => days <= (kind.most ?? 366)).map(([label, days]) => html`<button type="button" key=${label}
      aria-pressed=${asked.to === today && daysBetween(asked.from, asked.to) === days - 1} onClick=${() => last(days)}>${label}</button>`)}</div>`}
  </form>`;
}

function Report({ name, kind, asked }) {
  const path = `/reports/${name}`;
  useStore(clientNames);
  const { data, problem, isLoading, reload } = useAsked(async (signal) => {
    const answer = await get(path, asked, { signal });
    if (name === "aged-receivables" && asked.by === "client") await learnNames(answer.items.map((row) => row.id).filter((id) => id.startsWith("cli_")));
    return answer;
  }, [JSON.stringify([path, asked])]);
  if (!data) return isLoading ? html`<${Loading} />` : html`<${Failure} problem=${problem} what="The report could not be made" onRetry=${() => reload({ quietly: false })} />`;
  const address = (format) => `/v1${path}?${new URLSearchParams({ ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value)), format })}`;
  const headline = headlineOf(name, data);
  return html`<section class="box report"><h2>${kind.title}${asked.by ? ` by ${asked.by}` : ""}</h2>
    ${headline && html`<p class="headline">${headline}</p>`}
    ${data.items.length > 0 && html`<${Plot} source=${address("svg")} words=${`Plot: ${kind.title}${asked.by ? ` by ${asked.by}` : ""}. ${headline} The table below has each figure.`} />`}
    ${data.items.length === 0 ? html`<div class="empty"><p>${kind.nothing}</p></div>` : html`<${Figures} kind=${kind} data=${data} />`}
    <p><a href=${address("csv")} download=${`${name}.csv`}>Download as CSV</a>${kind.note ? html` <span class="soft">${kind.note}</span>` : ""}</p></section>`;
}

function Plot({ source, words }) {
  const [failed, setFailed] = useState(null);
  if (failed === source) return html`<p class="soft">The plot could not be drawn; the figures are below.</p>`;
  return html`<div class="scroll plot" tabindex="0" role="region" aria-label="Plot"><img src=${source} alt=${words} onError=${() => setFailed(source)} /></div>`;
}

const SHOWN = {
  text: (value) => html`<bdi>${value}</bdi>`,
  money: (value, row) => (value === null ? "–" : money({ amount_minor: value, currency: row.currency })),
  number: (value) => (value === null ? "–" : value.toLocaleString("en-CA")),
  percent: (value) => (value === null ? "–" : `${value} %`),
  rate: (value) => (value === null ? "–" : `${value / 100} %`),
  hours: (value) => `${Math.floor(value / 60)} h ${String(value % 60).padStart(2, "0")}`,
};

function Figures({ kind, data }) {
  const columns = kind.columns(data.by);
  const name = (row) => kind.nameOf?.(row, nameOf) ?? (row.name || row.id || "(not named)");
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${`Figures: ${kind.title}`}><table><thead><tr>
      ${columns.map(([field, title, shown]) => html`<th scope="col" key=${field} class=${shown && shown !== "text" ? "number" : ""}>${title}</th>`)}</tr></thead>
    <tbody>${data.items.map((row, n) => html`<tr key=${n}>${columns.map(([field, , shown], at) => {
      const text = field === "name" ? html`<bdi>${name(row)}</bdi>` : SHOWN[shown ?? "text"](row[field], row);
      return at === 0 ? html`<th scope="row" key=${field}>${text}</th>` : html`<td key=${field} class=${shown && shown !== "text" ? "number" : ""}>${text}</td>`;
    })}</tr>`)}</tbody></table></div>`;
}
