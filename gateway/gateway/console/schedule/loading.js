// The sheets of a view, kept in step with what happens: each event about a day shown has it read anew.
import { get } from "../core/api.js";
import { learnNames, locationOf } from "../core/clinic.js";
import { useEffect, useRef, useState } from "../core/html.js";
import { useEvents } from "../core/live.js";
import { mondayOf, todayAt } from "../core/time.js";
import { useAsked } from "../core/ui.js";
import { daysOf } from "./layout.js";

const TOGETHER_MS = 40;
const AGAIN_MS = 150;
const MOST_TRIES = 6;

// {sheets, day, problem, isLoading, reload, newer, note}: `note(visit)` shows a visit as an answer
// gave it until the sheets are as new.
export function useSheets(place, { date, view, by }) {
  const [newer, setNewer] = useState(new Map());
  const asked = useAsked(async (signal) => {
    const day = date || (await todayAt(locationOf(place).timezone));
    const days = daysOf(view, day, mondayOf(day));
    const query = (each) => ({ location_id: place, date: each, by });
    const sheets = await Promise.all(days.map((each) => get("/day-sheet", query(each), { signal })));
    const visits = visitsOf(sheets);
    learnNames([...visits.values()].map((visit) => visit.client_id)).catch(() => {});
    setNewer((old) => new Map([...old].filter(([id, visit]) => !isIn(visits, id, visit.version))));
    return { sheets, day, days, place };
  }, [place, date, view, by]);
  useFollowing(asked, place);
  const note = (visit) => setNewer((old) => new Map(old).set(visit.id, visit));
  const forget = (id) => setNewer((old) => new Map([...old].filter(([each]) => each !== id)));
  return { ...asked, newer, note, forget };
}

const visitsOf = (sheets) =>
  new Map(sheets.flatMap((s) => s.columns.flatMap((c) => c.appointments)).map((v) => [v.id, v]));
const isIn = (visits, id, version) => (visits.get(id)?.version ?? 0) >= version;

// A day out of the gateway's memory may be a moment older than the event that tells of its change,
// so it is read until it is as new.
function useFollowing(asked, place) {
  const wanted = useRef(new Map());
  const timer = useRef(null);
  const current = useRef(asked);
  current.current = asked;
  useEffect(() => () => clearTimeout(timer.current), []);

  const look = async (tries) => {
    timer.current = null;
    await current.current.reload();
    // What was asked for may be on the screen only after this turn.
    timer.current = setTimeout(() => check(tries), 0);
  };
  const check = (tries) => {
    timer.current = null;
    const visits = visitsOf(current.current.data?.sheets ?? []);
    for (const [id, { version, isHere }] of wanted.current) {
      if (!isHere || isIn(visits, id, version)) wanted.current.delete(id);
    }
    if (!wanted.current.size) return;
    if (tries >= MOST_TRIES) wanted.current.clear();
    else timer.current = setTimeout(() => look(tries + 1), AGAIN_MS);
  };
  useEvents((event) => {
    if (event === null) return void look(0);
    const change = concerns(event, place, current.current.data?.days ?? []);
    if (!change) return undefined;
    wanted.current.set(change.id, change);
    timer.current ??= setTimeout(() => look(0), TOGETHER_MS);
    return undefined;
  });
}

// {id, version, isHere} of what an event says of the days shown, or null when it says nothing.
function concerns(event, place, days) {
  if (!event.type.startsWith("booking.")) return null;
  const { visit, previous } = event.data ?? {};
  if (!visit) return { id: event.id, version: 0, isHere: false }; // settings: a shift, a closure
  const shows = (each) => each?.location_id === place && days.includes(each.local_start.slice(0, 10));
  if (!shows(visit) && !shows(previous)) return null;
  return { id: visit.appointment_id, version: Number(event.sequence), isHere: shows(visit) };
}
