// The trail: who signed in, who was refused, who changed who may what. Nothing of it is altered.
import { get } from "../core/api.js";
import { html, useState } from "../core/html.js";
import { Empty, Failure, Loading, useAsked } from "../core/ui.js";
import { sentence, utc } from "../health/words.js";
import { SelectField } from "./inputs.js";

const KINDS = [
  "signed_in", "sign_in_refused", "signed_out", "session_revoked", "totp_enabled", "totp_disabled", "totp_removed", "password_asked", "password_chosen", "password_changed",
  "staff_added", "staff_changed", "key_made", "key_rotated", "key_revoked", "refused",
].map((id) => ({ id, name: sentence(id) }));
const ALARMING = new Set(["sign_in_refused", "refused"]);

export function Audit() {
  const [kind, setKind] = useState(null);
  return html`<section class="box" aria-labelledby="audit"><h2 id="audit">Audit trail</h2>
    <${SelectField} label="Of" none="everything" options=${KINDS} value=${kind} onValue=${setKind} /><${Trail} key=${kind} kind=${kind} /></section>`;
}

// A screen of its own too: an auditor has no settings.
export const AuditScreen = () => html`<div class="screen"><h1>Audit</h1><${Audit} /></div>`;

function Trail({ kind }) {
  const [older, setOlder] = useState([]);
  const { data, problem, reload } = useAsked((signal) => get("/audit", { kind, limit: 50 }, { signal }), []);
  if (!data) return problem ? html`<${Failure} problem=${problem} onRetry=${reload} />` : html`<${Loading} />`;
  const pages = [data, ...older];
  const rows = pages.flatMap((page) => page.items);
  const next = pages.at(-1).next;
  const more = async () => {
    const page = await get("/audit", { kind, limit: 50, cursor: next });
    setOlder([...older, page]);
  };
  if (!rows.length) return html`<${Empty}>Nothing of the kind has happened yet.<//>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-labelledby="audit"><table><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Who</th>
      <th scope="col">About</th><th scope="col">From</th><th scope="col">Request</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${row.id}><td>${utc(row.at)}</td><td><span class=${`tag ${ALARMING.has(row.kind) ? "warn" : ""}`}>${sentence(row.kind)}</span>${row.count > 1 && html` × ${row.count}`}
        ${row.reason && html`<br /><span class="soft">${row.reason}</span>`}</td><td dir="auto">${row.actor_name}</td><td><code>${row.about}</code></td><td>${row.network}</td><td><code>${row.request_id}</code></td></tr>`)}</tbody></table></div>
    ${next && html`<button type="button" onClick=${more}>Show older</button>`}`;
}
