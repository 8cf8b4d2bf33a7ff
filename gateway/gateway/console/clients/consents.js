// What a client agreed to, by purpose and channel, with the evidence.
import { get, post } from "../core/api.js";
import { may } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { say } from "../core/say.js";
import { learnClocks } from "../core/time.js";
import { useAsked } from "../core/ui.js";
import { Area, Choice, FormDialog, useForm } from "./form.js";
import { Part, useNews } from "./part.js";
import { dayText, wallOf } from "./when.js";
import { CHANNELS, PURPOSES } from "./words.js";

export function Consents({ client, zone, today }) {
  const asked = useAsked(async (signal) => {
    const [{ items }] = await Promise.all([get(`/clients/${client}/consents`, {}, { signal }), learnClocks([zone])]);
    return items;
  }, [client]);
  const [dialog, setDialog] = useState(null);
  useNews(client, ["client_profile"], asked.reload);
  const canRecord = may("book");
  const record = canRecord && html`<button type="button" onClick=${() => setDialog({})}>Record consent</button>`;
  return html`<${Part} title="Consents" asked=${asked} action=${record}>${(items) => html`
    <${InForce} items=${items} zone=${zone} today=${today} onChange=${canRecord ? setDialog : null} />`}<//>
    ${dialog && html`<${Record} client=${client} start=${dialog} onClose=${() => setDialog(null)} onDone=${() => { setDialog(null); asked.reload(); }} />`}`;
}

const nameOfConsent = ({ purpose, channel }) =>
  `${PURPOSES[purpose] ?? purpose} by ${(CHANNELS[channel] ?? channel).toLowerCase()}`;

// Newest first: the first of each purpose and channel is in force, the others are its history.
function InForce({ items, zone, today, onChange }) {
  if (!items.length) return html`<p class="soft">No consent is on record.</p>`;
  const groups = Map.groupBy(items, nameOfConsent);
  return html`<ul class="entries">${[...groups].map(([name, [latest, ...earlier]]) => html`<li key=${name}>
    <span class="what">${name} <span class="soft">${evidence(latest, zone, today)}</span>
      ${earlier.length > 0 && html`<details><summary>Earlier (${earlier.length})</summary><ul>${earlier.map((each, at) =>
        html`<li key=${at}>${each.granted ? "Granted" : "Withdrawn"} ${evidence(each, zone, today)}</li>`)}</ul></details>`}</span>
    <span class=${`tag ${latest.granted ? "good" : "warn"}`}><span aria-hidden="true">${latest.granted ? "✓" : "✕"}</span> ${latest.granted ? "Granted" : "Withdrawn"}</span>
    ${onChange && html`<button type="button" aria-label=${`${latest.granted ? "Withdraw" : "Grant again"}: ${name}`}
      onClick=${() => onChange({ purpose: latest.purpose, channel: latest.channel, granted: latest.granted ? "no" : "yes" })}>${latest.granted ? "Withdraw" : "Grant again"}</button>`}
  </li>`)}</ul>`;
}

function evidence({ given_at, wording }, zone, today) {
  const { day, time } = wallOf(given_at, zone);
  return html`${dayText(day, today)}, ${time}${wording && html`: <q dir="auto">${wording}</q>`}`;
}

const GRANTED = { yes: "Granted", no: "Withdrawn" };

function Record({ client, start, onClose, onDone }) {
  const form = useForm({ purpose: "appointments", channel: "email", granted: "yes", wording: "", ...start }, async (draft, keyFor) => {
    const body = { ...draft, granted: draft.granted === "yes", wording: draft.wording.trim() || null };
    await post(`/clients/${client}/consents`, body, { key: keyFor(body) });
    say(`Consent ${GRANTED[draft.granted].toLowerCase()}: ${nameOfConsent(draft)}.`);
    onDone();
  });
  const { none: _none, ...channels } = CHANNELS;
  return html`<${FormDialog} title=${form.draft.granted === "no" ? "Withdraw consent" : "Record consent"} form=${form} submit="Record" onClose=${onClose}>
    <div class="row"><${Choice} form=${form} name="purpose" label="Purpose" options=${PURPOSES} data-first />
      <${Choice} form=${form} name="channel" label="Channel" options=${channels} />
      <${Choice} form=${form} name="granted" label="The client has" options=${GRANTED} /></div>
    <${Area} form=${form} name="wording" label="Wording" hint="What the client was shown, or said" maxlength="500" /><//>`;
}
