// A client's visits, to come and past; each leads into the schedule.
import { all } from "../core/api.js";
import { locationOf, may, practitionerOf, treatmentOf } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { useKeys } from "../core/keys.js";
import { go, Link } from "../core/router.js";
import { dayOf, timeOf } from "../core/time.js";
import { useAsked } from "../core/ui.js";
import { statusOf } from "../schedule/status.js";
import { Part, Tag, useNews } from "./part.js";
import { dayText } from "./when.js";

const FEW = 8;
const OPEN = new Set(["pending", "booked", "arrived"]);

export function Visits({ client, place, today }) {
  const asked = useAsked(() => all("/appointments", { client_id: client }), [client]);
  const [marked, setMarked] = useState(null);
  useNews(client, ["booking"], asked.reload);
  const visits = asked.data ?? [];
  const isAhead = ({ status, start }) => OPEN.has(status) && dayOf(start) >= today;
  const past = visits.filter((visit) => !isAhead(visit)).reverse();
  const rebooked = visits.find((visit) => visit.id === marked) ?? past[0] ?? visits[0];
  const canBook = may("book", place);
  useKeys(canBook && rebooked ? { r: { does: "Book the marked visit again", run: () => go("schedule", againOf(rebooked)) } } : {});
  const shared = { today, marked, onMark: setMarked, canBook };
  return html`<${Part} title="Visits" asked=${asked}>${() => html`
    <h3>To come</h3><${List} ...${shared} visits=${visits.filter(isAhead)} none="Nothing is booked." />
    <h3>Past and cancelled</h3><${List} ...${shared} visits=${past} none="No visit so far." />`}<//>`;
}

// What the schedule's booking form is filled in with.
const againOf = (visit) => ({
  location: visit.location_id,
  client: visit.client_id,
  treatment: visit.treatment_id,
  practitioner: visit.practitioner_id,
});

function List({ visits, none, ...rest }) {
  const [isWhole, setWhole] = useState(false);
  if (!visits.length) return html`<p class="soft">${none}</p>`;
  const shown = isWhole ? visits : visits.slice(0, FEW);
  return html`<ul class="entries">${shown.map((visit) => html`<${Visit} key=${visit.id} visit=${visit} ...${rest} />`)}</ul>
    ${shown.length < visits.length && html`<button type="button" class="quiet" onClick=${() => setWhole(true)}>Show all ${visits.length}</button>`}`;
}

function Visit({ visit, today, marked, onMark, canBook }) {
  const day = dayOf(visit.start);
  const what = treatmentOf(visit.treatment_id)?.name ?? "Visit";
  const whom = practitionerOf(visit.practitioner_id)?.name;
  const where = locationOf(visit.location_id)?.name;
  const when = `${dayText(day, today)}, ${timeOf(visit.start)}`;
  return html`<li aria-current=${visit.id === marked ? "true" : undefined} onFocusIn=${() => onMark(visit.id)}>
    <${Link} class="when" to="schedule" query=${{ location: visit.location_id, date: day, visit: visit.id }}>${when}<//>
    <span class="what"><span dir="auto">${what}</span> <span class="soft" dir="auto">${[whom, where].filter(Boolean).join(" · ")}</span></span>
    <${Tag} of=${statusOf(visit)} />
    ${canBook && html`<${Link} class="act" to="schedule" query=${againOf(visit)} aria-label=${`Book again: ${what}, ${when}`}>Book again<//>`}
  </li>`;
}
