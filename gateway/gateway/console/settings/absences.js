// When a therapist is away; nothing is cancelled by it, and the visits it hits are listed.
import { get, remove } from "../core/api.js";
import { html, useState } from "../core/html.js";
import { fail, say } from "../core/say.js";
import { Action, Failure, useAsked } from "../core/ui.js";
import { Affected, ClosingForm, periodOf } from "./closing.js";

export function Absences({ practitioner }) {
  const path = `/practitioners/${practitioner.id}/absences`;
  const absences = useAsked((signal) => get(path, { limit: 200 }, { signal }), [practitioner.id]);
  const [told, setTold] = useState(null);
  const { data, problem } = absences;
  const done = (made) => {
    setTold(made);
    absences.reload();
  };
  const withdraw = (absence) => async () => {
    try {
      await remove(`${path}/${absence.id}`);
      say(`${practitioner.name} is there after all, ${periodOf(absence)}.`);
      setTold(null);
    } catch (refused) {
      fail(refused, "Not taken back");
    }
    absences.reload();
  };
  return html`<section class="box" aria-labelledby="absences"><h2 id="absences">Absences</h2>
    <${ClosingForm} path=${path} action="Record the absence" mayOmitReason=${true} onDone=${done} />
    ${told && html`<${Affected} visits=${told.affected.map((each) => ({ ...each, id: each.appointment_id }))} title="Visits that have to be moved" more=${told.more} empty="No visit is affected." />`}
    ${problem && html`<${Failure} problem=${problem} onRetry=${absences.reload} />`}
    ${data?.items.length === 0 && html`<p class="soft">None is planned.</p>`}
    ${data && html`<ul class="closings">${data.items.map((each) => html`<li key=${each.id}><b>${periodOf(each)}</b> <span dir="auto">${each.reason}</span>
      <${Action} className="quiet push" aria-label=${`Take back ${periodOf(each)}`} onClick=${withdraw(each)}>Take back<//></li>`)}</ul>`}</section>`;
}
