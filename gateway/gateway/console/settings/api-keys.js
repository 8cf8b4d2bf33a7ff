// API keys of machines: made, replaced without a gap, ended. A key is shown once.
import { all, newKey, post, remove } from "../core/api.js";
import { chain } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { useOnce } from "../core/once.js";
import { say } from "../core/say.js";
import { useStore } from "../core/store.js";
import { Action, Empty, Failure, Loading, useAsked } from "../core/ui.js";
import { utc } from "../health/words.js";
import { placesOf, roleName } from "../session/account.js";
import { errorIn, errorsOf } from "./errors.js";
import { Choices, SelectField, TextField } from "./inputs.js";
import { Secret, useSecrets } from "./secret.js";

const ROLES = ["integration", "billing", "auditor", "front_desk", "therapist", "manager"].map((id) => ({ id, name: roleName(id) }));

export function ApiKeys() {
  const list = useAsked(() => all("/api-keys", {}, 500), []);
  const { secret, made, act, forget } = useSecrets(list, (answer) => answer.key);
  const { data, problem } = list;
  return html`<div class="columns"><section class="box" aria-labelledby="api-keys"><h2 id="api-keys">API keys</h2>
      ${problem && html`<${Failure} problem=${problem} onRetry=${list.reload} />`}${!data && !problem && html`<${Loading} lines=${3} />`}
      ${data?.length === 0 && html`<${Empty}>No machine has a key yet.<//>`}
      ${data?.map((each) => html`<div class="hook" key=${each.id} data-key=${each.id}><p><b dir="auto">${each.name}</b> <code>${each.prefix}…</code> <span class="tag">${roleName(each.role)}</span></p>
        <p class="soft">${placesOf(each.location_ids)} · ${each.used_at ? `last used ${utc(each.used_at)}` : "never used"}${each.expires_at ? ` · ends ${utc(each.expires_at)}` : ""}</p>
        <div class="buttons"><${Action} aria-label=${`Replace ${each.name}`} onClick=${act(() => post(`/api-keys/${each.id}/rotate`, {}, { key: newKey() }), made)}>Replace<//>
          <${Action} className="danger" aria-label=${`End ${each.name}`} onClick=${act(() => remove(`/api-keys/${each.id}`), () => say(`${each.name} has ended.`))}>End<//></div></div>`)}
      <p class="hint">After Replace the key of before works on for 24 hours.</p></section>
    <${NewApiKey} onMade=${made} />
    ${secret && html`<${Secret} title="An API key" name="The key" secret=${secret} onClose=${forget}>The machine sends it as <code>Authorization: Bearer</code>.<//>`}</div>`;
}

function NewApiKey({ onMade }) {
  const { locations } = useStore(chain);
  const blank = { name: "", role: "integration", location_ids: [] };
  const [form, setForm] = useState(blank);
  const [problem, setProblem] = useState(null);
  const keyFor = useOnce();
  const errors = errorsOf(problem);
  const send = async (event) => {
    event.preventDefault();
    const body = { ...form, location_ids: form.location_ids.length ? form.location_ids : null };
    try {
      const made = await post("/api-keys", body, { key: keyFor(body) });
      setForm(blank);
      setProblem(null);
      onMade(made);
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<form class="box editor" onSubmit=${send} novalidate aria-labelledby="new-key"><h2 id="new-key">A new key</h2>
    <${TextField} label="Name" value=${form.name} onValue=${(name) => setForm({ ...form, name })} error=${errors.get("name")} hint="Which machine has it" maxlength="120" />
    <${SelectField} label="Role" options=${ROLES} value=${form.role} onValue=${(role) => setForm({ ...form, role })} error=${errors.get("role")} />
    <${Choices} label="Locations (none: every one)" options=${locations} value=${form.location_ids} onValue=${(location_ids) => setForm({ ...form, location_ids })} error=${errorIn(errors, "location_ids")} />
    ${problem && !errors.size && html`<p class="wrong" role="alert">${problem.message}</p>`}<button class="main">Make the key</button></form>`;
}
