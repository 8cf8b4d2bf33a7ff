// Claims by whose turn it is: to be sent, refused, or waiting for their payer.
import { get } from "../core/api.js";
import { clientNames, learnNames, nameOf } from "../core/clinic.js";
import { html } from "../core/html.js";
import { money } from "../core/money.js";
import { useStore } from "../core/store.js";
import { dayOf, daysBetween } from "../core/time.js";
import { Listed, Rows, Tag, usePages } from "./parts.js";
import { reasonOf } from "./reasons.js";
import { claimState, listDay } from "./words.js";

const HELD = { word: "Held back", sign: "⏸", kind: "warn" };

// A page of claims with the names of their clients and what waits too long of them.
export function useClaims(stage, place, client) {
  const where = client ? { client_id: client } : { location_id: place };
  return usePages("/claims", { stage, ...where }, async (page) => {
    const [alarms] = await Promise.all([
      get("/worklists/claims", client ? {} : { location_id: place }),
      learnNames(page.items.map((claim) => claim.client_id)),
    ]);
    const told = new Map(alarms.items.map((alarm) => [alarm.claim_id, alarm]));
    const items = page.items.map((claim) => ({ ...claim, alarm: told.get(claim.id) ?? null }));
    if (stage !== "refused") return { ...page, items };
    const held = alarms.items.filter((alarm) => alarm.code === "held" && (!client || alarm.client_id === client));
    await learnNames(held.map((alarm) => alarm.client_id));
    return { ...page, items: [...held.map(rowOf), ...items] };
  });
}

// What a second opinion holds back, as a row among the refused.
const rowOf = (alarm) => ({ ...alarm, id: alarm.claim_id, isHeld: true, findings: [{ text: alarm.text, severity: "error" }], settlements: [], history: [], amount: alarm.outstanding, alarm });

const who = { title: "Client", of: (claim) => html`<bdi>${nameOf(claim.client_id)}</bdi>` };
const state = { title: "State", of: (claim) => html`<${Tag} state=${claim.isHeld ? HELD : claimState(claim.state)} />` };
const payer = { title: "Payer", of: (claim) => html`<bdi>${claim.carrier}</bdi>` };
const visit = { title: "Visit", of: (claim) => html`<span class="nowrap">${listDay(claim.service_date)}</span>` };
const asked = { title: "Asked", className: "number", of: (claim) => money(claim.amount) };
const until = { title: "Send by", of: (claim) => claim.file_by ? html`<span class="nowrap">${listDay(claim.file_by)}</span>` : "" };
const why = { title: "Why", of: (claim) => html`<span dir="auto">${reasonOf(claim)}</span>` };
const found = { title: "To mend", of: (claim) => claim.findings.length ? html`<span class="tag warn"><span aria-hidden="true">!</span> ${claim.findings[0].text}</span>` : "" };
const alarm = { title: "Look at it", of: (claim) => claim.alarm ? html`<span class="tag warn wrap"><span aria-hidden="true">!</span> ${claim.alarm.text}</span>` : "" };
const since = (today) => ({
  title: "Waits",
  className: "number",
  of: (claim) => (today && claim.history.length ? ages(Math.max(0, daysBetween(dayOf(claim.history.at(-1).at), today))) : ""),
});
const ages = (days) => (days === 0 ? "today" : days === 1 ? "1 day" : `${days} days`);

const STAGES = {
  to_send: { columns: () => [who, payer, asked, visit, state, until, found, alarm], label: "Claims to send", empty: "No claim waits to be sent. They are drafted as visits are completed." },
  refused: { columns: () => [who, payer, asked, visit, state, why], label: "Refused claims", empty: "No claim is rejected, denied or held back." },
  waiting: { columns: (today) => [who, payer, asked, visit, state, since(today), alarm], label: "Claims that wait for their payer", empty: "No claim waits for its payer." },
};

export function Claims({ stage, list, today, open, onOpen, onSelect }) {
  useStore(clientNames);
  const { columns, label, empty } = STAGES[stage];
  return html`<${Listed} list=${list} empty=${empty}><${Rows} rows=${list.items ?? []} columns=${columns(today)} open=${open} onOpen=${onOpen} onSelect=${onSelect} label=${label} /><//>`;
}
