// Closures of a location, and the visits that cannot take place as the settings are now.
import { get, remove } from "../core/api.js";
import { chain, locationOf } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { useEvents } from "../core/live.js";
import { fail, say } from "../core/say.js";
import { useStore } from "../core/store.js";
import { Action, Empty, Failure, Loading, useAsked } from "../core/ui.js";
import { placeOf } from "../shell/places.js";
import { Affected, ClosingForm, periodOf } from "./closing.js";
import { Check } from "./inputs.js";

export function Closures({ query }) {
  const { locations } = useStore(chain);
  const place = placeOf(query, locations);
  if (!place) return html`<${Empty}>There is no location yet.<//>`;
  return html`<${OfLocation} key=${place} location=${locationOf(place)} />`;
}

function OfLocation({ location }) {
  const path = `/locations/${location.id}/closures`;
  const [hasPast, setPast] = useState(false);
  const closures = useAsked((signal) => get(path, { past: hasPast, limit: 200 }, { signal }), [hasPast]);
  const worklist = useAsked((signal) => get("/worklists/reschedule", { location_id: location.id }, { signal }), []);
  const reload = () => {
    closures.reload();
    worklist.reload();
  };
  useEvents((event) => (event === null || event.type.startsWith("booking.")) && reload());
  const withdraw = (closure) => async () => {
    try {
      await remove(`${path}/${closure.id}`);
      say(`${periodOf(closure)}: open after all.`);
    } catch (problem) {
      fail(problem, "Not taken back");
    }
    reload();
  };
  const { data, problem } = closures;
  return html`<div class="columns"><section class="box" aria-labelledby="closures"><h2 id="closures">Closures of ${location.name}</h2>
      <${ClosingForm} path=${path} action="Close it then" onDone=${reload} />
      <${Check} label="Past ones too" value=${hasPast} onValue=${setPast} />
      ${problem && html`<${Failure} problem=${problem} onRetry=${closures.reload} />`}
      ${!data && !problem && html`<${Loading} lines=${3} />`}
      ${data?.items.length === 0 && html`<${Empty}>No closure is planned.<//>`}
      ${data && html`<ul class="closings">${data.items.map((each) => html`<li key=${each.id} data-closure=${each.id}><b>${periodOf(each)}</b> <span dir="auto">${each.reason}</span>
        ${each.withdrawn ? html` <span class="tag">taken back</span>` : html` <${Action} className="quiet push" aria-label=${`Take back ${periodOf(each)}`} onClick=${withdraw(each)}>Take back<//>`}</li>`)}</ul>`}</section>
    <section class="box" aria-labelledby="to-move"><h2 id="to-move">Visits to move</h2><p class="hint">They stand, but cannot take place as hours, shifts, rooms and closures are now.</p>
      ${worklist.problem && html`<${Failure} problem=${worklist.problem} onRetry=${worklist.reload} />`}
      ${!worklist.data && !worklist.problem && html`<${Loading} lines=${3} />`}
      ${worklist.data && html`<${Affected} visits=${worklist.data.items.map(shown)} title="To move or cancel" more=${worklist.data.next} empty="None: every visit to come can take place." />`}</section></div>`;
}

const shown = ({ appointment, why }) => ({ ...appointment, why: why.map((each) => each.detail).join("; ") });
