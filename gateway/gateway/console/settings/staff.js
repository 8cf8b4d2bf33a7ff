// Staff accounts: invited by letter, with roles at locations; who leaves is deactivated.
import { all, remove } from "../core/api.js";
import { chain, may, me } from "../core/clinic.js";
import { html } from "../core/html.js";
import { change } from "../core/router.js";
import { fail, say } from "../core/say.js";
import { useStore } from "../core/store.js";
import { Action, Failure, Loading, useAsked } from "../core/ui.js";
import { placesOf, roleName } from "../session/account.js";
import { hasDraft, useDraft } from "./draft.js";
import { Editor, Records } from "./editor.js";
import { errorIn, errorsOf } from "./errors.js";
import { Check, Choices, Rows, SelectField, TextField } from "./inputs.js";
import { plain } from "./location.js";

const ROLES = ["owner", "manager", "front_desk", "therapist", "billing", "integration", "auditor"].map((id) => ({ id, name: roleName(id) }));
const LABELS = { email: "E-mail", name: "Name", roles: "Roles", practitioner_id: "Therapist", active: "Active" };
const NEW = { email: "", name: "", roles: [{ role: "front_desk", location_ids: null }], practitioner_id: null };

export function Staff({ query }) {
  const list = useAsked(() => all("/staff"), []);
  const { data, problem } = list;
  if (!data) return problem ? html`<${Failure} problem=${problem} what="Accounts could not be loaded" onRetry=${() => list.reload({ quietly: false })} />` : html`<${Loading} />`;
  const saved = async (account) => {
    await list.reload();
    change({ id: account.id }, { replace: true });
  };
  return html`<${Records} items=${data} chosen=${query.id} what="Accounts" add="Invite somebody" empty="There is no account yet." mayAdd=${true} isDrafted=${(each) => hasDraft(`/staff/${each.id}`, each)}>
    ${(record, key) => html`<${Member} key=${key} record=${record.id ? record : NEW} onSaved=${saved} onChanged=${() => list.reload()} />`}<//>`;
}

function Member({ record, onSaved, onChanged }) {
  const { locations, practitioners } = useStore(chain);
  const draft = useDraft({ path: "/staff", record, onSaved });
  const { draft: it, set, problem } = draft;
  const errors = errorsOf(problem);
  const factorOff = async () => {
    try {
      await remove(`/staff/${record.id}/totp`);
      say(`${record.name} signs in by password alone, and anew.`);
    } catch (refused) {
      fail(refused, "Not taken away");
    }
    onChanged();
  };
  return html`<${Editor} draft=${draft} errors=${errors} title=${record.id ? record.name : "Invite somebody"} labels=${LABELS} tell=${tell}>
    ${record.id ? html`<p>${record.invited && html`<span class="tag plan">Invited, no password yet</span> `}${!record.active && html`<span class="tag bad">Deactivated</span> `}
      ${record.second_factor && html`<span class="tag good">Second factor</span>`}</p>` : html`<p class="hint">A letter invites them to choose a password; its link is good for 7 days.</p>`}
    <div class="row"><${TextField} label="Name" value=${it.name} onValue=${(name) => set({ name })} error=${errors.get("name")} maxlength="120" />
      <${TextField} label="E-mail" type="email" value=${it.email} onValue=${(email) => set({ email })} error=${errors.get("email")} maxlength="254" />
      <${SelectField} label="Is the therapist" none="none" options=${practitioners} value=${it.practitioner_id} onValue=${(practitioner_id) => set({ practitioner_id })} error=${errors.get("practitioner_id")} /></div>
    <${Rows} legend="Roles" name="roles" what="role" add="Add a role" hint="Nobody gives more than they may themselves." value=${it.roles} onValue=${(roles) => set({ roles })} errors=${errors}
      fresh=${() => ({ role: ROLES.find(({ id }) => !it.roles.some((each) => each.role === id))?.id ?? "front_desk", location_ids: null })}
      row=${(role, put, at) => html`<${SelectField} label="Role" options=${ROLES} value=${role.role} onValue=${(name) => put({ role: name })} error=${errors.get(`roles.${at}.role`)} />
        <div><${Check} label="At every location" value=${role.location_ids === null} onValue=${(isEvery) => put({ location_ids: isEvery ? null : locations.map((each) => each.id) })} />
        ${role.location_ids && html`<${Choices} label="Locations" options=${locations} value=${role.location_ids} onValue=${(location_ids) => put({ location_ids })} error=${errorIn(errors, `roles.${at}.location_ids`)} />`}</div>`} />
    ${record.id && record.id !== me.value.id.split(":")[1] && html`<${Check} label="May sign in" value=${it.active} onValue=${(active) => set({ active })} />`}
    ${record.second_factor && may("own") && html`<p><${Action} className="danger" onClick=${factorOff}>Take a lost authenticator away<//></p>`}<//>`;
}

function tell(name, value) {
  if (name === "roles") return value.map((each) => `${roleName(each.role)} at ${placesOf(each.location_ids).toLowerCase()}`).join(", ");
  return plain(value);
}
