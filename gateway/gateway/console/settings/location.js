// A location: where, when it is open, its rooms and equipment, and the terms it books under.
import { html } from "../core/html.js";
import { zoneName } from "../core/time.js";
import { useDraft } from "./draft.js";
import { Editor } from "./editor.js";
import { errorsOf } from "./errors.js";
import { Hours, hoursInWords, Spans, spansInWords } from "./hours.js";
import { Check, NumberField, Rows, SelectField, TextField, WordsField } from "./inputs.js";

const REGIONS = ["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"].map((each) => ({ id: `CA-${each}`, name: `CA-${each}` }));
const USUAL_POLICY = { window_hours: 24, late_fee_percent: 50, no_show_fee_percent: 100, illness_exempt: true, deposit_percent: 0 };
const week = (days, spans) => Object.fromEntries(days.map((day) => [day, spans]));
export const NEW_LOCATION = {
  name: "", timezone: "America/Vancouver", address: "", tax_region: "CA-BC", hours: week(["mon", "tue", "wed", "thu", "fri"], [["09:00", "17:00"]]),
  special_hours: [], holiday_region: null, rooms: [{ name: "Room 1", kinds: [] }], equipment: [], clients_in_one_place: false, require_referral: false, online: null, policy: USUAL_POLICY,
};
const LABELS = {
  name: "Name", timezone: "Time zone", address: "Address", tax_region: "Tax region", hours: "Hours", special_hours: "Days unlike the others", holiday_region: "Holidays of",
  rooms: "Rooms", equipment: "Equipment", clients_in_one_place: "One place at a time", require_referral: "Referral needed", online: "Online booking", policy: "Cancellation terms",
};

export function LocationForm({ record, onSaved }) {
  const draft = useDraft({ path: "/locations", record, onSaved });
  const { draft: it, set, problem } = draft;
  const errors = errorsOf(problem);
  return html`<${Editor} draft=${draft} errors=${errors} title=${record.id ? record.name : "A new location"} labels=${LABELS} tell=${tell}>
    <div class="row"><${TextField} label="Name" value=${it.name} onValue=${(name) => set({ name })} error=${errors.get("name")} maxlength="120" />
      <${TextField} label="Address" value=${it.address} onValue=${(address) => set({ address })} error=${errors.get("address")} maxlength="300" /></div>
    <div class="row">${record.id
      ? html`<div class="field"><span class="field-name">Time zone</span><p>${zoneName(it.timezone)} <code>${it.timezone}</code></p><p class="hint">It cannot be changed: every visit here is agreed in its wall time. Where the zone is another, open another location.</p></div>`
      : html`<${TextField} label="Time zone" value=${it.timezone} onValue=${(timezone) => set({ timezone })} error=${errors.get("timezone")} hint="By its IANA name. It cannot be changed later." maxlength="60" />`}
      <${SelectField} label="Tax region" value=${it.tax_region} options=${REGIONS} onValue=${(tax_region) => set({ tax_region })} error=${errors.get("tax_region")} />
      <${TextField} label="Closed on holidays of" value=${it.holiday_region} isEmptyNull=${true} onValue=${(holiday_region) => set({ holiday_region })} error=${errors.get("holiday_region")} hint="Such as CA-BC; empty: open on holidays." maxlength="6" /></div>
    <${Hours} value=${it.hours} onValue=${(hours) => set({ hours })} errors=${errors} />
    <${Rows} legend="Days unlike the others" name="special_hours" what="day" add="Add a day" value=${it.special_hours} onValue=${(special_hours) => set({ special_hours })} errors=${errors}
      fresh=${() => ({ date: "", hours: [], reason: null })} row=${(day, put, at) => html`<${TextField} label="Day" type="date" value=${day.date} onValue=${(date) => put({ date })} error=${errors.get(`special_hours.${at}.date`)} />
        <div class="field"><span class="field-name">Open</span><${Spans} label=${`day ${at + 1}`} value=${day.hours} onValue=${(hours) => put({ hours })} errors=${errors} path=${`special_hours.${at}.hours`} /></div>
        <${TextField} label="Reason" value=${day.reason} isEmptyNull=${true} onValue=${(reason) => put({ reason })} error=${errors.get(`special_hours.${at}.reason`)} maxlength="120" />`} />
    <${Rows} legend="Rooms" name="rooms" what="room" add="Add a room" hint="A room with visits to come cannot be removed." value=${it.rooms} onValue=${(rooms) => set({ rooms })} errors=${errors}
      fresh=${() => ({ name: "", kinds: [] })} row=${(room, put, at) => html`<${TextField} label="Name" value=${room.name} onValue=${(name) => put({ name })} error=${errors.get(`rooms.${at}.name`)} maxlength="120" />
        <${WordsField} label="Kinds" value=${room.kinds} onValue=${(kinds) => put({ kinds })} error=${errors.get(`rooms.${at}.kinds`) ?? errors.get(`rooms.${at}.kinds.0`)} hint="What it is used for, such as massage" />`} />
    <${Rows} legend="Equipment" name="equipment" what="equipment" add="Add equipment" value=${it.equipment} onValue=${(equipment) => set({ equipment })} errors=${errors}
      fresh=${() => ({ kind: "", count: 1 })} row=${(pool, put, at) => html`<${TextField} label="Kind" value=${pool.kind} onValue=${(kind) => put({ kind })} error=${errors.get(`equipment.${at}.kind`)} maxlength="40" />
        <${NumberField} label="How many" value=${pool.count} onValue=${(count) => put({ count })} error=${errors.get(`equipment.${at}.count`)} />`} />
    <${Online} value=${it.online} onValue=${(online) => set({ online })} errors=${errors} />
    <${Policy} value=${it.policy} onValue=${(policy) => set({ policy })} errors=${errors} />
    <${Check} label="A client needs a referral with visits left" value=${it.require_referral} onValue=${(require_referral) => set({ require_referral })} />
    <${Check} label="A client cannot have two visits at once" value=${it.clients_in_one_place} onValue=${(clients_in_one_place) => set({ clients_in_one_place })} /><//>`;
}

function Online({ value, onValue, errors }) {
  const put = (part) => onValue({ ...value, ...part });
  return html`<fieldset class="rows"><legend>Online booking</legend>
    <${Check} label="Hold clients who book online to rules" value=${value !== null} onValue=${(isOn) => onValue(isOn ? { minimum_notice_minutes: 120, horizon_days: 60 } : null)} />
    ${value && html`<div class="row"><${NumberField} label="Notice, in minutes" value=${value.minimum_notice_minutes} onValue=${(minimum_notice_minutes) => put({ minimum_notice_minutes })} error=${errors.get("online.minimum_notice_minutes")} />
      <${NumberField} label="Days ahead" value=${value.horizon_days} onValue=${(horizon_days) => put({ horizon_days })} error=${errors.get("online.horizon_days")} /></div>`}</fieldset>`;
}

export function Policy({ value, onValue, errors }) {
  const number = (name, label) => html`<${NumberField} label=${label} value=${value[name]} onValue=${(given) => onValue({ ...value, [name]: given })} error=${errors.get(`policy.${name}`)} />`;
  return html`<fieldset class="rows"><legend>Cancellation terms</legend><p class="hint">Of visits booked from now on; those booked keep theirs.</p>
    <div class="row">${number("window_hours", "Free until, hours before")}${number("late_fee_percent", "Late fee, %")}${number("no_show_fee_percent", "No-show fee, %")}${number("deposit_percent", "Deposit, %")}</div>
    <${Check} label="Who is ill pays no fee" value=${value.illness_exempt} onValue=${(illness_exempt) => onValue({ ...value, illness_exempt })} /></fieldset>`;
}

function tell(name, value) {
  if (name === "hours") return hoursInWords(value);
  if (name === "rooms") return value.map((each) => each.name).join(", ") || "none";
  if (name === "equipment") return value.map((each) => `${each.count} × ${each.kind}`).join(", ") || "none";
  if (name === "special_hours") return value.map((each) => `${each.date} ${spansInWords(each.hours)}`).join(", ") || "none";
  return plain(value);
}

export function plain(value) {
  if (value === null || value === "") return "empty";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length ? `${value.length} entries` : "none";
  if (typeof value === "object") return Object.entries(value).map(([name, each]) => `${name.replaceAll("_", " ")} ${plain(each)}`).join(", ");
  return String(value);
}
