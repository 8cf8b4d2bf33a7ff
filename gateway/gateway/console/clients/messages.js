// What was sent to a client, what will be, and what was not and why.
import { get } from "../core/api.js";
import { locationOf } from "../core/clinic.js";
import { html, useRef } from "../core/html.js";
import { learnClocks } from "../core/time.js";
import { Action, useAsked } from "../core/ui.js";
import { Part, Tag, useNews } from "./part.js";
import { dayText, wallOf } from "./when.js";
import { CHANNELS, DELIVERY, MESSAGES } from "./words.js";

const FIRST = 8;
const MORE = 32;
const MOST = 200;
// The API's reason of what simply went out when it was to.
const AS_PLANNED = "due";

export function Messages({ client, zone, today }) {
  // Asked for as one page, so that what comes in meanwhile neither doubles one nor hides one.
  const limit = useRef(FIRST);
  const asked = useAsked(async (signal) => {
    const page = await get("/messages", { client_id: client, limit: limit.current }, { signal });
    await learnClocks(page.items.map((each) => zoneOf(each, zone)));
    return page;
  }, [client]);
  const more = () => {
    limit.current = Math.min(limit.current + MORE, MOST);
    return asked.reload();
  };
  useNews(client, ["notification", "booking"], asked.reload);
  return html`<${Part} title="Messages" asked=${asked}>${({ items, next }) => (items.length
    ? html`<ul class="entries">${items.map((message) => html`<${Message} key=${message.id} message=${message} zone=${zoneOf(message, zone)} today=${today} />`)}</ul>
      ${next && (items.length < MOST ? html`<${Action} className="quiet" onClick=${more}>Show older<//>` : html`<p class="soft">These are the latest ${MOST}.</p>`)}`
    : html`<p class="soft">No message was sent or planned.</p>`)}<//>`;
}

const zoneOf = (message, zone) => locationOf(message.location_id)?.timezone ?? zone;

function Message({ message, zone, today }) {
  const { day, time } = wallOf(message.sent_at ?? message.due_at, zone);
  const reason = message.reason === AS_PLANNED ? "" : message.reason;
  return html`<li><span class="when">${dayText(day, today)}, ${time}</span>
    <span class="what">${MESSAGES[message.kind] ?? message.kind} <span class="soft">${CHANNELS[message.channel] ?? message.channel}${reason && `: ${reason}`}</span></span>
    <${Tag} of=${DELIVERY[message.state]} code=${message.state} /></li>`;
}
