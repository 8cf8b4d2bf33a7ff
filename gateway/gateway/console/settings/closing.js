// A time when a location is closed or a therapist away: told, taken back, and whom it affects.
import { learnNames, nameOf, practitionerOf, clientNames } from "../core/clinic.js";
import { post } from "../core/api.js";
import { html, useEffect, useState } from "../core/html.js";
import { useOnce } from "../core/once.js";
import { Link } from "../core/router.js";
import { say } from "../core/say.js";
import { useStore } from "../core/store.js";
import { shortDay, timeOf } from "../core/time.js";
import { errorsOf } from "./errors.js";
import { TextField } from "./inputs.js";

const BLANK = { from: "", to: "", reason: "" };

// `path` takes {from, to, reason}; `onDone(announced)`.
export function ClosingForm({ path, action, mayOmitReason, onDone }) {
  const [form, setForm] = useState(BLANK);
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const keyFor = useOnce();
  const errors = errorsOf(problem);
  const set = (part) => setForm((old) => ({ ...old, ...part }));
  const send = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const body = { from: form.from, to: form.to || form.from, ...(form.reason || !mayOmitReason ? { reason: form.reason } : {}) };
    try {
      const made = await post(path, body, { key: keyFor(body) });
      setForm(BLANK);
      setProblem(null);
      const count = made.affected.length;
      say(count ? `Done. ${count}${made.more ? " or more" : ""} ${count === 1 ? "visit has" : "visits have"} to be moved.` : "Done. No visit is affected.");
      onDone(made);
    } catch (refused) {
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  return html`<form class="closing" onSubmit=${send} novalidate>
    ${problem && !errors.size && html`<p class="wrong" role="alert">${problem.message}</p>`}
    <div class="row"><${TextField} label="From" value=${form.from} onValue=${(from) => set({ from })} error=${errors.get("from")} placeholder="2026-12-24" hint="A day, or a day and time such as 2026-12-24T12:00" maxlength="16" />
      <${TextField} label="To" value=${form.to} onValue=${(to) => set({ to })} error=${errors.get("to")} placeholder="2026-12-26" hint="Included; empty: that day alone" maxlength="16" />
      <${TextField} label=${mayOmitReason ? "Reason (only staff see it)" : "Reason"} value=${form.reason} onValue=${(reason) => set({ reason })} error=${errors.get("reason")} maxlength=${mayOmitReason ? 500 : 120} /></div>
    <button class="main" aria-busy=${isBusy}>${action}</button></form>`;
}

export const periodOf = ({ from, to }) => (from === to ? dayOrWall(from) : `${dayOrWall(from)} to ${dayOrWall(to)}`);
const dayOrWall = (text) => (text.includes("T") ? `${shortDay(text.slice(0, 10))} ${timeOf(text)}` : shortDay(text));

// Visits that stand where they cannot take place; each leads to its day in the schedule.
export function Affected({ visits, title, more, empty }) {
  useStore(clientNames);
  useEffect(() => {
    learnNames(visits.map((each) => each.client_id)).catch(() => {});
  }, [visits]);
  if (!visits.length) return empty ? html`<p class="soft">${empty}</p>` : null;
  return html`<h3>${title}</h3><ul class="affected">${visits.map((visit) => html`<li key=${visit.id}>
    <${Link} to="schedule" query=${{ location: visit.location_id, date: visit.local_start.slice(0, 10), visit: visit.id }}>${shortDay(visit.local_start.slice(0, 10))} ${timeOf(visit.local_start)}<//>
    ${" "}<b dir="auto">${nameOf(visit.client_id)}</b> <span class="soft">with ${practitionerOf(visit.practitioner_id)?.name ?? "somebody"}${visit.why ? `: ${visit.why}` : ""}</span></li>`)}</ul>
    ${more && html`<p class="hint">There are more.</p>`}`;
}
