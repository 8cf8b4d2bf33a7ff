// The schedule: a location's day by therapist or room, or one of them through a week.
import { get } from "../core/api.js";
import { chain, learnNames, locationOf, nameOf } from "../core/clinic.js";
import { html } from "../core/html.js";
import { route } from "../core/router.js";
import { useStore } from "../core/store.js";
import { longDay, timeOf, todayAt } from "../core/time.js";
import { Failure, Loading, useAsked } from "../core/ui.js";
import { placeOf } from "../shell/places.js";

export function Schedule() {
  const { query } = useStore(route);
  const { locations } = useStore(chain);
  const place = placeOf(query, locations);
  const { data, problem, isLoading, reload } = useAsked(async () => {
    const day = query.date || (await todayAt(locationOf(place).timezone));
    const sheet = await get("/day-sheet", { location_id: place, date: day });
    await learnNames(sheet.columns.flatMap((c) => c.appointments.map((a) => a.client_id)));
    return sheet;
  }, [place, query.date]);
  if (isLoading) return html`<${Loading} />`;
  if (!data) return html`<${Failure} problem=${problem} onRetry=${reload} />`;
  return html`<div class="screen"><h1>${longDay(data.date)}</h1>
    ${data.columns.map((column) => html`<section class="box"><h2>${column.name}</h2><ul>${column.appointments.map((a) =>
      html`<li>${timeOf(a.start)} ${nameOf(a.client_id)}</li>`)}</ul></section>`)}</div>`;
}
