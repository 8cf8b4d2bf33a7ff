// A therapist: where they work, what they offer, their registration, their weekly shifts.
import { chain } from "../core/clinic.js";
import { html } from "../core/html.js";
import { useStore } from "../core/store.js";
import { Absences } from "./absences.js";
import { Calendars } from "./calendars.js";
import { useDraft } from "./draft.js";
import { Editor } from "./editor.js";
import { errorIn, errorsOf } from "./errors.js";
import { Spans, WEEKDAYS } from "./hours.js";
import { Check, Choices, Rows, SelectField, TextField } from "./inputs.js";
import { plain } from "./location.js";

const LABELS = {
  name: "Name", location_ids: "Locations", treatment_ids: "Treatments", registration: "Registration", gst_registered: "Registered for GST", gst_number: "GST account",
  msp_opted_out: "Opted out of MSP", shifts: "Shifts", shift_exceptions: "Days unlike the others",
};

export const newTherapist = () => ({
  name: "", location_ids: chain.value.locations.length === 1 ? [chain.value.locations[0].id] : [], treatment_ids: [], registration: { college: "", number: "", valid_to: null },
  gst_registered: false, gst_number: null, msp_opted_out: false, shifts: [], shift_exceptions: [],
});

export function TherapistForm({ record, onSaved }) {
  const { locations, treatments } = useStore(chain);
  const draft = useDraft({ path: "/practitioners", record, onSaved });
  const { draft: it, set, problem } = draft;
  const errors = errorsOf(problem);
  const registration = (part) => set({ registration: { ...it.registration, ...part } });
  const here = locations.filter((each) => it.location_ids.includes(each.id));
  return html`<${Editor} draft=${draft} errors=${errors} title=${record.id ? record.name : "A new therapist"} labels=${LABELS} tell=${(name, value) => tell(name, value, { locations, treatments })}>
    <${TextField} label="Name" value=${it.name} onValue=${(name) => set({ name })} error=${errors.get("name")} maxlength="120" />
    <div class="row"><${TextField} label="College" value=${it.registration.college} onValue=${(college) => registration({ college })} error=${errors.get("registration.college")} maxlength="120" />
      <${TextField} label="Registration number" value=${it.registration.number} onValue=${(number) => registration({ number })} error=${errors.get("registration.number")} maxlength="40" />
      <${TextField} label="Valid to" type="date" isEmptyNull=${true} value=${it.registration.valid_to} onValue=${(valid_to) => registration({ valid_to })} error=${errors.get("registration.valid_to")} /></div>
    <div class="row"><${Choices} label="Locations" options=${locations} value=${it.location_ids} onValue=${(location_ids) => set({ location_ids })} error=${errorIn(errors, "location_ids")} />
      <${Choices} label="Treatments" options=${treatments} value=${it.treatment_ids} onValue=${(treatment_ids) => set({ treatment_ids })} error=${errorIn(errors, "treatment_ids")} /></div>
    <${Rows} legend="Weekly shifts" name="shifts" what="shift" add="Add a shift" value=${it.shifts} onValue=${(shifts) => set({ shifts })} errors=${errors} fresh=${() => after(it.shifts, here)}
      row=${(shift, put, at) => html`<${Shift} shift=${shift} put=${put} errors=${errors} path=${`shifts.${at}`} locations=${here} />`} />
    <${Rows} legend="Days unlike the others" name="shift_exceptions" what="day" add="Add a day" hint="These times replace the shifts of that day." value=${it.shift_exceptions} onValue=${(shift_exceptions) => set({ shift_exceptions })} errors=${errors}
      fresh=${() => ({ location_id: here[0]?.id ?? "", date: "", hours: [] })} row=${(day, put, at) => html`<${TextField} label="Day" type="date" value=${day.date} onValue=${(date) => put({ date })} error=${errors.get(`shift_exceptions.${at}.date`)} />
        <${SelectField} label="Location" value=${day.location_id} options=${here} onValue=${(location_id) => put({ location_id })} error=${errors.get(`shift_exceptions.${at}.location_id`)} />
        <div class="field"><span class="field-name">Works</span><${Spans} label=${`day ${at + 1}`} value=${day.hours} onValue=${(hours) => put({ hours })} errors=${errors} path=${`shift_exceptions.${at}.hours`} /></div>`} />
    <${Check} label="Registered for GST" value=${it.gst_registered} onValue=${(gst_registered) => set({ gst_registered })} />
    ${(it.gst_registered || it.gst_number) && html`<${TextField} label="GST account" isEmptyNull=${true} value=${it.gst_number} onValue=${(gst_number) => set({ gst_number })} error=${errors.get("gst_number")} hint="Such as 123456789RT0001" maxlength="15" />`}
    <${Check} label="Opted out of MSP" value=${it.msp_opted_out} onValue=${(msp_opted_out) => set({ msp_opted_out })} /><//>
    ${record.id && html`<${Absences} practitioner=${record} /><${Calendars} practitioner=${record} />`}`;
}

function Shift({ shift, put, errors, path, locations }) {
  const text = (name, label, more = {}) => html`<${TextField} label=${label} value=${shift[name]} onValue=${(value) => put({ [name]: value })} error=${errors.get(`${path}.${name}`)} ...${more} />`;
  return html`<${SelectField} label="Day" value=${shift.weekday} options=${WEEKDAYS} onValue=${(weekday) => put({ weekday })} error=${errors.get(`${path}.weekday`)} />
    ${text("start", "Start", { maxlength: 5, placeholder: "09:00" })}${text("end", "End", { maxlength: 5, placeholder: "17:00" })}
    <${SelectField} label="Location" value=${shift.location_id} options=${locations} onValue=${(location_id) => put({ location_id })} error=${errors.get(`${path}.location_id`)} />
    ${text("from", "From day", { type: "date", isEmptyNull: true })}${text("to", "To day", { type: "date", isEmptyNull: true })}`;
}

// The next weekday, with the times of the shift before it.
function after(shifts, locations) {
  const last = shifts.at(-1);
  if (!last) return { location_id: locations[0]?.id ?? "", weekday: "mon", start: "09:00", end: "17:00", from: null, to: null };
  const next = WEEKDAYS[(WEEKDAYS.findIndex((each) => each.id === last.weekday) + 1) % 7].id;
  return { ...last, weekday: next };
}

function tell(name, value, { locations, treatments }) {
  const names = (list) => value.map((id) => list.find((each) => each.id === id)?.name ?? id).join(", ") || "none";
  if (name === "location_ids") return names(locations);
  if (name === "treatment_ids") return names(treatments);
  if (name === "shifts") return value.map((each) => `${each.weekday} ${each.start}–${each.end}`).join(", ") || "none";
  return plain(value);
}
