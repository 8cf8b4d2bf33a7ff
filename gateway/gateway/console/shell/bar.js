// The bar over every screen: where, whom to look for, which screen, and whether news come.
import { call } from "../core/api.js";
import { chain } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { bindings, keysAreOn, switchKeys, useKeys } from "../core/keys.js";
import { live } from "../core/live.js";
import { change, Link, route } from "../core/router.js";
import { fail } from "../core/say.js";
import { useStore } from "../core/store.js";
import { clockText } from "../core/time.js";
import { Dialog } from "../core/ui.js";
import { leave } from "./leaving.js";
import { placeOf } from "./places.js";
import { Search } from "./search.js";
import { SCREENS } from "./screens.js";

export function Bar({ screen, who }) {
  const [isHelping, setHelping] = useState(false);
  useKeys({ "?": { does: "These keys", run: () => setHelping(true) } });
  const { query } = useStore(route);
  return html`<header class="shell">
    <${Link} to="schedule" query=${{ location: query.location }} class="brand">ClinicOps<//>
    <${Places} />
    <nav aria-label="Screens">${Object.entries(SCREENS)
      .filter(([, each]) => each.isMain && who.actions.includes(each.action))
      .map(([name, { title }]) => html`<${Link} key=${name} to=${name} query=${{ location: query.location }}
        aria-current=${name === screen ? "page" : undefined}>${title}<//>`)}</nav>
    <${Search} />
    <${LiveBadge} />
    <button type="button" class="quiet icon" aria-label="Keys" title="Keys (?)" onClick=${() => setHelping(true)}>?</button>
    <${Account} who=${who} />
    ${isHelping && html`<${Help} onClose=${() => setHelping(false)} />`}
  </header>`;
}

// Where one works: kept in the address, and the last one for the next visit.
function Places() {
  const { locations } = useStore(chain);
  const { query } = useStore(route);
  const select = (event) => {
    localStorage.setItem("clinic.location", event.target.value);
    change({ location: event.target.value, visit: null, who: null });
  };
  useKeys({ l: { does: "Go to the location switcher", run: () => document.getElementById("place").focus() } });
  if (locations.length < 2) return html`<span class="place">${locations[0]?.name}</span>`;
  return html`<label class="place"><span class="unseen">Location</span>
    <select id="place" value=${placeOf(query, locations)} onChange=${select}>
      ${locations.map((each) => html`<option key=${each.id} value=${each.id}>${each.name}</option>`)}
    </select></label>`;
}

const WORDS = { live: "Live", reconnecting: "Reconnecting …", offline: "Offline" };

function LiveBadge() {
  const { state, since } = useStore(live);
  const at = new Date(since);
  const text = state === "offline" ? `Offline since ${clockText(at.getHours() * 60 + at.getMinutes())}` : WORDS[state];
  return html`<span class=${`live ${state}`} data-live=${state}><span aria-hidden="true">●</span> ${text}</span>`;
}

function Account({ who }) {
  const out = async () => {
    try {
      await call("DELETE", "/sessions/current");
    } catch (problem) {
      if (problem.status !== 401) return fail(problem, "Not signed out");
    }
    return leave();
  };
  return html`<details class="account"><summary aria-label=${`Account of ${who.name}`}>${initials(who.name)}</summary>
    <div class="menu"><p><b>${who.name}</b><br /><span class="soft">${who.roles.map((r) => r.role.replaceAll("_", " ")).join(", ")}</span></p>
      <${Link} to="account">Your account<//>
      <button type="button" onClick=${out}>Sign out</button></div></details>`;
}

const initials = (name) => name.split(/\s+/).map((word) => [...word][0]).slice(0, 2).join("").toUpperCase();

function Help({ onClose }) {
  const all = useStore(bindings);
  const areOn = useStore(keysAreOn);
  const seen = new Map(all.map(({ keys, does }) => [keys, does]));
  return html`<${Dialog} title="Keys" onClose=${onClose} className="help">
    <dl class="keys">${[...seen].map(([keys, does]) => html`<dt><kbd>${keys === " " ? "Space" : keys}</kbd></dt><dd>${does}</dd>`)}</dl>
    <label class="check"><input type="checkbox" checked=${areOn} onChange=${(e) => switchKeys(e.target.checked)} />
      One-letter keys are on</label><//>`;
}
