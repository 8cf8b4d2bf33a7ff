// Which day or week, whose, and how it is cut.
import { html } from "../core/html.js";
import { change } from "../core/router.js";
import { addDays, longDay, mondayOf, shortDay, zoneName } from "../core/time.js";
import { EVERYONE } from "./layout.js";

export function Toolbar({ day, today, view, by, who, resources, zone, cancelled, hasCancelled, totals, canBook, onBook }) {
  const step = view === "week" ? 7 : 1;
  const to = (date) => change({ date, visit: null });
  const title = view === "week" ? weekTitle(day) : longDay(day);
  const press = (name, value, isOn, text) => html`<button type="button" aria-pressed=${isOn} onClick=${() => change({ [name]: value, visit: null })}>${text}</button>`;
  return html`<div class="bar toolbar">
    <div class="group" role="group" aria-label="Which day">
      <button type="button" class="icon" aria-label=${view === "week" ? "The week before" : "The day before"} title="←" onClick=${() => to(addDays(day, -step))}>‹</button>
      <button type="button" aria-pressed=${day === today} onClick=${() => to(null)}>Today</button>
      <button type="button" class="icon" aria-label=${view === "week" ? "The next week" : "The next day"} title="→" onClick=${() => to(addDays(day, step))}>›</button>
    </div>
    <label><span class="unseen">Go to a day</span><input type="date" value=${day} onChange=${(e) => e.target.value && to(e.target.value)} /></label>
    <h1>${title}</h1><span class="soft zone">${zoneName(zone)}</span>
    ${totals && html`<span class="soft">${totals}</span>`}
    <span class="push"></span>
    ${cancelled > 0 && html`<label class="check"><input type="checkbox" checked=${hasCancelled} onChange=${(e) => change({ cancelled: e.target.checked ? "1" : null }, { replace: true })} /> Cancelled (${cancelled})</label>`}
    <div class="group" role="group" aria-label="View">
      ${press("view", null, view === "day", "Day")}${press("view", "week", view === "week", "Week")}</div>
    <div class="group" role="group" aria-label="Columns by">
      ${press("by", null, by === "practitioner", "Therapists")}${press("by", "room", by === "room", "Rooms")}</div>
    ${view === "week" && html`<label><span class="unseen">${by === "room" ? "Room" : "Therapist"}</span>
      <select value=${who} onChange=${(e) => change({ who: e.target.value, visit: null })}>
        ${resources.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}
        <option value=${EVERYONE}>Everyone</option></select></label>`}
    ${canBook && html`<button type="button" class="main" onClick=${onBook}>Book <kbd>n</kbd></button>`}
  </div>`;
}

function weekTitle(day) {
  const monday = mondayOf(day);
  return `${shortDay(monday)} to ${shortDay(addDays(monday, 6))}, ${addDays(monday, 6).slice(0, 4)}`;
}
