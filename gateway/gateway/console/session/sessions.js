// Where one is signed in, and the end of what one does not know.
import { get, remove } from "../core/api.js";
import { html } from "../core/html.js";
import { fail, say } from "../core/say.js";
import { Action, Failure, Loading, useAsked } from "../core/ui.js";
import { utc } from "../health/words.js";

export function Sessions() {
  const { data, problem, reload } = useAsked(() => get("/sessions"), []);
  const end = (path, done) => async () => {
    try {
      await remove(path);
      say(done);
    } catch (refused) {
      fail(refused, "Not ended");
    }
    reload();
  };
  const others = data?.items.filter((each) => !each.current).length ?? 0;
  return html`<section class="box" aria-labelledby="sessions"><h2 id="sessions">Where you are signed in</h2>
    ${problem && html`<${Failure} problem=${problem} onRetry=${reload} />`}${!data && !problem && html`<${Loading} lines=${3} />`}
    ${data && html`<ul class="closings">${data.items.map((each) => html`<li key=${each.id} data-session=${each.id}><div><b>${browserOf(each.user_agent)}</b> ${each.current && html`<span class="tag good">This one</span>`}
        <br /><span class="soft">${each.network} · seen ${utc(each.seen_at)}</span></div>
        ${!each.current && html`<${Action} className="quiet push" aria-label=${`End ${browserOf(each.user_agent)}, ${each.network}`} onClick=${end(`/sessions/${each.id}`, "That session has ended.")}>End<//>`}</li>`)}</ul>
      ${others > 0 && html`<${Action} onClick=${end("/sessions", "Every other session has ended.")}>End all others<//>`}`}</section>`;
}

// What a User-Agent header says first of all; the rest is history.
function browserOf(agent) {
  const browser = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]].find(([mark]) => agent.includes(mark))?.[1];
  const system = ["Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux"].find((each) => agent.includes(each));
  return browser ? [browser, system].filter(Boolean).join(", ") : agent.slice(0, 40) || "Unknown program";
}
