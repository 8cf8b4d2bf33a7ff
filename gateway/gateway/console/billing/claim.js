// One claim: where it stands, what is wrong with it and how to mend it, and what its payer said.
import { get, post } from "../core/api.js";
import { clientNames, learnNames, may, nameOf } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { useKeys } from "../core/keys.js";
import { money } from "../core/money.js";
import { useOnce } from "../core/once.js";
import { fail, say } from "../core/say.js";
import { useStore } from "../core/store.js";
import { longDay } from "../core/time.js";
import { Action, Failure, Loading, useAsked } from "../core/ui.js";
import { ClaimForm } from "./claim-form.js";
import { ClaimHistory, Decisions } from "./claim-told.js";
import { Panel, ReasonDialog, Tag } from "./parts.js";
import { fixOf, inWords } from "./reasons.js";
import { claimState } from "./words.js";

const OPEN = ["draft", "validated", "rejected"];
const MOST_SHOWN = 60_000;

export const useClaim = (id) =>
  useAsked(async (signal) => {
    const claim = await get(`/claims/${id}`, {}, { signal });
    await learnNames([claim.client_id]);
    return claim;
  }, [id]);

export function ClaimPanel({ asked, doing, onClose, onChanged, onInvoice, onClaim }) {
  useStore(clientNames);
  const claim = asked.data;
  const acts = useActs(claim, asked, onChanged, onClaim);
  useKeys({ s: { does: "Send the claim", run: () => claim && acts.canSend && acts.send() } });
  if (!claim) {
    return html`<${Panel} title="Claim" label="Claim" onClose=${onClose}>
      ${asked.isLoading ? html`<${Loading} />` : html`<${Failure} problem=${asked.problem} onRetry=${asked.reload} />`}<//>`;
  }
  return html`<${Panel} title=${html`Claim to <bdi>${claim.carrier}</bdi>`} label="Claim" onClose=${onClose}>
    <p><bdi>${nameOf(claim.client_id)}</bdi>, ${longDay(claim.service_date)}<br /><${Tag} state=${claimState(claim.state)} />
      ${claim.frequency !== "original" && html` <span class="tag">${claim.frequency === "void" ? "takes another back" : "corrects another"}</span>`}</p>
    <${Findings} claim=${claim} />
    <${Buttons} claim=${claim} acts=${acts} doing=${doing} />
    <dl class="facts">
      <dt>Asked of the payer</dt><dd>${money(claim.amount)} <span class="soft">of a fee of ${money(claim.charge)}</span></dd>
      <dt>Outstanding</dt><dd>${money(claim.outstanding ?? claim.amount)}</dd>
      ${[["Paid", claim.paid], ["Moved to the client", claim.moved_to_client], ["Written off", claim.written_off]].filter(([, amount]) => amount.amount_minor).map(([label, amount]) => html`<dt>${label}</dt><dd>${money(amount)}</dd>`)}
      <dt>Policy</dt><dd>${claim.member_id}${claim.group_number ? `, group ${claim.group_number}` : ""}</dd>
      <dt>Number</dt><dd>${claim.number}${claim.payer_reference && claim.payer_reference !== claim.number ? html`<br /><span class="soft">the payer's: ${claim.payer_reference}</span>` : ""}</dd>
      ${claim.file_by && html`<dt>Send by</dt><dd>${longDay(claim.file_by)}</dd>`}
    </dl>
    <p><button type="button" class="link" onClick=${() => onInvoice(claim.invoice_id)}>Its invoice, with the split explained</button>
      ${claim.replaces && html` · <button type="button" class="link" onClick=${() => onClaim(claim.replaces)}>The claim before it</button>`}
      ${claim.replaced_by && html` · <button type="button" class="link" onClick=${() => onClaim(claim.replaced_by)}>The claim in its place</button>`}</p>
    <${Decisions} claim=${claim} />
    ${OPEN.includes(claim.state) && acts.canBill && html`<${ClaimForm} key=${claim.id} claim=${claim} onSaved=${acts.changed} />`}
    <${ClaimHistory} claim=${claim} />
    <${AsSent} claim=${claim} />
    <${Reasons} claim=${claim} doing=${doing} acts=${acts} /><//>`;
}

function Findings({ claim }) {
  if (!claim.findings.length) return null;
  return html`<section class="findings"><h3>${claim.findings.some((each) => each.severity === "error") ? "What keeps it from being paid" : "What was found"}</h3>
    <ul class="plain">${claim.findings.map((finding, n) => html`<li key=${n} class=${`finding ${finding.severity === "error" ? "bad" : "warn"}`}><${Finding} finding=${finding} /></li>`)}</ul></section>`;
}

export function Finding({ finding }) {
  const words = inWords(finding.text);
  const place = [finding.line && `line ${finding.line}`, finding.where, finding.position && `segment ${finding.position}`].filter(Boolean).join(", ");
  return html`<b>${finding.text}</b>${words && html`<br />${words}`}
    <br /><span class="soft"><code>${finding.code}</code>${place ? `, ${place}` : ""}${finding.reference ? `, ${finding.reference}` : ""}</span>
    ${fixOf(finding) && html`<br /><span>To mend it: ${fixOf(finding)}.</span>`}`;
}

function Buttons({ claim, acts, doing }) {
  if (!acts.canBill) return null;
  const when = (states, text, name, kind = "") => states.includes(claim.state) && html`<button type="button" class=${kind} onClick=${() => doing.open(name)}>${text} …</button>`;
  return html`<div class="buttons">
    ${acts.canSend && html`<${Action} className="main" onClick=${acts.send}>Send <kbd>s</kbd><//><${Action} onClick=${acts.check}>Check<//>`}
    ${when(["paid", "partially_paid", "denied"], "Correct", "correct")}
    ${when(["partially_paid", "denied"], "Appeal", "appeal")}
    ${when(["paid", "partially_paid", "denied"], "Close", "close")}
    ${when([...OPEN, "paid", "partially_paid", "denied"], "Take back", "take-back", "danger")}
  </div>`;
}

function useActs(claim, asked, onChanged, onClaim) {
  const keyFor = useOnce();
  const changed = () => {
    asked.reload();
    onChanged();
  };
  const act = async (name, body, told) => {
    const made = await post(`/claims/${claim.id}/${name}`, body, { key: keyFor([name, claim.id, claim.version, body]), version: claim.version });
    say(told(made));
    changed();
    return made;
  };
  const quietly = (name, told) => async () => {
    try {
      await act(name, {}, told);
    } catch (problem) {
      // What keeps it is kept with the claim: checked, it is shown there with how to mend it.
      if (problem.code === "claim_unfit") await post(`/claims/${claim.id}/validate`, {}, { version: claim.version }).catch(() => null);
      fail(problem, "Not sent");
      changed();
    }
  };
  return {
    changed,
    canBill: claim !== null && may("bill", claim.location_id),
    canSend: claim !== null && may("bill", claim.location_id) && OPEN.includes(claim.state),
    send: quietly("submit", () => `The claim to ${claim.carrier} is on its way.`),
    check: quietly("validate", (made) => (made.findings.length ? `${made.findings.length} found: ${made.findings[0].text}` : "Nothing is wrong with it.")),
    end: (name, told) => async (reason) => {
      const made = await act(name, { reason }, () => told);
      if (made.id !== claim.id) onClaim(made.id);
    },
  };
}

const ENDS = {
  correct: ["correct", "Correct this claim", "Draft the correction", "The claim that corrects it is drafted.", "A claim is drafted that takes this one's place, to be changed and sent.", false],
  appeal: ["appeal", "Appeal the decision", "Record the appeal", "The appeal is recorded.", "The payer is asked to decide again; the claim waits for that.", false],
  close: ["close", "Close this claim", "Close it", "The claim is closed.", "What is still outstanding of it becomes the client's to pay.", true],
  "take-back": ["void", "Take this claim back", "Take it back", "The claim is taken back.", "One that never went out ends at once, and what it would have brought is the client's to pay. A decided one is taken back by a claim that says so.", true],
};

function Reasons({ claim, doing, acts }) {
  const found = ENDS[doing.dialog];
  if (!found) return null;
  const [name, title, act, told, text, isDanger] = found;
  return html`<${ReasonDialog} key=${claim.id + name} title=${title} act=${act} isDanger=${isDanger} run=${acts.end(name, told)} onClose=${() => doing.open(null)}><p>${text}</p><//>`;
}

function AsSent({ claim }) {
  const [text, setText] = useState(null);
  const show = async () => {
    try {
      const answer = await fetch(`/v1/claims/${claim.id}/file`, { credentials: "same-origin" });
      if (!answer.ok) throw new Error((await answer.json()).detail);
      const whole = await answer.text();
      setText(/^%PDF|\u0000/.test(whole) ? "This payer gets it on paper: open the file." : whole.replaceAll("~", "~\n").slice(0, MOST_SHOWN));
    } catch (problem) {
      setText(problem.message);
    }
  };
  return html`<section><h3>As its payer gets it</h3>
    ${text === null ? html`<${Action} onClick=${show}>Show<//>` : html`<pre class="file" tabindex="0" role="region" aria-label="The claim as its payer gets it">${text}</pre>`}
    <p><a href=${`/v1/claims/${claim.id}/file`} target="_blank" rel="noopener">Open the file<span class="unseen"> (opens a tab)</span></a></p></section>`;
}
