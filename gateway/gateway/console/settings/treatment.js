// A treatment: how long it takes, what it needs, what it costs where, with whom and from when.
import { chain } from "../core/clinic.js";
import { html } from "../core/html.js";
import { money } from "../core/money.js";
import { useStore } from "../core/store.js";
import { useDraft } from "./draft.js";
import { Editor } from "./editor.js";
import { errorIn, errorsOf } from "./errors.js";
import { Check, MoneyField, NumberField, Rows, SelectField, TextField } from "./inputs.js";
import { plain } from "./location.js";

export const NEW_TREATMENT = {
  name: "", duration: 60, turnover: 15, discipline: "massage_therapy", room_kind: null, equipment_kind: null, price: { amount_minor: 0, currency: "CAD" }, prices: [], online: false, new_clients: true,
};
const LABELS = {
  name: "Name", duration: "Duration", turnover: "Turnover", discipline: "Discipline", room_kind: "Room", equipment_kind: "Equipment", price: "Price", prices: "Other prices",
  online: "Online", new_clients: "New clients", policy: "Cancellation terms",
};

export function TreatmentForm({ record, onSaved }) {
  const { locations, practitioners } = useStore(chain);
  const draft = useDraft({ path: "/treatments", record, onSaved });
  const { draft: it, set, problem } = draft;
  const errors = errorsOf(problem);
  const kinds = (list) => [...new Set(locations.flatMap(list))].sort().map((each) => ({ id: each, name: each }));
  const withOwn = (list, own) => (own && !list.some((each) => each.id === own) ? [...list, { id: own, name: own }] : list);
  const rooms = withOwn(kinds((each) => each.rooms.flatMap((room) => room.kinds)), it.room_kind);
  const equipment = withOwn(kinds((each) => each.equipment.map((pool) => pool.kind)), it.equipment_kind);
  return html`<${Editor} draft=${draft} errors=${errors} title=${record.id ? record.name : "A new treatment"} labels=${LABELS} tell=${tell}>
    <${TextField} label="Name" value=${it.name} onValue=${(name) => set({ name })} error=${errors.get("name")} maxlength="120" />
    <div class="row"><${NumberField} label="Duration, in minutes" value=${it.duration} onValue=${(duration) => set({ duration })} error=${errors.get("duration")} />
      <${NumberField} label="Turnover, in minutes" value=${it.turnover} onValue=${(turnover) => set({ turnover })} error=${errors.get("turnover")} hint="To make the room ready again" />
      <${MoneyField} label="Price before tax" value=${it.price} onValue=${(price) => set({ price })} error=${errorIn(errors, "price")} /></div>
    <div class="row"><${TextField} label="Discipline" value=${it.discipline} onValue=${(discipline) => set({ discipline })} error=${errors.get("discipline")} maxlength="40" hint="Such as massage_therapy" />
      <${SelectField} label="Room it needs" none="any room" options=${rooms} value=${it.room_kind} onValue=${(room_kind) => set({ room_kind })} error=${errors.get("room_kind")} />
      <${SelectField} label="Equipment it needs" none="none" options=${equipment} value=${it.equipment_kind} onValue=${(equipment_kind) => set({ equipment_kind })} error=${errors.get("equipment_kind")} /></div>
    <${Rows} legend="Other prices" name="prices" what="price" add="Add a price" hint="For a location, a therapist or days: a therapist's goes before a location's, a later one before an earlier." value=${it.prices} onValue=${(prices) => set({ prices })} errors=${errors}
      fresh=${() => ({ price: it.price, location_id: null, practitioner_id: null, valid_from: null, valid_to: null })}
      row=${(price, put, at) => html`<${MoneyField} label="Price" value=${price.price} onValue=${(given) => put({ price: given })} error=${errorIn(errors, `prices.${at}.price`)} />
        <${SelectField} label="At" none="any location" options=${locations} value=${price.location_id} onValue=${(location_id) => put({ location_id })} error=${errors.get(`prices.${at}.location_id`)} />
        <${SelectField} label="With" none="anybody" options=${practitioners} value=${price.practitioner_id} onValue=${(practitioner_id) => put({ practitioner_id })} error=${errors.get(`prices.${at}.practitioner_id`)} />
        <${TextField} label="From day" type="date" isEmptyNull=${true} value=${price.valid_from} onValue=${(valid_from) => put({ valid_from })} error=${errors.get(`prices.${at}.valid_from`)} />
        <${TextField} label="To day" type="date" isEmptyNull=${true} value=${price.valid_to} onValue=${(valid_to) => put({ valid_to })} error=${errors.get(`prices.${at}.valid_to`)} />`} />
    <${Check} label="Clients may book it online" value=${it.online} onValue=${(online) => set({ online })} />
    <${Check} label="New clients too" value=${it.new_clients} onValue=${(new_clients) => set({ new_clients })} /><//>`;
}

function tell(name, value) {
  if (name === "price") return money(value);
  if (name === "prices") return value.map((each) => money(each.price)).join(", ") || "none";
  return plain(value);
}
