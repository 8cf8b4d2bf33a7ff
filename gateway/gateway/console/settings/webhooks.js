// Webhook endpoints: which of a clinic's own programs are told of what, and what reached them.
import { get, newKey, post, remove } from "../core/api.js";
import { may } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { useOnce } from "../core/once.js";
import { fail, say } from "../core/say.js";
import { Action, Empty, Failure, Loading, useAsked } from "../core/ui.js";
import { eventName, utc } from "../health/words.js";
import { errorIn, errorsOf } from "./errors.js";
import { Choices, TextField } from "./inputs.js";
import { Secret, useSecrets } from "./secret.js";

const TYPES = ["invoice_issued", "invoice_voided", "payment_received", "payment_refunded", "claim_changed"].map((each) => `billing.${each}.v1`);
const OPTIONS = TYPES.map((id) => ({ id, name: eventName(id) }));

export function Webhooks() {
  const list = useAsked((signal) => get("/webhook-endpoints", {}, { signal }), []);
  const isOwner = may("own");
  const { secret, made, act, forget } = useSecrets(list, (answer) => answer.secret);
  const { data, problem } = list;
  return html`<div class="columns"><section class="box" aria-labelledby="hooks"><h2 id="hooks">Webhook endpoints</h2>
      ${problem && html`<${Failure} problem=${problem} onRetry=${list.reload} />`}${!data && !problem && html`<${Loading} lines=${3} />`}
      ${data?.items.length === 0 && html`<${Empty}>No program is told of anything yet.<//>`}
      ${data?.items.map((each) => html`<div class="hook" key=${each.id} data-hook=${each.id}><p><code>${each.url}</code> <span class=${`tag ${each.status === "enabled" ? "good" : "warn"}`}>${each.status}</span></p>
        <p class="soft">${each.event_types.map(eventName).join(", ")}</p><${Deliveries} endpoint=${each} />
        ${isOwner && html`<div class="buttons"><${Action} onClick=${act(() => post(`/webhook-endpoints/${each.id}/rotate-secret`, {}, { key: newKey() }), made)}>New secret<//>
          <${Action} className="danger" aria-label=${`Remove ${each.url}`} onClick=${act(() => remove(`/webhook-endpoints/${each.id}`), () => say("It is told of nothing any more."))}>Remove<//></div>`}</div>`)}</section>
    ${isOwner && html`<${NewHook} onMade=${made} />`}
    ${secret && html`<${Secret} title="The endpoint's secret" name="The secret" secret=${secret} onClose=${forget}>By it the program knows that a message is ours (Standard Webhooks).<//>`}</div>`;
}

function NewHook({ onMade }) {
  const [form, setForm] = useState({ url: "", event_types: [] });
  const [problem, setProblem] = useState(null);
  const keyFor = useOnce();
  const errors = errorsOf(problem);
  const send = async (event) => {
    event.preventDefault();
    try {
      const made = await post("/webhook-endpoints", form, { key: keyFor(form) });
      setForm({ url: "", event_types: [] });
      setProblem(null);
      onMade(made);
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<form class="box editor" onSubmit=${send} novalidate aria-labelledby="new-hook"><h2 id="new-hook">Tell a program</h2>
    <${TextField} label="Address" value=${form.url} onValue=${(url) => setForm({ ...form, url })} error=${errors.get("url")} placeholder="https://" maxlength="1000" />
    <${Choices} label="Of what" options=${OPTIONS} value=${form.event_types} onValue=${(event_types) => setForm({ ...form, event_types })} error=${errorIn(errors, "event_types")} />
    ${problem && !errors.size && html`<p class="wrong" role="alert">${problem.message}</p>`}<button class="main">Add the endpoint</button></form>`;
}

function Deliveries({ endpoint }) {
  const [isOpen, setOpen] = useState(false);
  return html`<details onToggle=${(e) => setOpen(e.target.open)}><summary>Deliveries</summary>${isOpen && html`<${DeliveryList} endpoint=${endpoint} />`}</details>`;
}

const KINDS = { delivered: "good", failed: "bad", scheduled: "plan", sending: "plan", skipped: "warn" };

function DeliveryList({ endpoint }) {
  const path = `/webhook-endpoints/${endpoint.id}/deliveries`;
  const { data, problem, reload } = useAsked((signal) => get(path, { limit: 20 }, { signal }), [endpoint.id]);
  const again = (each) => async () => {
    try {
      await post(`${path}/${each.id}/redeliver`, {}, { key: newKey() });
      say("It is delivered once more.");
    } catch (refused) {
      fail(refused, "Not delivered again");
    }
    reload();
  };
  if (!data) return problem ? html`<${Failure} problem=${problem} onRetry=${reload} />` : html`<${Loading} lines=${2} />`;
  if (!data.items.length) return html`<p class="soft">None in the last 30 days.</p>`;
  return html`<ul class="closings">${data.items.map((each) => html`<li key=${each.id}><span class=${`tag ${KINDS[each.state] ?? ""}`}>${each.state}</span> ${eventName(each.event_type)}
    <span class="soft">${utc(each.created_at)}${each.answer ? ` · answered ${each.answer}` : ""}${each.reason ? ` · ${each.reason}` : ""}</span>
    ${["failed", "delivered", "skipped"].includes(each.state) && html`<${Action} className="quiet push" onClick=${again(each)}>Again<//>`}</li>`)}</ul>`;
}
