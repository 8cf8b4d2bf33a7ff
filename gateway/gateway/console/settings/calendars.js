// A therapist's busy times for a calendar to subscribe to, at an address that is a secret.
import { get, newKey, post, remove } from "../core/api.js";
import { html, useState } from "../core/html.js";
import { fail, say } from "../core/say.js";
import { Action, Failure, useAsked } from "../core/ui.js";
import { Secret } from "./secret.js";

export function Calendars({ practitioner }) {
  const path = `/practitioners/${practitioner.id}/calendar-feeds`;
  const feeds = useAsked((signal) => get(path, {}, { signal }), [practitioner.id]);
  const [made, setMade] = useState(null);
  const open = async () => {
    try {
      setMade(await post(path, {}, { key: newKey() }));
    } catch (problem) {
      fail(problem, "No calendar opened");
    }
    feeds.reload();
  };
  const revoke = (feed) => async () => {
    try {
      await remove(`${path}/${feed.id}`);
      say("The calendar's address leads nowhere now.");
    } catch (problem) {
      fail(problem, "Not ended");
    }
    feeds.reload();
  };
  const { data, problem } = feeds;
  return html`<section class="box" aria-labelledby="calendars"><h2 id="calendars">Calendar addresses</h2>
    <p class="hint">Busy times for a phone's calendar, without clients. Who has the address reads it.</p>
    ${problem && html`<${Failure} problem=${problem} onRetry=${feeds.reload} />`}
    ${data && html`<ul class="closings">${data.items.map((each) => html`<li key=${each.id}><code>${each.id}</code> <span class="soft">since ${each.created_at.slice(0, 10)}</span>
      <${Action} className="quiet push" aria-label=${`End ${each.id}`} onClick=${revoke(each)}>End it<//></li>`)}</ul>`}
    <${Action} onClick=${open}>Make an address<//>
    ${made && html`<${Secret} title="A new calendar address" name="The address" secret=${made.url} onClose=${() => setMade(null)}>Subscribe to it in a calendar.<//>`}</section>`;
}
