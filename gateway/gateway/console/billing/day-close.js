// A day counted and closed: what the books expect, what is there, and the difference by name.
import { get, post } from "../core/api.js";
import { locationOf, may } from "../core/clinic.js";
import { html, useState } from "../core/html.js";
import { minorOf, money } from "../core/money.js";
import { useOnce } from "../core/once.js";
import { change } from "../core/router.js";
import { say } from "../core/say.js";
import { longDay, shortDay } from "../core/time.js";
import { errorOf, Failure, Field, Loading, useAsked } from "../core/ui.js";
import { Papers } from "./papers.js";
import { ConfirmDialog, Listed, ReasonDialog, usePages } from "./parts.js";

export const useCloses = (place) => usePages("/day-closes", { location_id: place });

export function DayClose({ place, day, closes, onChanged }) {
  const takings = useAsked((signal) => get("/day-takings", { location_id: place, day }, { signal }), [place, day]);
  const changed = () => {
    takings.reload();
    onChanged();
  };
  return html`<div class="stack"><section class="box counting"><h2>${day ? longDay(day) : "A day"}, ${locationOf(place)?.name}</h2>
      <${Field} label="Day">${(p) => html`<input type="date" value=${day} onChange=${(e) => change({ date: e.target.value }, { replace: true })} ...${p} />`}<//>
      ${takings.data ? html`<${Count} key=${`${place}${day}${takings.data.closed}`} takings=${takings.data} onClosed=${changed} />` : takings.isLoading ? html`<${Loading} lines=${3} />` : html`<${Failure} problem=${takings.problem} onRetry=${takings.reload} />`}</section>
    <section class="box"><h2>Closed days</h2><${Listed} list=${closes} empty="No day was closed here yet."><${Closed} closes=${closes.items ?? []} onChanged=${changed} /><//></section></div>`;
}

function Count({ takings, onClosed }) {
  const [form, setForm] = useState({ cash: "", card: "" });
  const [problem, setProblem] = useState(null);
  const [isSure, setSure] = useState(false);
  const keyFor = useOnce();
  const counted = { cash: minorOf(form.cash), card: minorOf(form.card) };
  const isWhole = counted.cash !== null && counted.card !== null;
  const of = (method, minor) => ({ ...takings[method], amount_minor: minor });
  const expected = html`<dl class="facts"><dt>Cash, by the books</dt><dd>${money(takings.cash)}</dd><dt>Cards, by the books</dt><dd>${money(takings.card)}</dd></dl>`;
  if (takings.closed) return html`<p><span class="tag good"><span aria-hidden="true">✓</span> Closed</span> What is paid now counts to the next day.</p>${expected}`;
  if (!may("bill", takings.location_id)) return expected;
  const submit = (event) => {
    event.preventDefault();
    setProblem(isWhole ? null : { errors: Object.fromEntries(["cash", "card"].filter((each) => counted[each] === null).map((each) => [`counted_${each}`, ["give an amount such as 245.50, or 0"]])) });
    setSure(isWhole);
  };
  const close = async () => {
    const body = { location_id: takings.location_id, day: takings.day, counted_cash: of("cash", counted.cash), counted_card: of("card", counted.card) };
    await post("/day-closes", body, { key: keyFor(body) });
    say(`${shortDay(takings.day)} is closed.`);
    onClosed();
  };
  const field = (method, label) => html`<${Field} label=${label} error=${errorOf(problem, `counted_${method}`)} hint=${`By the books: ${money(takings[method])}`}>
    ${(p) => html`<input name=${method} inputmode="decimal" autocomplete="off" value=${form[method]} onInput=${(e) => setForm((old) => ({ ...old, [method]: e.target.value }))} ...${p} />`}<//>`;
  const gap = (method, what) => differenceOf(takings[method], counted[method], what);
  return html`<form onSubmit=${submit}><div class="row">${field("cash", "Cash counted in the drawer")}${field("card", "Card terminal's total")}</div>
    <div aria-live="polite">${["cash", "card"].map((method) => counted[method] !== null && html`<p key=${method}><${Difference} ...${gap(method, method === "cash" ? "Cash" : "Cards")} /></p>`)}</div>
    <button class="main">Close the day …</button>
    ${isSure && html`<${ConfirmDialog} title=${`Close ${shortDay(takings.day)}?`} act="Close the day" run=${close} onClose=${() => setSure(false)}>
      <p><${Difference} ...${gap("cash", "Cash")} /></p><p><${Difference} ...${gap("card", "Cards")} /></p><p>A difference is posted to the books. What is paid after this counts to the next day.</p><//>`}</form>`;
}

export function differenceOf(expected, counted, what) {
  const minor = counted - expected.amount_minor;
  const amount = money({ ...expected, amount_minor: Math.abs(minor) });
  return { minor, text: minor === 0 ? `${what}: as the books have it` : `${what}: ${amount} ${minor < 0 ? "missing" : "too much"}` };
}

const Difference = ({ minor, text }) => html`<span class=${`tag wrap ${minor === 0 ? "good" : "bad"}`}><span aria-hidden="true">${minor === 0 ? "✓" : "≠"}</span> ${text}</span>`;

function Closed({ closes, onChanged }) {
  const [reopening, setReopening] = useState(null);
  const keyFor = useOnce();
  const run = async (reason) => {
    await post(`/day-closes/${reopening.id}/reopen`, { reason }, { key: keyFor([reopening.id, reason]) });
    say(`${shortDay(reopening.day)} is open again.`);
    onChanged();
  };
  return html`<div class="scroll"><table><thead><tr><th scope="col">Day</th><th scope="col">State</th><th scope="col">Counted</th><th scope="col">Difference</th><th scope="col"><span class="unseen">What can be done</span></th></tr></thead>
    <tbody>${closes.map((each) => html`<tr key=${each.id}><th scope="row">${shortDay(each.day)}</th>
      <td>${each.status === "closed" ? html`<span class="tag good"><span aria-hidden="true">✓</span> Closed</span>` : html`<span class="tag"><span aria-hidden="true">⟲</span> Opened again</span> <span dir="auto">${each.reason}</span>`}</td>
      <td>${each.methods.map((method) => html`<div key=${method.method}>${method.method}: ${money(method.counted)}</div>`)}</td>
      <td>${each.methods.map((method) => html`<div key=${method.method}><${Difference} ...${differenceOf(method.expected, method.counted.amount_minor, method.method === "cash" ? "Cash" : "Cards")} /></div>`)}</td>
      <td><${Papers} path=${`/day-closes/${each.id}`} name="Paper" hasPdf=${false} />${each.status === "closed" && may("bill", each.location_id) && html` <button type="button" onClick=${() => setReopening(each)}>Open again …</button>`}</td></tr>`)}</tbody></table></div>
    ${reopening && html`<${ReasonDialog} title=${`Open ${shortDay(reopening.day)} again`} act="Open it again" isDanger=${false} run=${run} onClose=${() => setReopening(null)}><p>Its difference is reversed, and it may be counted and closed anew.</p><//>`}`;
}
