// Payers' files: handed in, kept aside and why, and decisions that no claim is known for.
import { get, newKey, post, Problem } from "../core/api.js";
import { learnNames, may, nameOf } from "../core/clinic.js";
import { html, useRef, useState } from "../core/html.js";
import { money } from "../core/money.js";
import { useOnce } from "../core/once.js";
import { say } from "../core/say.js";
import { shortDay } from "../core/time.js";
import { Dialog, Field } from "../core/ui.js";
import { Finding } from "./claim.js";
import { Listed, usePages } from "./parts.js";
import { adjusted } from "./reasons.js";

const MOST_BYTES = 4_000_000;

export const useQuarantined = () => usePages("/remittances", { state: "quarantined" });

export const useUnmatched = () =>
  usePages("/work-queue", {}, async (page) => {
    const ids = [...new Set(page.items.flatMap((item) => item.suggestions.slice(0, 3).map((each) => each.claim_id)))];
    const claims = await Promise.all(ids.map((id) => get(`/claims/${id}`).catch(() => null)));
    const known = new Map(claims.filter(Boolean).map((claim) => [claim.id, claim]));
    await learnNames([...known.values()].map((claim) => claim.client_id));
    return { ...page, known };
  });

export function Quarantined({ files, unmatched, wall, onClaim, onChanged }) {
  return html`<div class="stack">
    <${HandIn} onTaken=${onChanged} />
    <section class="box"><h2>Files of which nothing was posted</h2>
      <${Listed} list=${files} empty="No file of a payer's is kept aside.">
        <ul class="plain">${(files.items ?? []).map((file) => html`<li key=${file.id} class="file-row"><${FileTold} file=${file} wall=${wall} /></li>`)}</ul><//></section>
    <section class="box"><h2>Decisions that no claim is known for</h2>
      <${Listed} list=${unmatched} empty="Every decision found its claim.">
        <ul class="plain">${(unmatched.items ?? []).map((item) => html`<li key=${item.id} class="file-row"><${Unmatched} item=${item} known=${unmatched.data.known} onClaim=${onClaim} onChanged=${onChanged} /></li>`)}</ul><//></section>
  </div>`;
}

const STATES = {
  posted: { word: "Posted", sign: "✓", kind: "good", text: "All of it was taken in." },
  quarantined: { word: "Kept aside", sign: "!", kind: "bad", text: "Nothing of it was posted, for what is said below. Ask the payer for a file that is right; it is read again when it comes again." },
  duplicate: { word: "Here already", sign: "=", kind: "warn", text: "It, or the same remittance in other bytes, had been taken in before. Nothing was posted twice." },
};

function FileTold({ file, wall }) {
  const { word, sign, kind, text } = STATES[file.state] ?? { word: file.state, sign: "?", kind: "", text: "" };
  const paid = file.postings.filter((each) => each.claim_id);
  return html`<p><span class=${`tag ${kind}`}><span aria-hidden="true">${sign}</span> ${word}</span> ${file.kind} (${file.format}), <span class="soft">${wall(file.received_at)}</span> · <a href=${`/v1/remittances/${file.id}/file`} target="_blank" rel="noopener">as it came<span class="unseen"> (opens a tab)</span></a></p>
    <p>${text}${paid.length ? ` ${paid.length} ${paid.length === 1 ? "posting" : "postings"} to claims.` : ""}${file.unmatched ? ` ${file.unmatched} of its decisions name no claim that is known; they are listed below.` : ""}</p>
    ${file.findings.length > 0 && html`<ul class="plain">${file.findings.slice(0, 20).map((finding, n) => html`<li key=${n} class=${`finding ${finding.severity === "error" ? "bad" : "warn"}`}><${Finding} finding=${finding} /></li>`)}</ul>`}
    ${file.findings.length > 20 && html`<p class="soft">and ${file.findings.length - 20} more</p>`}`;
}

// A file as it came, sent as it is: the same one twice is known by its bytes.
function HandIn({ onTaken }) {
  const [told, setTold] = useState(null);
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const field = useRef(null);
  if (!may("bill")) return null;
  const send = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const file = form.get("file");
    if (isBusy) return;
    setTold(null);
    setProblem(null);
    if (!file?.size) return setProblem({ message: "Choose a file first." });
    if (file.size > MOST_BYTES) return setProblem({ message: "It is larger than 4 MB. Ask the payer for smaller files." });
    setBusy(true);
    try {
      const taken = await sent(form.get("kind"), form.get("type"), file);
      setTold(taken);
      say(`${STATES[taken.state]?.word ?? taken.state}: ${file.name}.`);
      event.target.reset();
      onTaken();
    } catch (refused) {
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  return html`<section class="box hand-in"><h2>Hand in a payer's file</h2>
    <form onSubmit=${send}><div class="row">
      <${Field} label="File">${(p) => html`<input ref=${field} type="file" name="file" ...${p} />`}<//>
      <${Field} label="What it is">${(p) => html`<select name="kind" ...${p}><option value="remittances">Decisions and payment</option><option value="acknowledgements">Acknowledgement</option></select>`}<//>
      <${Field} label="Written in">${(p) => html`<select name="type" ...${p}><option value="application/edi-x12">X12</option><option value="application/fhir+json">FHIR</option><option value="text/plain">Teleplan, or keyed in</option></select>`}<//></div>
      <button class="main" aria-busy=${isBusy}>${isBusy ? "Reading …" : "Hand it in"}</button></form>
    <div role="alert">${problem && html`<p class="wrong">${problem.message}${problem.requestId ? html` <span class="soft">Request <code>${problem.requestId}</code></span>` : ""}</p>`}</div>
    ${told && html`<div class="told"><${FileTold} file=${told} wall=${() => "just now"} /></div>`}</section>`;
}

async function sent(kind, type, file) {
  let answer;
  try {
    answer = await fetch(`/v1/${kind}`, { method: "POST", headers: { "Content-Type": type, Accept: "application/json", "Idempotency-Key": newKey() }, body: await file.arrayBuffer(), credentials: "same-origin" });
  } catch {
    throw new Problem(0, { detail: "ClinicOps cannot be reached. Hand the file in again: it is posted once." });
  }
  const body = await answer.json().catch(() => ({ detail: `The answer could not be read (${answer.status}).` }));
  if (!answer.ok) throw new Problem(answer.status, body);
  return body;
}

function Unmatched({ item, known, onClaim, onChanged }) {
  const [isAssigning, setAssigning] = useState(null);
  const suggestions = item.suggestions.slice(0, 3);
  return html`<p><b>${money(item.paid)}</b> paid of ${money(item.charge)} ${item.day ? `for ${shortDay(item.day)}` : ""}: ${item.decision.replaceAll("_", " ")}
      <br /><span class="soft">its number <code>${item.reference || "none"}</code>, the payer's <code>${item.payer_reference || "none"}</code> · <a href=${`/v1/remittances/${item.file_id}/file`} target="_blank" rel="noopener">its file<span class="unseen"> (opens a tab)</span></a>${item.position ? `, segment ${item.position}` : ""}</span></p>
    ${item.adjustments.length > 0 && html`<p class="soft">${item.adjustments.map((each) => `${each.group}-${each.reason} ${money(each.amount)} (${adjusted(each)})`).join("; ")}</p>`}
    ${suggestions.length ? html`<ul class="plain">${suggestions.map(({ claim_id, score, why }) => {
      const claim = known.get(claim_id);
      return html`<li key=${claim_id}><button type="button" class="link" onClick=${() => onClaim(claim_id)}>${claim ? html`<bdi>${nameOf(claim.client_id)}</bdi>, ${claim.carrier}, ${money(claim.amount)}, ${shortDay(claim.service_date)}` : claim_id}</button>
        <span class="soft">${score} of 100: ${why}</span> ${may("bill") && html`<button type="button" onClick=${() => setAssigning(claim_id)}>It is this one …</button>`}</li>`;
    })}</ul>` : html`<p class="soft">No claim is like it.</p>`}
    ${may("bill") && html`<button type="button" onClick=${() => setAssigning("")}>Another claim …</button>`}
    ${isAssigning !== null && html`<${Assign} item=${item} claimId=${isAssigning} onClose=${() => setAssigning(null)} onChanged=${onChanged} />`}`;
}

function Assign({ item, claimId, onClose, onChanged }) {
  const [id, setId] = useState(claimId);
  const [problem, setProblem] = useState(null);
  const keyFor = useOnce();
  const busy = useRef(false);
  const send = async (event) => {
    event.preventDefault();
    const body = { claim_id: id.trim() };
    if (busy.current) return;
    if (!body.claim_id) return setProblem({ message: "Give the claim's id." });
    busy.current = true;
    try {
      await post(`/work-queue/${item.id}/assign`, body, { key: keyFor(body), version: item.version });
      say("The decision is posted to the claim.");
      onClose();
      onChanged();
    } catch (refused) {
      setProblem(refused);
    } finally {
      busy.current = false;
    }
  };
  return html`<${Dialog} title="Whose decision it is" onClose=${onClose}><form onSubmit=${send}>
    <p>${money(item.paid)} is posted to the claim as if the payer had named it.</p>
    <${Field} label="Claim" hint="Its id, as in the address of its panel">${(p) => html`<input data-first value=${id} maxlength="60" onInput=${(e) => setId(e.target.value)} ...${p} />`}<//>
    <div role="alert">${problem && html`<p class="wrong">${problem.message}</p>`}</div>
    <div class="buttons"><button class="main">Post it there</button><button type="button" onClick=${onClose}>Not now</button></div></form><//>`;
}
