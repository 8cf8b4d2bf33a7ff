// Booking a visit, or moving one by its form: where, what, with whom, when; what is taken says by
// whom, and offers three times that are free.
import { get, patch, post } from "../core/api.js";
import { chain, clientNames, learn, may, nameOf, practitionerOf } from "../core/clinic.js";
import { html, useEffect, useState } from "../core/html.js";
import { useOnce } from "../core/once.js";
import { offerUndo, say } from "../core/say.js";
import { useStore } from "../core/store.js";
import { longDay, shortDay, timeOf } from "../core/time.js";
import { Dialog, errorOf, Field } from "../core/ui.js";
import { ClientPicker } from "../shell/search.js";
import { blockersOf, move } from "./moves.js";

// `wish` is {location, client?, treatment?, practitioner?, room?, date, time?}; `moving` a visit or none.
export function BookingDialog({ location, wish, moving, board, onClose, onBooked }) {
  const { treatments, practitioners } = useStore(chain);
  useStore(clientNames);
  const [form, setForm] = useState(() => ({ client: "", treatment: "", practitioner: "any", room: "", time: "", reason: "", ...wish }));
  const [problem, setProblem] = useState(null);
  const [taken, setTaken] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const keyFor = useOnce();
  const here = practitioners.filter((each) => each.location_ids.includes(location.id));
  const offered = treatments.filter((each) => here.some((one) => one.treatment_ids.includes(each.id)));
  const treatment = offered.find((each) => each.id === form.treatment) ?? offered[0];
  const able = here.filter((each) => treatment && each.treatment_ids.includes(treatment.id));
  const set = (part) => setForm((old) => ({ ...old, ...part }));
  const free = useFree({ location, treatment, form, isOff: !treatment || !form.date });

  const send = async (extra = {}, at = {}) => {
    const wanted = { ...form, ...at };
    setBusy(true);
    setProblem(null);
    const body = bodyOf(wanted, { location, treatment, moving, extra });
    try {
      const visit = moving
        ? await patch(`/appointments/${moving.id}`, moving.version, body)
        : await post("/appointments", body, { key: keyFor(body) });
      board.note(visit);
      tell(visit, moving, body, board);
      onBooked(visit);
    } catch (refused) {
      setProblem(refused);
      setTaken(refused.code === "slot_taken" ? { text: await blockersOf(refused), times: refused.body.alternatives ?? [] } : null);
      setBusy(false);
    }
  };
  const submit = (event) => {
    event.preventDefault();
    if (isBusy) return;
    if (!moving && !form.client) return setProblem(missing("client_id", "pick a client"));
    if (!form.time) return setProblem(missing("local_start", "pick a time"));
    return send();
  };
  const pick = (slot) => send({}, { date: slot.local_start.slice(0, 10), time: slot.local_start.slice(11), practitioner: slot.practitioner_id, room: slot.room_id });
  const anyTime = errorOf(problem, "local_start");
  return html`<${Dialog} title=${moving ? `Move ${nameOf(moving.client_id)}` : "Book a visit"} onClose=${onClose} className="booking">
    <form onSubmit=${submit}>
      ${!moving && html`<${ClientPicker} label="Client" value=${form.client ? nameOf(form.client) : ""} placeholder="Name, phone or e-mail" data-first=${form.client ? undefined : ""}
        error=${errorOf(problem, "client_id")} onPick=${(client) => { learn([client]); set({ client: client.id }); }} />`}
      <div class="row">
        ${!moving && html`<${Field} label="Treatment" error=${errorOf(problem, "treatment_id")}>${(p) => html`<select value=${treatment?.id} onChange=${(e) => set({ treatment: e.target.value })} ...${p}>
          ${offered.map((each) => html`<option key=${each.id} value=${each.id}>${each.name}, ${each.duration} min</option>`)}</select>`}<//>`}
        <${Field} label="With" error=${errorOf(problem, "practitioner_id")}>${(p) => html`<select value=${form.practitioner} onChange=${(e) => set({ practitioner: e.target.value })} ...${p}>
          ${!moving && html`<option value="any">Any therapist</option>`}${able.map((each) => html`<option key=${each.id} value=${each.id}>${each.name}</option>`)}</select>`}<//>
        <${Field} label="Room" error=${errorOf(problem, "room_id")}>${(p) => html`<select value=${form.room} onChange=${(e) => set({ room: e.target.value })} ...${p}>
          <option value="">${moving ? "As it is, or any" : "Any room"}</option>${location.rooms.map((each) => html`<option key=${each.id} value=${each.id}>${each.name}</option>`)}</select>`}<//>
      </div>
      <div class="row">
        <${Field} label="Day" error=${errorOf(problem, "date")}>${(p) => html`<input type="date" required value=${form.date} onChange=${(e) => set({ date: e.target.value })} ...${p} />`}<//>
        <${Field} label="Time" error=${anyTime} hint="The clinic's time">${(p) => html`<input type="time" step="300" data-first=${form.client || moving ? "" : undefined} value=${form.time} onInput=${(e) => set({ time: e.target.value })} ...${p} />`}<//>
      </div>
      <${Free} free=${free} chosen=${form.time} onPick=${(slot) => set({ time: timeOf(slot.local_start), practitioner: form.practitioner === "any" && !moving ? "any" : slot.practitioner_id })} />
      <div role="alert">${problem && html`<${Refused} problem=${problem} taken=${taken} onPick=${pick} />`}</div>
      ${taken && !moving && may("override", location.id) && form.practitioner !== "any" && html`<${Override} reason=${form.reason} onReason=${(reason) => set({ reason })} onSend=${() => send({ override: { reason: form.reason.trim() } })} />`}
      <div class="buttons"><button class="main" aria-busy=${isBusy}>${moving ? "Move" : "Book"}</button>
        <button type="button" onClick=${onClose}>Not now</button></div>
    </form><//>`;
}

const missing = (field, text) => ({ message: text, errors: { [field]: [text] }, body: {}, isLocal: true });

function bodyOf(form, { location, treatment, moving, extra }) {
  const at = { local_start: `${form.date}T${form.time.slice(0, 5)}`, ...(form.room ? { room_id: form.room } : {}) };
  if (moving) return { ...at, practitioner_id: form.practitioner, ...extra };
  const who = { location_id: location.id, treatment_id: treatment.id, practitioner_id: form.practitioner, client_id: form.client };
  return { ...who, ...at, ...extra };
}

function tell(visit, moving, body, board) {
  const where = `${shortDay(visit.local_start.slice(0, 10))} ${timeOf(visit.start)}, ${practitionerOf(visit.practitioner_id)?.name}`;
  if (!moving) return say(`${nameOf(visit.client_id)} is booked for ${where}.`);
  const back = Object.fromEntries(Object.keys(body).map((name) => [name, moving[name]]));
  return offerUndo(`${nameOf(visit.client_id)} moved to ${where}.`, () => move(visit, back, board, { isUndo: true }));
}

// The free times of the day wanted, as far as they can be known.
function useFree({ location, treatment, form, isOff }) {
  const [slots, setSlots] = useState(null);
  const { date, practitioner } = form;
  useEffect(() => {
    if (isOff) return undefined;
    const asking = new AbortController();
    const query = { location_id: location.id, treatment_id: treatment.id, from: date, to: date, practitioner_id: practitioner };
    setSlots(null);
    get("/availability", query, { signal: asking.signal }).then(
      (answer) => setSlots(firstOfEach(answer.slots)),
      () => setSlots([]),
    );
    return () => asking.abort();
  }, [location.id, treatment?.id, date, practitioner, isOff]);
  return slots;
}

const firstOfEach = (slots) => [...new Map(slots.map((slot) => [slot.local_start, slot]).reverse()).values()].reverse();
const SHOWN = 48;

function Free({ free, chosen, onPick }) {
  if (!free) return html`<p class="hint">Looking for free times …</p>`;
  if (!free.length) return html`<p class="hint">Nothing is free on this day.</p>`;
  const quarter = free.filter((slot) => ["00", "15", "30", "45"].includes(slot.local_start.slice(14, 16)));
  const some = (quarter.length ? quarter : free).slice(0, SHOWN);
  return html`<fieldset class="free"><legend>Free times</legend><div>${some.map((slot) => html`<button type="button" key=${slot.local_start}
    aria-pressed=${timeOf(slot.local_start) === chosen} onClick=${() => onPick(slot)}>${timeOf(slot.local_start)}</button>`)}</div></fieldset>`;
}

function Refused({ problem, taken, onPick }) {
  if (problem.isLocal) return html`<p class="wrong">${problem.message}</p>`;
  if (!taken) return html`<p class="wrong">${problem.message}${problem.requestId && html` <span class="soft">Request <code>${problem.requestId}</code></span>`}</p>`;
  return html`<p class="wrong">That time is taken: ${taken.text}.</p>
    ${taken.times.length > 0 && html`<p>Free instead: ${taken.times.map((slot) => html`<button type="button" key=${slot.start + slot.practitioner_id} onClick=${() => onPick(slot)}>
      ${longDay(slot.local_start.slice(0, 10))} ${timeOf(slot.local_start)}, ${practitionerOf(slot.practitioner_id)?.name}</button> `)}</p>`}`;
}

function Override({ reason, onReason, onSend }) {
  const press = () => reason.trim() && onSend();
  return html`<details class="override"><summary>Double-book on purpose</summary>
    <${Field} label="Why" hint="It stays with both visits.">${(p) => html`<input value=${reason} maxlength="500" onInput=${(e) => onReason(e.target.value)} ...${p} />`}<//>
    <button type="button" class="danger" aria-disabled=${!reason.trim()} onClick=${press}>Double-book</button></details>`;
}
