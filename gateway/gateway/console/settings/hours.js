// Opening hours: spans of wall time for each weekday, or for one day.
import { html } from "../core/html.js";

export const WEEKDAYS = [
  { id: "mon", name: "Monday" }, { id: "tue", name: "Tuesday" }, { id: "wed", name: "Wednesday" }, { id: "thu", name: "Thursday" },
  { id: "fri", name: "Friday" }, { id: "sat", name: "Saturday" }, { id: "sun", name: "Sunday" },
];
const USUAL = ["09:00", "17:00"];

// `value` is {mon: [["09:00", "18:00"]], …}; a day left out is closed.
export function Hours({ value, onValue, errors }) {
  const put = (day) => (spans) => onValue(Object.fromEntries(WEEKDAYS.map(({ id }) => [id, id === day ? spans : value[id] ?? []]).filter(([, each]) => each.length)));
  return html`<fieldset class="rows"><legend>Hours</legend>
    ${errors.get("hours") && html`<p class="wrong">${errors.get("hours")}</p>`}
    ${WEEKDAYS.map(({ id, name }) => html`<div class="rows-one" key=${id} data-row=${`hours.${id}`}><div class="hours-day"><span class="hours-name">${name}</span>
      <${Spans} label=${name} value=${value[id] ?? []} onValue=${put(id)} errors=${errors} path=${`hours.${id}`} /></div></div>`)}</fieldset>`;
}

export function Spans({ label, value, onValue, errors, path }) {
  const said = errors.get(path) ?? [...errors].find(([each]) => each.startsWith(`${path}.`))?.[1];
  const set = (at, end) => (event) => onValue(value.map((span, n) => (n === at ? (end ? [span[0], event.target.value] : [event.target.value, span[1]]) : span)));
  const time = (text, at, end) => html`<input class="time" aria-label=${`${label}, ${end ? "to" : "from"}`} placeholder="09:00" maxlength="5" value=${text} autocomplete="off"
    aria-invalid=${said ? "true" : undefined} onInput=${set(at, end)} />`;
  return html`<div class="spans">${value.length === 0 && html`<span class="soft">Closed</span>`}
    ${value.map((span, at) => html`<span class="span" key=${at}>${time(span[0], at, 0)} to ${time(span[1], at, 1)}
      <button type="button" class="quiet icon" aria-label=${`Remove ${span[0]} to ${span[1]} on ${label}`} onClick=${() => onValue(value.filter((_each, n) => n !== at))}>✕</button></span>`)}
    ${value.length < 6 && html`<button type="button" class="quiet" aria-label=${`Add hours on ${label}`} onClick=${() => onValue([...value, USUAL])}>+ Add</button>`}
    ${said && html`<p class="wrong">${said}</p>`}</div>`;
}

export const hoursInWords = (hours) =>
  WEEKDAYS.filter(({ id }) => hours[id]?.length).map(({ id, name }) => `${name.slice(0, 3)} ${spansInWords(hours[id])}`).join(", ") || "closed all week";

export const spansInWords = (spans) => spans.map(([from, to]) => `${from}–${to}`).join(" and ") || "closed";
