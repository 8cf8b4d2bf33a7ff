// Who pays for a client's visits, in order, and what is left of it.
import { get } from "../core/api.js";
import { may } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { money } from "../core/money.js";
import { say } from "../core/say.js";
import { useAsked } from "../core/ui.js";
import { AddCoverage } from "./coverage-form.js";
import { PayerSays } from "./eligibility.js";
import { FormDialog, Input, Theirs, useEdit } from "./form.js";
import { Part, useNews } from "./part.js";
import { Progress } from "./progress.js";
import { dayText, spanText } from "./when.js";
import { COVERAGES, LIMITS, plain } from "./words.js";

export function Coverages({ client, place, zone, today, limits, birthDate }) {
  const asked = useAsked((signal) => get(`/clients/${client}/coverages`, {}, { signal }), [client]);
  const [dialog, setDialog] = useState(null);
  useNews(client, ["client_profile"], asked.reload);
  const close = () => setDialog(null);
  const done = () => {
    close();
    asked.reload();
  };
  const canChange = may("book");
  const add = canChange && html`<button type="button" onClick=${() => setDialog("new")}>Add a coverage</button>`;
  const shared = { place, zone, today, birthDate, onEnd: canChange ? setDialog : null };
  return html`<${Part} title="Coverages" asked=${asked} action=${add}>${({ items }) => html`
    ${limits.problem && items.length > 0 && html`<p class="wrong">What is left could not be loaded. <button type="button" onClick=${() => limits.reload()}>Try again</button></p>`}
    <${List} items=${items} limits=${limits.data} shared=${shared} />`}<//>
    ${dialog === "new" && html`<${AddCoverage} client=${client} onClose=${close} onDone=${done} />`}
    ${dialog && dialog !== "new" && html`<${End} coverage=${dialog} onClose=${close} onDone=${done} />`}`;
}

const isOver = ({ valid_to }, today) => valid_to !== null && valid_to < today;

function List({ items, limits, shared }) {
  if (!items.length) return html`<p class="soft">No coverage: the client pays everything.</p>`;
  const [over, open] = [items.filter((each) => isOver(each, shared.today)), items.filter((each) => !isOver(each, shared.today))];
  const drawn = (each) => html`<${Coverage} key=${each.id} coverage=${each} ...${shared} limits=${limits?.coverages.items.filter((l) => l.coverage_id === each.id)} />`;
  return html`${open.map(drawn)}${over.length > 0 && html`<details><summary>Ended (${over.length})</summary>${over.map(drawn)}</details>`}`;
}

function Coverage({ coverage, limits, place, zone, today, birthDate, onEnd }) {
  const { kind, member_id, group_number, claim_number, accident_date } = coverage;
  const notes = [
    COVERAGES[kind] !== coverage.carrier && (COVERAGES[kind] ?? kind),
    `Pays ${coverage.percent} %`,
    coverage.per_visit_cap && `up to ${money(coverage.per_visit_cap)} a visit`,
    spanText(coverage.valid_from, coverage.valid_to, today),
    coverage.disciplines.map(plain).join(", "),
  ];
  const numbers = [
    ["Member", member_id],
    ["Group", group_number],
    ["Claim", claim_number],
    ["Accident", accident_date],
  ].filter(([, value]) => value);
  return html`<article class="piece"><h3 dir="auto">${coverage.carrier}</h3>
    <p>${notes.filter(Boolean).join(" · ")}<br /><span class="soft">${numbers.map(([name, value]) => `${name} ${value}`).join(" · ")}</span></p>
    ${limits && (limits.length ? limits.map((limit) => html`<${Left} key=${limit.year_from + limit.rule + limit.disciplines} coverage=${coverage} limit=${limit} today=${today} />`)
      : html`<p class="soft">${coverage.annual_maximum ? `${money(coverage.annual_maximum)} a year; nothing` : "Nothing"} was billed to it so far.</p>`)}
    <div class="buttons"><${PayerSays} coverage=${coverage} place=${place} zone=${zone} today=${today} birthDate=${birthDate} />
      ${onEnd && !isOver(coverage, today) && html`<button type="button" aria-label=${`End ${coverage.carrier}`} onClick=${() => onEnd(coverage)}>End</button>`}</div>
  </article>`;
}

function Left({ coverage, limit, today }) {
  const until = limit.period_to ? ` until ${dayText(limit.period_to, today)}` : "";
  const most = coverage.annual_maximum?.amount_minor ?? limit.used.amount_minor + (limit.left?.amount_minor ?? 0);
  // The code is why the payer pays nothing once nothing is left.
  const isUsedUp = limit.limit_code && (limit.visits_left === 0 || limit.left?.amount_minor === 0);
  return html`${limit.left && html`<${Progress} value=${most - limit.left.amount_minor} of=${most} tone=${limit.left.amount_minor ? "" : "bad"}
      text=${`${money(limit.left)} left${until}, ${money(limit.used)} used`} />`}
    ${limit.visits_left !== null && html`<${Progress} value=${limit.visits_used} of=${limit.visits_used + limit.visits_left} isCounted tone=${limit.visits_left ? "" : "bad"}
      text=${`${limit.visits_left} visits left${until}, ${limit.visits_used} billed`} />`}
    ${!limit.left && limit.visits_left === null && html`<p>${money(limit.used)} used in ${limit.visits_used} visits, no limit is known</p>`}
    ${isUsedUp && html`<p class="tag warn wrap"><span aria-hidden="true">!</span> ${LIMITS[limit.limit_code] ?? limit.limit_code}</p>`}`;
}

const LABELS = { valid_to: "Last day" };
const draftOf = (coverage) => ({ valid_to: coverage.valid_to ?? "" });
const bodyOf = (draft) => ({ valid_to: draft.valid_to || null });

function End({ coverage, onClose, onDone }) {
  const saved = ({ valid_to }) => {
    say(valid_to ? `${coverage.carrier} ends on ${valid_to}.` : `${coverage.carrier} has no end.`);
    onDone();
  };
  const form = useEdit({ record: coverage, path: `/clients/${coverage.client_id}/coverages/${coverage.id}`, draftOf, bodyOf, onSaved: saved });
  return html`<${FormDialog} title=${`End ${coverage.carrier}`} form=${form} submit="End" onClose=${onClose}>
    <${Theirs} changes=${form.theirs} labels=${LABELS} />
    <${Input} form=${form} name="valid_to" label=${LABELS.valid_to} type="date" hint="The last day on which it pays" data-first /><//>`;
}
