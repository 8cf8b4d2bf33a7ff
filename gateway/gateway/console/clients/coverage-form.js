// Adding a coverage: each kind has what its payer goes by.
import { post } from "../core/api.js";
import { html } from "../core/html.js";
import { say } from "../core/say.js";
import { Disciplines } from "./disciplines.js";
import { Choice, FormDialog, Input, useForm } from "./form.js";
import { amountOf, numberOf } from "./numbers.js";
import { COVERAGES, RELATIONSHIPS } from "./words.js";

const START = {
  kind: "extended_health",
  carrier: "",
  group_number: "",
  member_id: "",
  percent: "80",
  per_visit_cap: "",
  annual_maximum: "",
  benefit_year_start: "01-01",
  order: "1",
  disciplines: [],
  valid_from: "",
  valid_to: "",
  claim_number: "",
  accident_date: "",
  accepted_on: "",
  referred_on: "",
  beneficiary_since: "",
  relationship: "self",
  holder_first_name: "",
  holder_birth_date: "",
  approved_visits: "",
};
const DATES = ["valid_from", "valid_to"];
// What each kind has besides: the fields that are shown, and sent.
const OWN = {
  extended_health: {
    texts: ["group_number", "member_id", "benefit_year_start", "relationship", "holder_first_name"],
    dates: ["holder_birth_date"],
    numbers: ["percent"],
    amounts: ["per_visit_cap", "annual_maximum"],
  },
  msp_supplementary: { texts: [], dates: ["beneficiary_since"], numbers: [], amounts: [] },
  icbc: { texts: ["claim_number"], dates: ["accident_date"], numbers: ["approved_visits"], amounts: [] },
  worksafebc: {
    texts: ["claim_number"],
    dates: ["accident_date", "accepted_on", "referred_on"],
    numbers: ["approved_visits"],
    amounts: [],
  },
};
const PAYERS = { msp_supplementary: "MSP", icbc: "ICBC", worksafebc: "WorkSafeBC" };

function bodyOf(draft) {
  const own = OWN[draft.kind];
  const dates = [...DATES, ...own.dates];
  return Object.assign(
    { kind: draft.kind, carrier: draft.carrier.trim(), disciplines: draft.disciplines, ...numberOf(draft, "order") },
    Object.fromEntries(own.texts.map((name) => [name, draft[name].trim()])),
    Object.fromEntries(dates.map((name) => [name, draft[name] || null])),
    ...own.numbers.map((name) => numberOf(draft, name)),
    ...own.amounts.map((name) => amountOf(draft, name)),
  );
}

export function AddCoverage({ client, onClose, onDone }) {
  const form = useForm(START, async (draft, keyFor) => {
    const body = bodyOf(draft);
    const made = await post(`/clients/${client}/coverages`, body, { key: keyFor(body) });
    say(`${made.carrier} is added.`);
    onDone();
  });
  const { kind } = form.draft;
  const choose = (event) => form.set({ kind: event.target.value, carrier: PAYERS[event.target.value] ?? "" });
  return html`<${FormDialog} title="Add a coverage" form=${form} submit="Add" onClose=${onClose}>
    <div class="row"><${Choice} form=${form} name="kind" label="Kind" options=${COVERAGES} onChange=${choose} data-first />
      <${Input} form=${form} name="carrier" label="Payer" maxlength="120" /></div>
    ${kind === "extended_health" ? html`<${Policy} form=${form} />` : html`<${Injury} form=${form} kind=${kind} />`}
    <div class="row"><${Input} form=${form} name="valid_from" label="Valid since" type="date" /><${Input} form=${form} name="valid_to" label="Valid until" type="date" />
      <${Input} form=${form} name="order" label="Pays as number" inputmode="numeric" dir="ltr" /></div>
    <${Disciplines} form=${form} /><//>`;
}

function Policy({ form }) {
  const isOthers = form.draft.relationship !== "self";
  return html`<div class="row"><${Input} form=${form} name="group_number" label="Group number" /><${Input} form=${form} name="member_id" label="Member number" /></div>
    <div class="row"><${Input} form=${form} name="percent" label="Pays, in percent" inputmode="numeric" dir="ltr" />
      <${Input} form=${form} name="per_visit_cap" label="Most a visit" hint="Empty: no limit" inputmode="decimal" dir="ltr" />
      <${Input} form=${form} name="annual_maximum" label="Most a year" hint="Empty: no limit" inputmode="decimal" dir="ltr" /></div>
    <div class="row"><${Input} form=${form} name="benefit_year_start" label="Year starts on" hint="Month and day, such as 01-01" dir="ltr" />
      <${Choice} form=${form} name="relationship" label="Policy holder" options=${RELATIONSHIPS} /></div>
    ${isOthers && html`<div class="row"><${Input} form=${form} name="holder_first_name" label="Holder’s first name" />
      <${Input} form=${form} name="holder_birth_date" label="Holder’s birth date" type="date" /></div>`}`;
}

function Injury({ form, kind }) {
  if (kind === "msp_supplementary") return html`<${Input} form=${form} name="beneficiary_since" label="Beneficiary since" type="date" />`;
  return html`<div class="row"><${Input} form=${form} name="claim_number" label="Claim number" dir="ltr" />
      <${Input} form=${form} name="accident_date" label="Date of the accident" type="date" /></div>
    ${kind === "worksafebc" && html`<div class="row"><${Input} form=${form} name="accepted_on" label="Claim accepted on" type="date" />
      <${Input} form=${form} name="referred_on" label="Referred on" type="date" /></div>`}
    <${Input} form=${form} name="approved_visits" label="Approved visits" hint="Empty: as the payer’s rule has it" inputmode="numeric" dir="ltr" />`;
}
