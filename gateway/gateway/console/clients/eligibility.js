// What a payer says of a coverage: asked for when somebody wants to know, not with every card.
import { get, newKey, post } from "../core/api.js";
import { may } from "../core/clinic.js";
import { html, useEffect, useId, useRef, useState } from "../core/html.js";
import { money } from "../core/money.js";
import { fail, say } from "../core/say.js";
import { learnClocks } from "../core/time.js";
import { Action, Failure, Loading, useAsked } from "../core/ui.js";
import { Tag } from "./part.js";
import { dayText, wallOf } from "./when.js";
import { ACTIVE, ELIGIBILITY, plain } from "./words.js";

const LOOK_AGAIN_MS = 2000;
const LOOKS = 30;

export function PayerSays({ coverage, ...rest }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return html`<button type="button" aria-expanded=${isOpen} aria-controls=${id} aria-label=${`What ${coverage.carrier} says`} onClick=${() => setOpen(!isOpen)}>What the payer says</button>
    <div id=${id} class="says">${isOpen && html`<${Said} coverage=${coverage} ...${rest} />`}</div>`;
}

function Said({ coverage, place, zone, today, birthDate }) {
  const asked = useAsked(
    async (signal) => {
      const path = `/clients/${coverage.client_id}/coverages/${coverage.id}/eligibility`;
      const [{ items }] = await Promise.all([get(path, { limit: 1 }, { signal }), learnClocks([zone])]);
      return { latest: items[0] ?? null };
    },
    [coverage.id],
  );
  const latest = asked.data?.latest;
  useAnswer(latest, asked.reload);
  const key = useRef(newKey());
  const ask = async () => {
    try {
      const body = { location_id: place, ...(birthDate ? { birth_date: birthDate } : {}) };
      await post(`/clients/${coverage.client_id}/coverages/${coverage.id}/eligibility`, body, { key: key.current });
      say("The payer is asked.");
    } catch (problem) {
      fail(problem, "Not asked");
      if (problem.status === 0 || problem.status >= 500) return; // perhaps it was: the same question
    }
    key.current = newKey();
    await asked.reload();
  };
  if (asked.isLoading) return html`<${Loading} lines=${1} />`;
  if (!asked.data) return html`<${Failure} problem=${asked.problem} onRetry=${() => asked.reload({ quietly: false })} />`;
  return html`${latest ? html`<${Answer} of=${latest} zone=${zone} today=${today} />` : html`<p class="soft">The payer has not been asked yet.</p>`}
    ${may("bill", place) && html`<${Action} onClick=${ask}>Ask the payer now<//>`}`;
}

// A payer's answer has no event of its own: looked for while it is awaited, a minute at most.
function useAnswer(check, reload) {
  const left = useRef(LOOKS);
  useEffect(() => {
    if (check?.state !== "asked") return undefined;
    left.current = LOOKS;
    const timer = setInterval(() => {
      left.current -= 1;
      if (left.current < 0) clearInterval(timer);
      else reload();
    }, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [check?.id, check?.state]);
}

function Answer({ of: check, zone, today }) {
  const at = wallOf(check.answered_at ?? check.asked_at, zone);
  return html`<p><${Tag} of=${ELIGIBILITY[check.state]} code=${check.state} />
      ${check.state === "answered" && html` <b>${ACTIVE[check.active]}</b>`} <span class="soft">${dayText(at.day, today)}, ${at.time}; for ${dayText(check.date, today)}</span></p>
    <ul class="benefits">${check.benefits.map((benefit, n) => html`<li key=${n}>${benefitText(benefit)}</li>`)}
      ${check.counted.map((each, n) => html`<li key=${`c${n}`} class="soft">Counted here: ${countedText(each)}</li>`)}
      ${check.findings.map((finding, n) => html`<li key=${`f${n}`} class="wrong">${finding.text}${finding.fix && `: ${finding.fix}`}</li>`)}</ul>`;
}

function benefitText(benefit) {
  const value = [benefit.amount && money(benefit.amount), benefit.percent !== null && `${benefit.percent} %`, benefit.visits !== null && `${benefit.visits} visits`];
  const about = [benefit.period && plain(benefit.period).toLowerCase(), benefit.network && `${benefit.network} network`, benefit.services.join(", "), benefit.text];
  return [plain(benefit.kind), value.filter(Boolean).join(", "), ...about].filter(Boolean).join(" · ");
}

const countedText = ({ left, visits_left }) =>
  [left && `${money(left)} left`, visits_left !== null && `${visits_left} visits left`].filter(Boolean).join(", ") || "no limit";
