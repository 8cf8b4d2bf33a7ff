// What became of a visit, when and by whom.
import { get } from "../core/api.js";
import { practitionerOf } from "../core/clinic.js";
import { html } from "../core/html.js";
import { shortDay, timeOf } from "../core/time.js";
import { Failure, useAsked } from "../core/ui.js";

export function History({ visit, roomName }) {
  const { data, problem, reload } = useAsked(
    () => get(`/appointments/${visit.id}/history`),
    [visit.id, visit.version],
  );
  return html`<section class="history"><h3>History</h3>
    ${problem && html`<${Failure} problem=${problem} onRetry=${reload} />`}
    ${data && html`<ol>${data.items.map((each) => html`<li key=${each.version}>
      <span class="soft">${shortDay(each.at.slice(0, 10))} ${timeOf(each.at)}</span> ${words(each, roomName)}${" "}
      <span class="soft">by ${each.actor_name}</span></li>`)}</ol>`}
  </section>`;
}

const WORDS = {
  booked: "Booked",
  cancelled: "Cancelled",
  arrived: "Arrived",
  unarrived: "Not here after all",
  fulfilled: "Completed",
  missed: "Did not come",
  overlapped: "Double-booked on purpose",
};

function words({ kind, visit, previous }, roomName) {
  if (kind !== "moved" || !previous) return WORDS[kind] ?? kind.replaceAll("_", " ");
  const from = [];
  const to = [];
  if (visit.local_start !== previous.local_start) {
    from.push(`${shortDay(previous.local_start.slice(0, 10))} ${timeOf(previous.local_start)}`);
    to.push(`${shortDay(visit.local_start.slice(0, 10))} ${timeOf(visit.local_start)}`);
  }
  if (visit.practitioner_id !== previous.practitioner_id) {
    from.push(practitionerOf(previous.practitioner_id)?.name ?? "another therapist");
    to.push(practitionerOf(visit.practitioner_id)?.name ?? "another therapist");
  }
  if (visit.room_id !== previous.room_id) {
    from.push(roomName(previous));
    to.push(roomName(visit));
  }
  return from.length ? `Moved from ${from.join(", ")} to ${to.join(", ")}` : "Moved";
}
