// Referrals: until when and for how much they hold, and how far the visits are on their way.
import { get, Problem, post } from "../core/api.js";
import { html, useState } from "../core/html.js";
import { money } from "../core/money.js";
import { say } from "../core/say.js";
import { daysBetween } from "../core/time.js";
import { useAsked } from "../core/ui.js";
import { Disciplines } from "./disciplines.js";
import { Check, FormDialog, Input, useForm } from "./form.js";
import { amountOf, numberOf } from "./numbers.js";
import { Part, useNews } from "./part.js";
import { Progress } from "./progress.js";
import { dayText } from "./when.js";
import { plain } from "./words.js";

const SOON_DAYS = 14;
const FEW_VISITS = 2;

export function Referrals({ client, today, limits }) {
  const asked = useAsked((signal) => get(`/clients/${client}/referrals`, {}, { signal }), [client]);
  const [isNew, setNew] = useState(false);
  useNews(client, ["client_profile"], asked.reload);
  const done = () => {
    setNew(false);
    asked.reload();
  };
  const add = html`<button type="button" onClick=${() => setNew(true)}>Add a referral</button>`;
  return html`<${Part} title="Referrals" asked=${asked} action=${add}>${({ items }) => (items.length
    ? items.map((referral) => html`<${Referral} key=${referral.id} referral=${referral} today=${today}
        limit=${limits.data?.referrals.items.find((each) => each.referral_id === referral.id)} />`)
    : html`<p class="soft">No referral is on record.</p>`)}<//>
    ${isNew && html`<${Add} client=${client} today=${today} onClose=${() => setNew(false)} onDone=${done} />`}`;
}

function Referral({ referral, limit, today }) {
  const left = daysBetween(today, referral.expires);
  const isOver = left < 0;
  const notes = [referral.disciplines.map(plain).join(", "), referral.no_shows_count && "missed visits count"];
  return html`<article class="piece"><h3 dir="auto">${referral.referrer}</h3>
    <p>Issued ${dayText(referral.issued, today)}, ${isOver ? "expired" : "expires"} ${dayText(referral.expires, today)}
      ${isOver ? html` <span class="tag"><span aria-hidden="true">–</span> Expired</span>` : left <= SOON_DAYS && html` <span class="tag warn"><span aria-hidden="true">!</span> ${left ? `${left} days left` : "Last day"}</span>`}
      ${notes.some(Boolean) && html`<br /><span class="soft">${notes.filter(Boolean).join(" · ")}</span>`}</p>
    ${!isOver && html`<${Used} referral=${referral} limit=${limit} today=${today} />`}</article>`;
}

// Visits and money as booking counts them, and beside them how much of the time has gone.
function Used({ referral, limit, today }) {
  const { maximum_visits: most, maximum_amount: amount } = referral;
  const days = daysBetween(referral.issued, referral.expires) + 1;
  const gone = Math.min(Math.max(daysBetween(referral.issued, today), 0), days);
  return html`${most && (limit ? html`<${Progress} value=${most - limit.visits_left} of=${most} isCounted tone=${limit.visits_left <= FEW_VISITS ? "warn" : ""}
      text=${`${most - limit.visits_left} of ${most} visits used or booked, ${limit.visits_left} left`} />` : html`<p>${most} visits at most. <span class="soft">How many are left is not known yet.</span></p>`)}
    ${amount && (limit ? html`<${Progress} value=${amount.amount_minor - limit.amount_left.amount_minor} of=${amount.amount_minor}
      text=${`${money(limit.amount_left)} of ${money(amount)} left`} />` : html`<p>${money(amount)} at most</p>`)}
    <${Progress} value=${gone} of=${days} tone="time" text=${`${gone} of ${days} days gone`} />`;
}

function Add({ client, today, onClose, onDone }) {
  const start = { referrer: "", issued: today, expires: "", maximum_visits: "", maximum_amount: "", disciplines: [], no_shows_count: false };
  const form = useForm(start, async (draft, keyFor) => {
    const body = { ...draft, ...numberOf(draft, "maximum_visits"), ...amountOf(draft, "maximum_amount") };
    if (!draft.expires || !draft.issued) {
      const name = draft.issued ? "expires" : "issued";
      throw new Problem(422, { detail: "A day is missing.", errors: { [name]: ["Choose a day."] } });
    }
    await post(`/clients/${client}/referrals`, body, { key: keyFor(body) });
    say("The referral is added.");
    onDone();
  });
  return html`<${FormDialog} title="Add a referral" form=${form} submit="Add" onClose=${onClose}>
    <${Input} form=${form} name="referrer" label="Referred by" data-first maxlength="120" />
    <div class="row"><${Input} form=${form} name="issued" label="Issued" type="date" /><${Input} form=${form} name="expires" label="Expires" type="date" /></div>
    <div class="row"><${Input} form=${form} name="maximum_visits" label="Visits at most" hint="Empty: no limit" inputmode="numeric" dir="ltr" />
      <${Input} form=${form} name="maximum_amount" label="Amount at most" hint="Empty: no limit" inputmode="decimal" dir="ltr" /></div>
    <${Disciplines} form=${form} /><${Check} form=${form} name="no_shows_count">Missed visits use it up<//><//>`;
}
