// What was sent to a client, what will be, and what was not and why.
import { get } from "../core/api.js";
import { locationOf } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { fail } from "../core/say.js";
import { learnClocks } from "../core/time.js";
import { Action, useAsked } from "../core/ui.js";
import { Part, Tag, useNews } from "./part.js";
import { dayText, wallOf } from "./when.js";
import { CHANNELS, DELIVERY, MESSAGES } from "./words.js";

const PAGE = 8;
// The API's reason of what simply went out when it was to.
const AS_PLANNED = "due";

export function Messages({ client, zone, today }) {
  const ask = async (cursor, signal) => {
    const page = await get("/messages", { client_id: client, limit: PAGE, cursor }, { signal });
    await learnClocks(page.items.map((each) => zoneOf(each, zone)));
    return page;
  };
  const asked = useAsked((signal) => ask(null, signal), [client]);
  useNews(client, ["notification", "booking"], asked.reload);
  return html`<${Part} title="Messages" asked=${asked}>${(page) => html`
    <${Pages} key=${page.items.map((each) => each.id + each.state)} first=${page} ask=${ask} zone=${zone} today=${today} />`}<//>`;
}

const zoneOf = (message, zone) => locationOf(message.location_id)?.timezone ?? zone;

function Pages({ first, ask, zone, today }) {
  const [pages, setPages] = useState([first]);
  const more = async () => {
    try {
      const page = await ask(pages.at(-1).next);
      setPages((all) => [...all, page]);
    } catch (problem) {
      fail(problem, "Not loaded");
    }
  };
  const messages = pages.flatMap((page) => page.items);
  if (!messages.length) return html`<p class="soft">No message was sent or planned.</p>`;
  return html`<ul class="rows">${messages.map((message) => html`<${Message} key=${message.id} message=${message} zone=${zoneOf(message, zone)} today=${today} />`)}</ul>
    ${pages.at(-1).next && html`<${Action} className="quiet" onClick=${more}>Show older<//>`}`;
}

function Message({ message, zone, today }) {
  const { day, time } = wallOf(message.sent_at ?? message.due_at, zone);
  const reason = message.reason === AS_PLANNED ? "" : message.reason;
  return html`<li><span class="when">${dayText(day, today)}, ${time}</span>
    <span class="what">${MESSAGES[message.kind] ?? message.kind} <span class="soft">${CHANNELS[message.channel] ?? message.channel}${reason && `: ${reason}`}</span></span>
    <${Tag} of=${DELIVERY[message.state]} code=${message.state} /></li>`;
}
