// What a claim went through: every step with its file and segment, and what its payer decided.
import { wallOf } from "../clients/when.js";
import { locationOf } from "../core/clinic.js";
import { html } from "../core/html.js";
import { money } from "../core/money.js";
import { learnClocks } from "../core/time.js";
import { useAsked } from "../core/ui.js";
import { adjusted } from "./reasons.js";
import { claimState, listDay } from "./words.js";

// The books keep instants in UTC: they are shown by the wall of the location.
export function useWall(locationId) {
  const zone = locationOf(locationId)?.timezone ?? "UTC";
  const { isLoading } = useAsked(() => learnClocks([zone]), [zone]);
  return (instant) => {
    if (isLoading) return "";
    const { day, time } = wallOf(instant, zone);
    return `${listDay(day)} ${time}`;
  };
}

export function ClaimHistory({ claim }) {
  const wall = useWall(claim.location_id);
  return html`<section class="history"><h3>History</h3><ol>${claim.history.map((step, n) => html`<li key=${n}>
    <span class="soft">${wall(step.at)}</span> <b>${claimState(step.state).word}</b>: <span dir="auto">${step.cause}</span>
    ${step.file_id && html` <a href=${`/v1/remittances/${step.file_id}/file`} target="_blank" rel="noopener">the payer's file<span class="unseen"> (opens a tab)</span></a>${step.position ? `, segment ${step.position}` : ""}`}</li>`)}</ol></section>`;
}

export function Decisions({ claim }) {
  if (!claim.settlements.length) return null;
  return html`<section><h3>What the payer decided</h3>${claim.settlements.map((made, n) => html`<div key=${n} class="decision">
    ${made.undone && html`<p><span class="tag warn"><span aria-hidden="true">⟲</span> Taken back later</span></p>`}
    <dl class="facts">${[["Paid", made.paid], ["Moved to the client", made.moved_to_client], ["Written off", made.written_off], ["Beyond what was outstanding", made.overpaid]].filter(([label, amount]) => label === "Paid" || amount.amount_minor).map(([label, amount]) => html`<dt>${label}</dt><dd>${money(amount)}</dd>`)}
      ${made.adjustments.map((each) => html`<dt><code>${each.group}-${each.reason}</code></dt><dd>${money(each.amount)}: ${adjusted(each)}</dd>`)}</dl>
    ${made.explanation.length > 0 && html`<ul class="plain soft">${made.explanation.map((text) => html`<li key=${text}>${text}</li>`)}</ul>`}
    <p><a href=${`/v1/remittances/${made.file_id}/file`} target="_blank" rel="noopener">The payer's file<span class="unseen"> (opens a tab)</span></a>${made.position ? `, segment ${made.position}` : ""}</p></div>`)}</section>`;
}
