// One visit in the grid: a button that says all there is to know.
import { nameOf, practitionerOf, treatmentOf } from "../core/clinic.js";
import { html } from "../core/html.js";
import { clockText } from "../core/time.js";
import { statusOf } from "./status.js";

export function Visit({ place, box, isActive, isSelected, isMoving, roomName, onFocus, onPress, onGrab, isDoubtful }) {
  const { visit, from, to } = place;
  const { word, sign } = statusOf(visit);
  const name = nameOf(visit.client_id);
  const time = `${clockText(from)} to ${clockText(to)}`;
  const who = practitionerOf(visit.practitioner_id)?.name ?? "";
  const marks = [
    visit.overlaps.length ? "double-booked" : "",
    visit.series_id ? "one of a series" : "",
    isDoubtful ? "cannot take place as it stands" : "",
  ].filter(Boolean);
  const label = [name, time, who, roomName, word, ...marks].filter(Boolean).join(", ");
  const kinds = ["visit", visit.status, isSelected && "selected", isMoving && "moving", to - from < 40 ? "short" : to - from < 60 && "low"];
  return html`<button type="button" class=${kinds.filter(Boolean).join(" ")} style=${box} data-visit=${visit.id}
    data-version=${visit.version} tabindex=${isActive ? 0 : -1} aria-label=${label} aria-pressed=${isSelected}
    onFocus=${() => onFocus(visit.id)} onClick=${() => onPress(visit.id)} onPointerDown=${(e) => onGrab(e, place)}>
    <span class="when"><span class="sign" aria-hidden="true">${sign}</span> ${clockText(from)}${marks.length ? html`<span class="marks" aria-hidden="true">${visit.overlaps.length ? "⧉" : ""}${visit.series_id ? "↻" : ""}${isDoubtful ? "!" : ""}</span>` : ""}</span>
    <span class="name" dir="auto">${name}</span>
    <span class="what">${treatmentOf(visit.treatment_id)?.name ?? ""}</span>
  </button>`;
}
