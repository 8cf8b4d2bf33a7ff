// Where each visit stands: columns, hours and lanes, from what the API answers. Nothing is drawn here.
import { addDays, clockText, dayOf, minutesOf } from "../core/time.js";

const USUAL = { from: 8 * 60, to: 18 * 60 };
export const EVERYONE = "all";

// The days of a view, in order.
export const daysOf = (view, day, monday) =>
  view === "week" ? Array.from({ length: 7 }, (_, n) => addDays(monday, n)) : [day];

// {key, day, resource, title, windows, absences, holds, closures} for each column, left to right.
export function columnsOf(sheets, { view, who }) {
  if (view !== "week") return sheets.flatMap((sheet) => sheet.columns.map((each) => columnOf(sheet, each)));
  return sheets.map((sheet) => {
    const mine = sheet.columns.filter((each) => who === EVERYONE || each.id === who);
    const merged = mine.map((each) => columnOf(sheet, each));
    const every = (part) => merged.flatMap((each) => each[part]);
    return {
      key: sheet.date,
      day: sheet.date,
      resource: who,
      title: sheet.date,
      windows: every("windows"),
      absences: who === EVERYONE ? [] : every("absences"),
      holds: every("holds"),
      closures: sheet.closures,
    };
  });
}

function columnOf(sheet, column) {
  const { id, name, windows, absences, holds } = column;
  const parts = { windows: windows.map(spanOf), absences: absences.map(spanOf), holds: holds.map(spanOf) };
  return { key: id, day: sheet.date, resource: id, title: name, closures: sheet.closures, ...parts };
}

const spanOf = ({ start, end }) => ({
  from: minutesOf(start),
  to: dayOf(end) > dayOf(start) ? 1440 : minutesOf(end),
});

// Every visit of the sheets, with what is newer than them, as {visit, column, from, to}.
export function placesOf(sheets, columns, newer, { by, view, who, hasCancelled }) {
  const visits = new Map(sheets.flatMap((s) => s.columns.flatMap((c) => c.appointments)).map((v) => [v.id, v]));
  const place = sheets[0]?.location_id;
  for (const [id, visit] of newer) {
    if (visit.location_id !== place) visits.delete(id);
    else if (!visits.has(id) || visits.get(id).version <= visit.version) visits.set(id, visit);
  }
  const resourceOf = (visit) => (by === "room" ? visit.room_id : visit.practitioner_id);
  const at = new Map(columns.map((column, n) => [view === "week" ? column.day : column.key, n]));
  const found = [];
  for (const visit of visits.values()) {
    if (!hasCancelled && visit.status === "cancelled") continue;
    if (view === "week" && who !== EVERYONE && resourceOf(visit) !== who) continue;
    const day = dayOf(visit.local_start);
    const column = at.get(view === "week" ? day : resourceOf(visit));
    if (column === undefined || (view !== "week" && day !== columns[column].day)) continue;
    const from = minutesOf(visit.local_start);
    found.push({ visit, column, from, to: from + lengthOf(visit) });
  }
  return inLanes(found);
}

// Minutes by the text of the instants: both have the clinic's offset; a clock change may lie between.
export const lengthOf = (visit) => Math.round((Date.parse(visit.end) - Date.parse(visit.start)) / 60_000);

// Side by side what overlaps; the order is the reading order: by column, then by time.
function inLanes(places) {
  places.sort((a, b) => a.column - b.column || a.from - b.from || a.to - b.to || (a.visit.id < b.visit.id ? -1 : 1));
  let cluster = [];
  let until = -1;
  const close = () => {
    const lanes = 1 + Math.max(0, ...cluster.map((each) => each.lane));
    for (const each of cluster) each.lanes = lanes;
    cluster = [];
  };
  let column = -1;
  for (const place of places) {
    if (place.column !== column || place.from >= until) {
      close();
      column = place.column;
      until = -1;
    }
    const busy = new Set(cluster.filter((each) => each.to > place.from).map((each) => each.lane));
    place.lane = 0;
    while (busy.has(place.lane)) place.lane += 1;
    cluster.push(place);
    until = Math.max(until, place.to);
  }
  close();
  return places;
}

// The hours that are shown: whole ones, from the earliest to the latest of what there is.
export function hoursOf(columns, places) {
  const spans = [...columns.flatMap((column) => column.windows), ...places];
  if (!spans.length) return USUAL;
  const from = Math.min(...spans.map((span) => span.from));
  const to = Math.max(...spans.map((span) => span.to));
  return { from: Math.floor(from / 60) * 60, to: Math.min(1440, Math.ceil(to / 60) * 60) };
}

// What of a column's hours nobody works in.
export function offShift(column, hours) {
  const off = [];
  let at = hours.from;
  for (const { from, to } of [...column.windows].sort((a, b) => a.from - b.from)) {
    if (from > at) off.push({ from: at, to: from });
    at = Math.max(at, to);
  }
  if (at < hours.to) off.push({ from: at, to: hours.to });
  return off;
}

// A visit as it would be at another time and column: for the screen, until the API has said so.
export function movedTo(visit, { local_start, ...rest }) {
  if (!local_start) return { ...visit, ...rest };
  const offset = visit.start.slice(19);
  const to = minutesOf(local_start) + lengthOf(visit);
  return {
    ...visit,
    ...rest,
    local_start,
    start: `${local_start}:00${offset}`,
    end: `${dayOf(local_start)}T${clockText(Math.min(to, 1439))}:00${offset}`,
  };
}

// What the API is told when a visit is put into a column at a time.
export function changeOf(visit, column, minutes, by) {
  const wanted = { local_start: `${column.day}T${clockText(minutes)}` };
  const field = by === "room" ? "room_id" : "practitioner_id";
  if (column.resource !== EVERYONE) wanted[field] = column.resource;
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => visit[name] !== value));
}

// A visit as it stands while the arrows move it.
export const shiftOf = (ghost, columns, by) => ({ ...movedTo(ghost.visit, changeOf(ghost.visit, columns[ghost.column], ghost.minutes, by)), version: ghost.visit.version });
