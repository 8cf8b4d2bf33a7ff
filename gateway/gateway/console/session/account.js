// One's own account: what one may where, password, second factor, sessions, keys.
import { chain, me } from "../core/clinic.js";
import { html } from "../core/html.js";
import { keysAreOn, switchKeys } from "../core/keys.js";
import { useStore } from "../core/store.js";
import { ChangePassword } from "./change-password.js";
import { SecondFactor } from "./second-factor.js";
import { Sessions } from "./sessions.js";

export function Account() {
  const who = useStore(me);
  const areOn = useStore(keysAreOn);
  return html`<div class="screen"><h1>Your account</h1><div class="columns">
    <section class="box" aria-labelledby="who"><h2 id="who" dir="auto">${who.name}</h2>
      <dl class="facts">${who.roles.map((each) => html`<dt>${roleName(each.role)}</dt><dd>${placesOf(each.location_ids)}</dd>`)}</dl></section>
    <${ChangePassword} /><${SecondFactor} /><${Sessions} />
    <section class="box" aria-labelledby="keys"><h2 id="keys">Keys</h2>
      <label class="check"><input type="checkbox" checked=${areOn} onChange=${(e) => switchKeys(e.target.checked)} /> One-letter keys are on, in this browser</label></section>
  </div></div>`;
}

export const roleName = (role) => role.charAt(0).toUpperCase() + role.slice(1).replaceAll("_", " ");

export const placesOf = (ids) =>
  ids ? ids.map((id) => chain.value.locations.find((each) => each.id === id)?.name ?? id).join(", ") : "Every location";
