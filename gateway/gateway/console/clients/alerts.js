// Alerts: what has to be known before a client is treated. Health data, for clinic staff alone.
import { post } from "../core/api.js";
import { html, useState } from "../core/html.js";
import { fail, say } from "../core/say.js";
import { Action } from "../core/ui.js";
import { Area, Check, Choice, FormDialog, Input, Theirs, useEdit, useForm } from "./form.js";
import { Part, Tag } from "./part.js";
import { spanText } from "./when.js";
import { LEVELS } from "./words.js";

const ORDER = Object.keys(LEVELS);
const isOver = ({ lifted, until }, today) => lifted || (until && until < today);
const holds = (alert, today) => !isOver(alert, today) && (!alert.from || alert.from <= today);
const bySeverity = (one, other) => ORDER.indexOf(one.level) - ORDER.indexOf(other.level);

// What is in force today, over everything else.
export function Banner({ asked, today }) {
  const now = (asked.data?.items ?? []).filter((alert) => holds(alert, today)).sort(bySeverity);
  if (!now.length) return null;
  return html`<section class="banner" aria-label="Alerts in force">${now.map((alert) => html`<${Warning} key=${alert.id} alert=${alert} />`)}</section>`;
}

function Warning({ alert }) {
  const { sign, kind, word, does } = LEVELS[alert.level];
  return html`<p class=${kind}><b><span aria-hidden="true">${sign}</span> ${word}:</b> <span dir="auto">${alert.kind}</span> <span class="does">${does}</span></p>`;
}

export function Alerts({ client, asked, today }) {
  const [dialog, setDialog] = useState(null);
  const done = () => {
    setDialog(null);
    asked.reload();
  };
  const raise = html`<button type="button" onClick=${() => setDialog("new")}>Raise an alert</button>`;
  return html`<${Part} title="Alerts" asked=${asked} action=${raise}>${({ items }) => {
    const [over, open] = [items.filter((a) => isOver(a, today)), items.filter((a) => !isOver(a, today)).sort(bySeverity)];
    return html`${open.length ? html`<ul class="entries">${open.map((alert) => html`<${Row} key=${alert.id} alert=${alert} today=${today} onChange=${setDialog} onDone=${done} />`)}</ul>`
      : html`<p class="soft">No alert is in force.</p>`}
      ${over.length > 0 && html`<details><summary>Over (${over.length})</summary><ul class="entries">${over.map((alert) =>
        html`<li key=${alert.id}><span class="what"><span dir="auto">${alert.kind}</span> <span class="soft">${spanText(alert.from, alert.until, today)}</span></span>
          <span class="tag">${LEVELS[alert.level].word}, ${alert.lifted ? "lifted" : "ended"}</span></li>`)}</ul></details>`}`;
  }}<//>
    ${dialog === "new" && html`<${Raise} client=${client} onClose=${() => setDialog(null)} onDone=${done} />`}
    ${dialog && dialog !== "new" && html`<${Change} alert=${dialog} onClose=${() => setDialog(null)} onDone=${done} />`}`;
}

function Row({ alert, today, onChange, onDone }) {
  const lift = async () => {
    try {
      await post(`/clients/${alert.client_id}/alerts/${alert.id}/lift`, {}, { version: alert.version });
      say("The alert is lifted.");
    } catch (problem) {
      fail(problem, "Not lifted");
    }
    onDone();
  };
  const notes = [spanText(alert.from, alert.until, today), alert.acknowledgement_needed && "to be read before booking"];
  return html`<li><span class="what"><span dir="auto">${alert.kind}</span> <span class="soft">${notes.filter(Boolean).join(" · ")}</span></span>
    <${Tag} of=${LEVELS[alert.level]} code=${alert.level} />
    <span class="pair"><button type="button" aria-label=${`Change: ${alert.kind}`} onClick=${() => onChange(alert)}>Change</button>
      <${Action} aria-label=${`Lift: ${alert.kind}`} onClick=${lift}>Lift<//></span></li>`;
}

const LABELS = { level: "Level", kind: "What has to be known", from: "From", until: "Until", acknowledgement_needed: "To be read before booking" };
const WORDS = Object.fromEntries(Object.entries(LEVELS).map(([level, { word, does }]) => [level, `${word}: ${does}`]));
const draftOf = (alert) => ({ ...Object.fromEntries(Object.keys(LABELS).map((name) => [name, alert[name] ?? ""])) });
const bodyOf = (draft) => ({ ...draft, kind: draft.kind.trim(), from: draft.from || null, until: draft.until || null });

function Fields({ form }) {
  return html`<${Choice} form=${form} name="level" label=${LABELS.level} options=${WORDS} data-first />
    <${Area} form=${form} name="kind" label=${LABELS.kind} hint="Health data: shown to clinic staff alone" maxlength="500" />
    <div class="row"><${Input} form=${form} name="from" label=${LABELS.from} type="date" /><${Input} form=${form} name="until" label=${LABELS.until} type="date" /></div>
    <${Check} form=${form} name="acknowledgement_needed">${LABELS.acknowledgement_needed}<//>`;
}

function Raise({ client, onClose, onDone }) {
  const start = draftOf({ level: "caution", acknowledgement_needed: true });
  const form = useForm(start, async (draft, keyFor) => {
    const body = bodyOf(draft);
    await post(`/clients/${client}/alerts`, body, { key: keyFor(body) });
    say("The alert is raised.");
    onDone();
  });
  return html`<${FormDialog} title="Raise an alert" form=${form} submit="Raise" onClose=${onClose}><${Fields} form=${form} /><//>`;
}

function Change({ alert, onClose, onDone }) {
  const saved = () => {
    say("The alert is changed.");
    onDone();
  };
  const form = useEdit({ record: alert, path: `/clients/${alert.client_id}/alerts/${alert.id}`, draftOf, bodyOf, onSaved: saved });
  return html`<${FormDialog} title="Change the alert" form=${form} onClose=${onClose}>
    <${Theirs} changes=${form.theirs} labels=${LABELS} /><${Fields} form=${form} /><//>`;
}
