// What the desk's lists and panels are made of: tabs, pages of a list, rows that keys walk, reasons.
import { get } from "../core/api.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../core/html.js";
import { useKeys } from "../core/keys.js";
import { fail } from "../core/say.js";
import { Action, Dialog, errorOf, Failure, Field, Loading, useAsked } from "../core/ui.js";

const PAGE = 50;
const MOST = 200;

// The tabs of ARIA's pattern: one stop, arrows walk, the chosen one is shown at once.
export function Tabs({ tabs, chosen, onChoose, label }) {
  const place = useRef(null);
  const walk = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = tabs.findIndex((each) => each.id === chosen);
    const to = step ? (at + step + tabs.length) % tabs.length : { Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onChoose(tabs[to].id);
    place.current.children[to].focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} ref=${place} onKeyDown=${walk}>
    ${tabs.map(({ id, title, count }) => html`<button type="button" role="tab" key=${id} id=${`tab-${id}`} aria-selected=${id === chosen}
      aria-controls="tab-panel" tabindex=${id === chosen ? 0 : -1} onClick=${() => onChoose(id)}>${title}${count ? html` <span class="count">${count}</span>` : ""}</button>`)}
  </div>`;
}

// Pages of a list: what was loaded stays loaded when it is asked for again, so nothing jumps.
export function usePages(path, query, read = (page) => page) {
  const about = JSON.stringify([path, query]);
  const shown = useRef({ about, count: PAGE });
  if (shown.current.about !== about) shown.current = { about, count: PAGE };
  const asked = useAsked(async (signal) => {
    const page = await get(path, { ...query, limit: Math.min(shown.current.count, MOST) }, { signal });
    return read(page);
  }, [about]);
  const [extra, setExtra] = useState({ about, items: [], next: null });
  const mine = extra.about === about && extra.after === asked.data ? extra : { items: [], next: asked.data?.next ?? null };
  const more = async () => {
    try {
      const page = await read(await get(path, { ...query, limit: PAGE, cursor: mine.next }));
      shown.current.count += PAGE;
      setExtra({ about, after: asked.data, items: [...mine.items, ...page.items], next: page.next });
    } catch (problem) {
      fail(problem, "No more was loaded");
    }
  };
  const items = asked.data ? [...asked.data.items, ...mine.items] : null;
  return { ...asked, items, hasMore: Boolean(mine.next), more };
}

// A list, or what stands where it is not there.
export function Listed({ list, empty, children }) {
  if (!list.items) return list.isLoading ? html`<${Loading} />` : html`<${Failure} problem=${list.problem} onRetry=${() => list.reload({ quietly: false })} />`;
  return html`${list.problem && html`<p class="notice bad" role="alert">What is shown may be old: ${list.problem.message}</p>`}
    ${list.items.length ? children : html`<div class="empty"><p>${empty}</p></div>`}
    ${list.hasMore && html`<div class="buttons"><${Action} onClick=${list.more}>More<//></div>`}`;
}

// A table whose rows are walked by j and k, one stop for Tab; Enter, or a press, opens one.
// `columns`: [{title, of(row), className}]; the first holds the row's button.
export function Rows({ rows, columns, open, onOpen, onSelect, label }) {
  const place = useRef(null);
  const at = useRef({ id: null, index: 0, isIn: false });
  const [active, setActive] = useState(null);
  const isHere = (id) => rows.some((row) => row.id === id);
  const current = isHere(active) ? active : isHere(open) ? open : rows[Math.min(at.current.index, rows.length - 1)]?.id;
  const buttons = () => [...place.current.querySelectorAll("[data-row]")];
  const walk = (step) => () => {
    const all = buttons();
    const now = all.indexOf(document.activeElement);
    const from = now >= 0 ? now + step : Math.max(0, rows.findIndex((row) => row.id === current)) + (open || at.current.id ? step : 0);
    all[Math.max(0, Math.min(from, all.length - 1))]?.focus();
  };
  useKeys({ j: { does: "The next row", run: walk(1) }, k: { does: "The row before", run: walk(-1) } });
  // What was worked on may leave the list by an event: the focus goes to what took its place.
  useLayoutEffect(() => {
    if (!at.current.isIn || document.activeElement !== document.body) return;
    buttons()[Math.min(at.current.index, rows.length - 1)]?.focus();
  }, [rows]);
  const focus = (row, index) => {
    at.current = { id: row.id, index, isIn: true };
    setActive(row.id);
    onSelect?.(row);
  };
  const blur = (event) => {
    if (event.relatedTarget) at.current.isIn = false;
  };
  const press = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    walk(step)();
  };
  return html`<div class="scroll"><table class="rows" ref=${place} aria-label=${label} onFocusOut=${blur} onKeyDown=${press}>
    <thead><tr>${columns.map((column) => html`<th scope="col" key=${column.title} class=${column.className}>${column.title}</th>`)}</tr></thead>
    <tbody>${rows.map((row, index) => html`<tr key=${row.id} class=${row.id === open ? "open" : ""} onClick=${(event) => event.target.closest("a, button") || onOpen(row)}>
      ${columns.map((column, n) => n === 0
        ? html`<th scope="row" key=${n}><button type="button" class="link" data-row=${row.id} tabindex=${row.id === current ? 0 : -1} aria-expanded=${row.id === open}
            onFocus=${() => focus(row, index)} onClick=${() => onOpen(row)}>${column.of(row)}</button></th>`
        : html`<td key=${n} class=${column.className}>${column.of(row)}</td>`)}</tr>`)}</tbody></table></div>`;
}

// A panel beside the list: on a narrow screen it takes the list's place, and the focus with it.
export function Panel({ title, label, onClose, children }) {
  const head = useRef(null);
  useEffect(() => {
    const from = document.activeElement;
    if (!from || from === document.body || from.offsetParent === null) head.current.focus();
  }, []);
  useKeys({ Escape: { does: "Close the panel", run: onClose } });
  return html`<aside class="panel box" aria-label=${label}>
    <div class="bar"><h2 ref=${head} tabindex="-1">${title}</h2>
      <button type="button" class="quiet icon push" aria-label=${`Close the ${label.toLowerCase()}`} onClick=${onClose}>✕</button></div>
    ${children}</aside>`;
}

export const Tag = ({ state }) => html`<span class=${`tag ${state.kind}`}><span aria-hidden="true">${state.sign}</span> ${state.word}</span>`;

// Something that cannot be taken back, with why: `run(reason)` throws what is refused.
export function ReasonDialog({ title, children, act, isDanger = true, run, onClose }) {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState(null);
  const busy = useRef(false);
  const send = async (event) => {
    event?.preventDefault();
    if (busy.current) return;
    if (!reason.trim()) return setProblem({ message: "", errors: { reason: ["say why: it stays with the record"] } });
    busy.current = true;
    try {
      await run(reason.trim());
      onClose();
    } catch (refused) {
      setProblem(refused);
    } finally {
      busy.current = false;
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <form onSubmit=${send}>${children}
      <${Field} label="Reason" error=${errorOf(problem, "reason")}>${(p) => html`<input data-first value=${reason} maxlength="500" onInput=${(e) => setReason(e.target.value)} ...${p} />`}<//>
      <div role="alert">${problem?.message && html`<p class="wrong">${problem.message}</p>`}</div>
      <div class="buttons"><button class=${isDanger ? "danger" : "main"}>${act}</button><button type="button" onClick=${onClose}>Not now</button></div>
    </form><//>`;
}

// Something to be sure of, without a reason.
export function ConfirmDialog({ title, children, act, run, onClose }) {
  const [problem, setProblem] = useState(null);
  const press = async () => {
    try {
      await run();
      onClose();
    } catch (refused) {
      setProblem(refused);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>${children}
    <div role="alert">${problem && html`<p class="wrong">${problem.message}</p>`}</div>
    <div class="buttons"><${Action} className="main" onClick=${press}>${act}<//><button type="button" data-first onClick=${onClose}>Not now</button></div><//>`;
}
