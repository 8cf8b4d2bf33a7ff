// What a claim says beside its amounts, to be changed while it has not gone out, or was rejected.
import { patch } from "../core/api.js";
import { html, useRef, useState } from "../core/html.js";
import { money } from "../core/money.js";
import { say } from "../core/say.js";
import { errorOf, Field } from "../core/ui.js";

const RELATIONS = { self: "is the client", spouse: "is the client's spouse", child: "is the client's parent", other: "is somebody else" };
const KINDS = { auto: "motor vehicle", work: "at work", other: "other" };

export function ClaimForm({ claim, onSaved }) {
  const [form, setForm] = useState(() => formOf(claim.details));
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const version = useRef(claim.version);
  const touched = useRef(false);
  // What others change while nothing was typed here is taken over; a draft is kept.
  if (!touched.current) version.current = claim.version;
  const set = (part) => {
    touched.current = true;
    setForm((old) => ({ ...old, ...part }));
  };
  const save = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      const saved = await patch(`/claims/${claim.id}`, version.current, bodyOf(form, claim.details));
      version.current = saved.version;
      touched.current = false;
      say("The claim is changed. It is checked anew when it is sent.");
      onSaved(saved);
    } catch (refused) {
      if (refused.status === 412) version.current = refused.body.current.version;
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  const text = (label, name, rest = {}) => html`<${Field} label=${label} hint=${rest.hint} error=${errorOf(problem, rest.field ?? name)}>
    ${(p) => html`<input name=${name} type=${rest.type ?? "text"} value=${form[name]} maxlength=${rest.most} inputmode=${rest.inputmode} onInput=${(e) => set({ [name]: e.target.value })} ...${p} />`}<//>`;
  const choice = (label, name, options, field) => html`<${Field} label=${label} error=${errorOf(problem, field ?? name)}>
    ${(p) => html`<select name=${name} value=${form[name]} onChange=${(e) => set({ [name]: e.target.value })} ...${p}>${Object.entries(options).map(([value, word]) => html`<option key=${value} value=${value}>${word}</option>`)}</select>`}<//>`;
  const line = (n, part) => set({ lines: form.lines.map((each, at) => (at === n ? { ...each, ...part } : each)) });
  return html`<details class="claim-form" open=${claim.state === "rejected" || claim.findings.length > 0}><summary>What the claim says</summary>
    <form onSubmit=${save}>
      ${text("Diagnoses", "diagnoses", { hint: "Codes, with commas between them", most: 260 })}
      ${form.lines.map((each, n) => html`<fieldset key=${n}><legend>Service ${n + 1}, ${money(each.charge)}</legend><div class="row">
        <${Field} label="Procedure or fee item" error=${errorOf(problem, "lines")}>${(p) => html`<input value=${each.procedure} maxlength="20" onInput=${(e) => line(n, { procedure: e.target.value })} ...${p} />`}<//>
        <${Field} label="Units">${(p) => html`<input inputmode="numeric" value=${each.units} onInput=${(e) => line(n, { units: e.target.value })} ...${p} />`}<//>
        <${Field} label="Diagnoses it is for" hint="By number, such as 1, 2">${(p) => html`<input value=${each.pointers} onInput=${(e) => line(n, { pointers: e.target.value })} ...${p} />`}<//></div></fieldset>`)}
      <fieldset><legend>Whose policy it is</legend>${choice("Who", "relationship", RELATIONS, "person")}
        <div class="row">${text("Name", "name", { most: 200 })}${text("Born", "birth_date", { type: "date" })}${choice("Sex", "sex", { U: "not said", F: "female", M: "male" })}</div>
        <div class="row">${text("Street", "line", { most: 200 })}${text("Town", "city", { most: 200 })}${text("Province", "region", { most: 3, hint: "Such as BC" })}${text("Postal code", "postal_code", { most: 12 })}</div></fieldset>
      <fieldset><legend>Referral and accident</legend>
        <div class="row">${text("Referred by", "referrer", { field: "referring", most: 200 })}${text("First name", "referrer_first", { most: 60 })}${text("Their number", "referrer_number", { most: 20 })}</div>
        <div class="row">${choice("Accident", "accident_kind", { "": "none", ...KINDS }, "accident")}${text("On", "accident_day", { type: "date" })}${text("Insurer's claim number", "accident_number", { most: 40 })}</div></fieldset>
      <div class="row">${text("Approval number", "authorization", { most: 50 })}${text("Note", "note", { most: 400 })}</div>
      <div role="alert">${problem && html`<p class="wrong">${problem.status === 412 ? "Somebody changed the claim meanwhile: what you typed is kept. Look at the claim above, then save again." : problem.message}</p>`}</div>
      <div class="buttons"><button class="main" aria-busy=${isBusy}>Save</button></div>
    </form></details>`;
}

function formOf(details) {
  const { person, referring, accident, lines = [], diagnoses = [], authorization = "", note = "" } = details ?? { person: {} };
  const address = person.address ?? {};
  return {
    diagnoses: diagnoses.join(", "),
    lines: lines.map((line) => ({ ...line, units: String(line.units), pointers: line.pointers.join(", ") })),
    relationship: person.relationship ?? "self",
    name: person.name ?? "",
    birth_date: person.birth_date ?? "",
    sex: person.sex ?? "U",
    line: address.line ?? "",
    city: address.city ?? "",
    region: address.region ?? "",
    postal_code: address.postal_code ?? "",
    referrer: referring?.name ?? "",
    referrer_first: referring?.first_name ?? "",
    referrer_number: referring?.number ?? "",
    accident_kind: accident?.kind ?? "",
    accident_day: accident?.day ?? "",
    accident_number: accident?.claim_number ?? "",
    authorization,
    note,
  };
}

const listed = (text) => text.split(/[\s,;]+/).filter(Boolean);
const number = (text) => (/^\d+$/.test(text.trim()) ? Number(text) : text);

function bodyOf(form, details) {
  const { country } = details?.person?.address ?? {};
  const address = { line: form.line.trim(), city: form.city.trim(), region: form.region.trim(), postal_code: form.postal_code.trim(), ...(country ? { country } : {}) };
  const hasAddress = [form.line, form.city, form.region, form.postal_code].some((each) => each.trim());
  const person = { relationship: form.relationship, sex: form.sex, name: form.name.trim() || null, birth_date: form.birth_date || null, address: hasAddress ? address : null };
  const referring = form.referrer.trim() ? { name: form.referrer.trim(), first_name: form.referrer_first.trim(), number: form.referrer_number.trim() } : null;
  const injury = { ...(details?.accident ?? {}), kind: form.accident_kind, day: form.accident_day, claim_number: form.accident_number.trim() };
  return {
    diagnoses: listed(form.diagnoses),
    lines: form.lines.map((line) => ({ ...line, procedure: line.procedure.trim(), units: number(line.units), pointers: listed(line.pointers).map(number) })),
    person,
    referring,
    accident: form.accident_kind ? injury : null,
    authorization: form.authorization.trim(),
    note: form.note.trim(),
  };
}
