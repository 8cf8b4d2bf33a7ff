// The schedule: a location's day by therapist or room, or one of them through a week.
import { get } from "../core/api.js";
import { chain, learnNames, locationOf, may } from "../core/clinic.js";
import { html, useEffect, useMemo, useRef, useState } from "../core/html.js";
import { live } from "../core/live.js";
import { change as changeQuery, route } from "../core/router.js";
import { useStore } from "../core/store.js";
import { addDays, clockText, minutesOf, shortDay, useWallClock } from "../core/time.js";
import { Empty, Failure, Loading } from "../core/ui.js";
import { placeOf } from "../shell/places.js";
import { BookingDialog } from "./booking.js";
import { grabByKeys, useMovingKeys, useScheduleKeys } from "./by-keys.js";
import { Grid } from "./grid.js";
import { changeOf, columnsOf, EVERYONE, hoursOf, placesOf, shiftOf } from "./layout.js";
import { useSheets } from "./loading.js";
import { move } from "./moves.js";
import { Panel } from "./panel.js";
import { Toolbar } from "./toolbar.js";

export function Schedule() {
  const { query } = useStore(route);
  const { locations } = useStore(chain);
  const place = placeOf(query, locations);
  if (!place) return html`<${Empty}>There is no location yet. A manager adds one in the settings.<//>`;
  return html`<${Board} key=${place} place=${place} query=${query} />`;
}

function Board({ place, query }) {
  const location = locationOf(place);
  const view = query.view === "week" ? "week" : "day";
  const by = query.by === "room" ? "room" : "practitioner";
  const board = useSheets(place, { date: query.date, view, by });
  if (!board.data) {
    if (board.isLoading) return html`<h1 class="unseen">Schedule</h1><${Loading} lines=${12} />`;
    return html`<h1 class="unseen">Schedule</h1><${Failure} problem=${board.problem} what="The schedule could not be loaded" onRetry=${() => board.reload({ quietly: false })} />`;
  }
  return html`<${Sheet} board=${board} location=${location} view=${view} by=${by} query=${query} />`;
}

function Sheet({ board, location, view, by, query }) {
  const { sheets, day } = board.data;
  const clock = useWallClock(location.timezone);
  const { state } = useStore(live);
  const [dialog, setDialog] = useState(null); // "move", "cancel", "no-show", "pay" of the selected visit
  const [booking, setBooking] = useState(null); // the wish of the form that is open
  const [ghost, setGhost] = useState(null); // {visit, column, minutes}: what the arrows move
  const focused = useRef(null);
  const resources = sheets[0].columns.map(({ id, name }) => ({ id, name }));
  const who = view === "week" ? (query.who ?? resources[0]?.id ?? EVERYONE) : null;
  const hasCancelled = query.cancelled === "1";
  const columns = useMemo(() => columnsOf(sheets, { view, who }), [sheets, view, who]);
  const shown = ghost ? new Map(board.newer).set(ghost.visit.id, shiftOf(ghost, columns, by)) : board.newer;
  const places = useMemo(
    () => placesOf(sheets, columns, shown, { by, view, who, hasCancelled }),
    [sheets, columns, board.newer, ghost, by, view, who, hasCancelled],
  );
  const hours = useMemo(() => hoursOf(columns, places), [columns, places]);
  const warnings = new Map(sheets.flatMap((sheet) => sheet.warnings).map((each) => [each.appointment_id, each.why]));
  const selected = useSelected(query.visit, places);
  const isReadOnly = state === "offline" || !may("book", location.id);
  const roomName = (visit) => [...location.rooms, ...location.former_rooms].find((room) => room.id === visit.room_id)?.name ?? "";

  const select = (id) => changeQuery({ visit: id === query.visit ? null : id }, { replace: true });
  const close = () => {
    const id = query.visit;
    changeQuery({ visit: null }, { replace: true });
    requestAnimationFrame(() => document.querySelector(`[data-visit="${CSS.escape(id)}"]`)?.focus());
  };
  const book = (wish = {}) => {
    const client = query.client ? { client: query.client, treatment: query.treatment, practitioner: query.practitioner || "any" } : {};
    setBooking({ date: day, ...client, ...wish });
  };
  const slot = (column, minutes) => {
    const resource = column.resource === EVERYONE ? {} : by === "room" ? { room: column.resource } : { practitioner: column.resource };
    book({ date: column.day, time: clockText(minutes), ...resource });
  };
  const drop = (visit, column, minutes) => move(visit, changeOf(visit, columns[column], minutes, by), board);
  const rebook = (visit) => book({ client: visit.client_id, treatment: visit.treatment_id, practitioner: visit.practitioner_id, date: later(visit, clock), time: clockText(minutesOf(visit.local_start)) });
  const target = () => selected ?? places.find((each) => each.visit.id === focused.current)?.visit ?? null;
  useScheduleKeys({ target, board, day, view, isReadOnly, isMoving: ghost !== null, select, book, rebook, setDialog, query, startMoving: (visit) => grabByKeys(visit, places, columns, setGhost) });
  useMovingKeys({ ghost, setGhost, columns, hours, drop, by });
  useEffect(() => {
    if (query.client && !dialog) learnNames([query.client]).then(() => book());
  }, [query.client]);

  const now = nowOf(clock, columns, view, hours);
  const label = `Visits, ${view === "week" ? "week of " : ""}${shortDay(columns[0]?.day ?? day)}`;
  const cancelled = sheets.flatMap((s) => s.columns.flatMap((c) => c.appointments)).filter((v) => v.status === "cancelled").length;
  const closures = sheets.flatMap((sheet) => sheet.closures.map((each) => ({ ...each, day: sheet.date })));
  return html`<div class="schedule">
    <${Toolbar} day=${day} today=${clock?.day} view=${view} by=${by} who=${who} resources=${resources} zone=${location.timezone}
      cancelled=${cancelled} hasCancelled=${hasCancelled} totals=${totalsOf(sheets)} canBook=${!isReadOnly} onBook=${() => book()} />
    ${closures.map((each) => html`<p class="notice" key=${each.day + each.detail}>${view === "week" ? `${shortDay(each.day)}: ` : ""}${each.detail}${each.start ? `, ${each.start.slice(11)} to ${each.end.slice(11)}` : ""}</p>`)}
    ${board.problem && html`<p class="notice bad" role="alert">What is shown may be old: ${board.problem.message}</p>`}
    ${columns.length === 0
      ? html`<${Empty}>Nobody works here on this day. A manager sets shifts in the settings.<//>`
      : html`<div class="split"><${Grid} columns=${columns} places=${places} hours=${hours} now=${now} selected=${query.visit} moving=${ghost?.visit.id}
          isReadOnly=${isReadOnly} doubtful=${warnings} roomName=${roomName} onSelect=${select} onSlot=${slot} onMove=${drop} focusRef=${focused} label=${label} />
        ${selected && html`<${Panel} key=${selected.id} visit=${selected} roomName=${roomName} warnings=${warnings.get(selected.id) ?? []} board=${board}
          doing=${{ dialog, open: setDialog }} onClose=${close} onRebook=${() => rebook(selected)} />`}</div>`}
    ${places.length === 0 && columns.length > 0 && html`<p class="nothing soft">No visits ${view === "week" ? "in this week" : "on this day"} yet. Press <kbd>n</kbd>, or an empty time, to book one.</p>`}
    ${booking && html`<${BookingDialog} location=${location} wish=${booking} board=${board} onClose=${() => closeBooking(setBooking, query)}
      onBooked=${(visit) => { closeBooking(setBooking, query); changeQuery({ visit: visit.id, date: visit.local_start.slice(0, 10), client: null, treatment: null, practitioner: null }, { replace: true }); }} />`}
    ${dialog === "move" && selected && html`<${BookingDialog} location=${location} moving=${selected} board=${board} onClose=${() => setDialog(null)} onBooked=${() => setDialog(null)}
      wish=${{ treatment: selected.treatment_id, practitioner: selected.practitioner_id, date: selected.local_start.slice(0, 10), time: selected.local_start.slice(11) }} />`}
  </div>`;
}

function closeBooking(setBooking, query) {
  setBooking(null);
  if (query.client) changeQuery({ client: null, treatment: null, practitioner: null }, { replace: true });
}

// The visit the address names: out of what is shown or, elsewhere, asked for.
function useSelected(id, places) {
  const [elsewhere, setElsewhere] = useState(null);
  const found = places.find((each) => each.visit.id === id)?.visit;
  useEffect(() => {
    if (!id || found || elsewhere?.id === id) return;
    get(`/appointments/${id}`).then(
      (visit) => learnNames([visit.client_id]).then(() => setElsewhere(visit)),
      () => changeQuery({ visit: null }, { replace: true }),
    );
  }, [id, found]);
  return found ?? (elsewhere?.id === id ? elsewhere : null);
}

function nowOf(clock, columns, view, hours) {
  if (!clock || clock.minutes < hours.from || clock.minutes > hours.to) return null;
  const column = columns.findIndex((each) => each.day === clock.day);
  if (column < 0) return null;
  return view === "week" ? { minutes: clock.minutes, column } : { minutes: clock.minutes };
}

// The same weekday again, from the day it is.
const later = (visit, clock) => {
  let date = addDays(visit.local_start.slice(0, 10), 7);
  while (clock && date <= clock.day) date = addDays(date, 7);
  return date;
};

function totalsOf(sheets) {
  const visits = sheets.reduce((sum, each) => sum + (each.totals?.visits ?? 0), 0);
  return visits ? `${visits} ${visits === 1 ? "visit" : "visits"}` : "";
}
