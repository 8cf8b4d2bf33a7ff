// The day or week as columns of time. One Tab stop: arrows go from visit to visit.
import { clientNames, nameOf } from "../core/clinic.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../core/html.js";
import { useStore } from "../core/store.js";
import { clockText, shortDay } from "../core/time.js";
import { dragger } from "./dragging.js";
import { offShift } from "./layout.js";
import { canMove } from "./status.js";
import { Visit } from "./visit.js";

// The least an hour takes, in pixels; a day that leaves room is drawn larger.
const LEAST_HOUR = 56;
const SLOT = 15;

export function Grid({ columns, places, hours, now, selected, moving, isReadOnly, doubtful, roomName, onSelect, onSlot, onMove, focusRef, label }) {
  useStore(clientNames);
  const body = useRef(null);
  const scroller = useRef(null);
  const [active, setActive] = useState(null);
  const hadFocus = useRef(null);
  const hourHeight = useRoom(scroller, (hours.to - hours.from) / 60);
  const height = ((hours.to - hours.from) / 60) * hourHeight;
  const top = (minutes) => ((minutes - hours.from) / 60) * hourHeight;
  const activeId = places.some((each) => each.visit.id === active) ? active : places[0]?.visit.id;

  useLayoutEffect(() => {
    // Opened where the day is: at now, or at its first visit.
    const at = now?.minutes ?? Math.min(...places.map((each) => each.from), hours.from + 60);
    if (scroller.current) scroller.current.scrollTop = Math.max(0, top(at) - 2 * hourHeight);
  }, [columns[0]?.day, columns.length]);

  useLayoutEffect(() => {
    // A visit that changed its place may have lost the focus to nobody.
    if (!hadFocus.current || document.activeElement !== document.body) return;
    elementOf(body.current, hadFocus.current)?.focus({ preventScroll: true });
  });

  const focus = (id) => {
    hadFocus.current = id;
    setActive(id);
    if (focusRef) focusRef.current = id;
  };
  // Somebody who goes elsewhere takes the focus along; an element that is put elsewhere does not.
  const leave = (event) => {
    if (event.relatedTarget && !body.current.contains(event.relatedTarget)) hadFocus.current = null;
  };
  useEffect(() => {
    const point = (event) => {
      if (!event.target.closest?.("[data-visit]")) hadFocus.current = null;
    };
    document.addEventListener("pointerdown", point, true);
    return () => document.removeEventListener("pointerdown", point, true);
  }, []);
  const latest = useRef({});
  latest.current = { columns, hours, hourHeight, onMove };
  const grab = useMemo(
    () =>
      dragger({
        geometry: () => ({ body: body.current, columns: latest.current.columns.length, hours: latest.current.hours, hourHeight: latest.current.hourHeight }),
        drop: (visit, column, minutes) => latest.current.onMove(visit, column, minutes),
        titleOf: (column) => titleOf(latest.current.columns[column]),
      }),
    [],
  );
  const press = (event) => {
    const next = neighbour(places, activeId, event.key);
    if (!next || moving) return;
    event.preventDefault();
    elementOf(body.current, next)?.focus();
  };
  const slot = (event) => {
    if (event.target.closest("[data-visit]") || isReadOnly) return;
    const frame = body.current.getBoundingClientRect();
    const column = Math.floor(((event.clientX - frame.left) / frame.width) * columns.length);
    const minutes = hours.from + Math.floor((((event.clientY - frame.top) / hourHeight) * 60) / SLOT) * SLOT;
    onSlot(columns[Math.min(column, columns.length - 1)], minutes);
  };
  const size = { "--columns": columns.length, "--hour": `${hourHeight}px` };
  return html`<div class="grid-scroll" ref=${scroller} data-scroll="schedule">
    <div class="grid" style=${size}>
      <div class="corner"></div>
      <div class="heads">${columns.map((column) => html`<div key=${column.key} class="head"><h2>${titleOf(column)}</h2></div>`)}</div>
      <div class="hours" aria-hidden="true" style=${{ height: `${height}px` }}>
        ${hoursList(hours).map((at) => html`<span key=${at} style=${{ top: `${top(at)}px` }}>${clockText(at)}</span>`)}</div>
      <div class="cells" ref=${body} role="group" aria-label=${label} style=${{ height: `${height}px` }} onClick=${slot} onKeyDown=${press} onFocusOut=${leave}>
        ${columns.map((column, n) => html`<${Backdrop} key=${column.key} column=${column} at=${n} count=${columns.length} hours=${hours} top=${top} />`)}
        ${now && html`<div class="now" aria-hidden="true" style=${{ top: `${top(now.minutes)}px`, ...across(now.column ?? 0, now.column === undefined ? columns.length : 1, columns.length) }}></div>`}
        ${places.map((place) => html`<${Visit} key=${place.visit.id} place=${place} box=${boxOf(place, columns.length, top)}
          isActive=${place.visit.id === activeId} isSelected=${place.visit.id === selected}
          isMoving=${place.visit.id === moving} isDoubtful=${doubtful.has(place.visit.id)} roomName=${roomName(place.visit)}
          name=${nameOf(place.visit.client_id)} onFocus=${focus} onPress=${onSelect}
          onGrab=${(event) => !isReadOnly && canMove(place.visit) && grab(event, place)} />`)}
      </div>
    </div>
  </div>`;
}

const HEADS = 36;

// How high an hour is drawn, so that the day fills the room there is.
function useRoom(scroller, count) {
  const [room, setRoom] = useState(0);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([entry]) => setRoom(entry.contentRect.height - HEADS));
    watch.observe(scroller.current);
    return () => watch.disconnect();
  }, []);
  return Math.max(LEAST_HOUR, Math.floor(room / count));
}

const titleOf = (column) => (column.title === column.day ? shortDay(column.day) : column.title);
const elementOf = (body, id) => body?.querySelector(`[data-visit="${CSS.escape(id)}"]`);
const hoursList = ({ from, to }) => Array.from({ length: (to - from) / 60 + 1 }, (_, n) => from + n * 60);
const across = (column, span, count) => ({ left: `${(column / count) * 100}%`, width: `${(span / count) * 100}%` });

function boxOf(place, count, top) {
  const width = 100 / count / place.lanes;
  return {
    top: `${top(place.from) + 1}px`,
    height: `${Math.max(top(place.to) - top(place.from) - 2, 18)}px`,
    left: `calc(${(place.column / count) * 100 + place.lane * width}% + 2px)`,
    width: `calc(${width}% - 5px)`,
  };
}

// What lies behind the visits: the lines, and when nobody works, is away, or holds a time.
function Backdrop({ column, at, count, hours, top }) {
  const part = (kind, words) => (span) => html`<div class=${kind} style=${{ top: `${top(span.from)}px`, height: `${top(span.to) - top(span.from)}px` }}>${words}</div>`;
  return html`<div class="column" style=${across(at, 1, count)}>
    ${offShift(column, hours).map(part("off"))}${column.absences.map(part("away", "Away"))}${column.holds.map(part("held", "Held"))}
  </div>`;
}

// The visit an arrow leads to: up and down in the column, sideways to the nearest in time.
function neighbour(places, id, key) {
  const here = places.findIndex((each) => each.visit.id === id);
  if (here < 0) return null;
  if (key === "Home") return places[0].visit.id;
  if (key === "End") return places.at(-1).visit.id;
  const { column, from } = places[here];
  if (key === "ArrowUp" || key === "ArrowDown") {
    const next = places[here + (key === "ArrowDown" ? 1 : -1)];
    return next && next.column === column ? next.visit.id : null;
  }
  if (key !== "ArrowLeft" && key !== "ArrowRight") return null;
  const way = key === "ArrowRight" ? 1 : -1;
  const beyond = places.filter((each) => (each.column - column) * way > 0);
  if (!beyond.length) return null;
  const near = Math.min(...beyond.map((each) => Math.abs(each.column - column)));
  const there = beyond.filter((each) => Math.abs(each.column - column) === near);
  return there.reduce((best, each) => (Math.abs(each.from - from) < Math.abs(best.from - from) ? each : best)).visit.id;
}
