// The billing desk: what is unpaid, what goes to payers and comes back, reports, the day's close.
import { get } from "../core/api.js";
import { chain, clientNames, learnNames, locationOf, may, nameOf } from "../core/clinic.js";
import { html, useEffect, useRef, useState } from "../core/html.js";
import { useEvents } from "../core/live.js";
import { change, route } from "../core/router.js";
import { useStore } from "../core/store.js";
import { useWallClock } from "../core/time.js";
import { Empty, useAsked } from "../core/ui.js";
import { placeOf } from "../shell/places.js";
import { ClaimPanel, useClaim } from "./claim.js";
import { useWall } from "./claim-told.js";
import { Claims, useClaims } from "./claims.js";
import { DayClose, useCloses } from "./day-close.js";
import { Quarantined, useQuarantined, useUnmatched } from "./files.js";
import { InvoicePanel, useInvoice, useInvoiceKeys } from "./invoice.js";
import { Unpaid, useUnpaid } from "./invoices.js";
import { Tabs } from "./parts.js";
import { PaymentDialog } from "./pay.js";
import { Reports } from "./reports.js";

const TABS = [
  { id: "unpaid", title: "Unpaid", show: UnpaidTab, count: "unpaid" },
  { id: "ready", title: "Ready to claim", show: claimsTab("to_send"), count: "to_send" },
  { id: "rejected", title: "Rejected", show: claimsTab("refused"), count: "refused" },
  { id: "waiting", title: "Waiting", show: claimsTab("waiting"), count: "waiting" },
  { id: "quarantined", title: "Quarantined", show: FilesTab, action: "bill", count: "aside" },
  { id: "reports", title: "Reports", show: ReportsTab },
  { id: "day", title: "Day close", show: DayTab },
];
const QUIET_MS = 250;

export function Desk() {
  const { query } = useStore(route);
  const { locations } = useStore(chain);
  const place = placeOf(query, locations);
  if (!place) return html`<${Empty}>There is no location yet. A manager adds one in the settings.<//>`;
  return html`<${Sheet} place=${place} query=${query} />`;
}

function Sheet({ place, query }) {
  const tabs = TABS.filter((each) => !each.action || may(each.action));
  const tab = tabs.find((each) => each.id === query.tab) ?? tabs[0];
  const clock = useWallClock(locationOf(place).timezone);
  const counts = useAsked((signal) => get("/worklists/billing", { location_id: place }, { signal }), [place]);
  const news = useNews(counts.reload);
  const counted = tabs.map((each) => ({ ...each, count: countOf(counts.data, each.count) }));
  const choose = (id) => change({ tab: id, invoice: null, claim: null });
  useStore(clientNames);
  useEffect(() => {
    if (query.client) learnNames([query.client]);
  }, [query.client]);
  return html`<div class="screen desk"><div class="bar"><h1>Billing</h1>
      ${query.client && html`<span class="tag">Of <bdi>${nameOf(query.client)}</bdi> <button type="button" class="quiet icon" aria-label="Of every client" onClick=${() => change({ client: null })}>✕</button></span>`}</div>
    <${Tabs} tabs=${counted} chosen=${tab.id} onChoose=${choose} label="Billing" />
    <div id="tab-panel" role="tabpanel" aria-labelledby=${`tab-${tab.id}`}><${tab.show} key=${tab.id} place=${place} query=${query} today=${clock?.day} news=${news} /></div></div>`;
}

const countOf = (counts, name) => {
  if (!counts || !name) return "";
  const count = name === "aside" ? counts.quarantined + counts.unmatched : counts[name];
  return count ? (count > counts.most ? `${counts.most}+` : String(count)) : "";
};

// What changes elsewhere is shown soon, several events at once, and nothing loses the focus.
function useNews(reloadCounts) {
  const listeners = useRef(new Set());
  const timer = useRef(null);
  const tell = () => {
    timer.current = null;
    reloadCounts();
    for (const listener of [...listeners.current]) listener();
  };
  useEvents((event) => {
    if (event && !event.type.includes("billing.")) return;
    timer.current ??= setTimeout(tell, QUIET_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return useRef({ tell, listeners: listeners.current }).current;
}

function useFresh(news, reload) {
  const current = useRef(reload);
  current.current = reload;
  useEffect(() => {
    const listener = () => current.current();
    news.listeners.add(listener);
    return () => news.listeners.delete(listener);
  }, []);
}

// A list with the panel of what is open beside it.
function Beside({ query, news, selected, children }) {
  const [dialog, open] = useState(null);
  const isOpen = query.invoice || query.claim;
  const doing = { dialog, open };
  const had = useRef(null);
  // A row that was worked on may be gone when its dialog closes: the one in its place has the focus.
  useEffect(() => {
    const hasClosed = had.current && !dialog;
    had.current = dialog;
    if (hasClosed && document.activeElement === document.body && !isOpen) document.querySelector('[data-row][tabindex="0"]')?.focus();
  }, [dialog]);
  const close = () => {
    const id = query.claim || query.invoice;
    open(null);
    change({ invoice: null, claim: null }, { replace: true });
    requestAnimationFrame(() => document.querySelector(`[data-row="${CSS.escape(id)}"]`)?.focus());
  };
  const shared = { doing, onClose: close, news };
  return html`<div class=${`split ${isOpen ? "opened" : ""}`}><div class="list">${children}</div>
    ${query.claim ? html`<${ClaimBeside} key=${query.claim} id=${query.claim} ...${shared} />`
      : query.invoice ? html`<${InvoiceBeside} key=${query.invoice} id=${query.invoice} ...${shared} />`
      : selected && html`<${PaySelected} invoice=${selected} doing=${doing} news=${news} />`}</div>`;
}

const toClaim = (id) => change({ claim: id });
const toInvoice = (id) => change({ invoice: id, claim: null });

function InvoiceBeside({ id, doing, onClose, news }) {
  const asked = useInvoice(id);
  useFresh(news, asked.reload);
  useInvoiceKeys(asked.data?.invoice, doing);
  return html`<${InvoicePanel} asked=${asked} doing=${doing} onClose=${onClose} onChanged=${news.tell} onClaim=${toClaim} />`;
}

function ClaimBeside({ id, doing, onClose, news }) {
  const asked = useClaim(id);
  useFresh(news, asked.reload);
  return html`<${ClaimPanel} asked=${asked} doing=${doing} onClose=${onClose} onChanged=${news.tell} onInvoice=${toInvoice} onClaim=${toClaim} />`;
}

// The row that has the focus is paid by p, too, without its panel.
function PaySelected({ invoice, doing, news }) {
  useInvoiceKeys(invoice, doing);
  return doing.dialog === "pay" && html`<${PaymentDialog} invoice=${invoice} onClose=${() => doing.open(null)} onPaid=${news.tell} />`;
}

function UnpaidTab({ place, query, news }) {
  const list = useUnpaid(place, query.client);
  const [selected, select] = useState(null);
  useFresh(news, list.reload);
  return html`<${Beside} query=${query} news=${news} selected=${selected}>
    <${Unpaid} list=${list} open=${query.invoice} onOpen=${(row) => change({ invoice: row.id, claim: null }, { replace: true })} onSelect=${select} /><//>`;
}

function claimsTab(stage) {
  return function ClaimsTab({ place, query, today, news }) {
    const list = useClaims(stage, place, query.client);
    useFresh(news, list.reload);
    return html`<${Beside} query=${query} news=${news}>
      <${Claims} stage=${stage} list=${list} today=${today} open=${query.claim} onOpen=${(row) => change({ claim: row.id, invoice: null }, { replace: true })} /><//>`;
  };
}

function FilesTab({ place, query, news }) {
  const files = useQuarantined();
  const unmatched = useUnmatched();
  const wall = useWall(place);
  useFresh(news, () => {
    files.reload();
    unmatched.reload();
  });
  return html`<${Beside} query=${query} news=${news}><${Quarantined} files=${files} unmatched=${unmatched} wall=${wall} onClaim=${toClaim} onChanged=${news.tell} /><//>`;
}

function ReportsTab({ place, query, today }) {
  return today ? html`<${Reports} query=${query} place=${place} today=${today} />` : null;
}

function DayTab({ place, query, today, news }) {
  const closes = useCloses(place);
  useFresh(news, closes.reload);
  return today ? html`<${DayClose} place=${place} day=${query.date || today} closes=${closes} onChanged=${news.tell} />` : null;
}
