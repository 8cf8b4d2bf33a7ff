// The clinic's time, never the browser's. Instants come with the clinic's offset, so what stands on
// its wall is in their text: no zone data of the browser's is asked, whose edition may be older.
import { useEffect, useState } from "preact/hooks";
import { get } from "./api.js";

const MINUTE = 60_000;
const ASKED_AGAIN_MS = 10 * MINUTE;
const clocks = new Map();

// "2026-12-01T10:00:00-07:00" -> "10:00"
export const timeOf = (instant) => instant.slice(11, 16);
export const dayOf = (instant) => instant.slice(0, 10);
export const minutesOf = (text) => {
  const at = text.indexOf("T") + 1;
  return Number(text.slice(at, at + 2)) * 60 + Number(text.slice(at + 3, at + 5));
};
export const clockText = (minutes) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

// Days as UTC noons: arithmetic on dates alone.
const noon = (day) => new Date(`${day}T12:00:00Z`);
export const addDays = (day, count) => {
  const date = noon(day);
  date.setUTCDate(date.getUTCDate() + count);
  return date.toISOString().slice(0, 10);
};
export const mondayOf = (day) => addDays(day, -((noon(day).getUTCDay() + 6) % 7));
export const daysBetween = (from, to) => Math.round((noon(to) - noon(from)) / (1440 * MINUTE));

const LONG = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
const SHORT = { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" };
export const longDay = (day) => noon(day).toLocaleDateString("en-CA", LONG);
export const shortDay = (day) => noon(day).toLocaleDateString("en-CA", SHORT);

// "America/Vancouver" -> "Vancouver time". Abbreviations mislead: British Columbia's would be MST.
export const zoneName = (zone) => `${zone.split("/").pop().replaceAll("_", " ")} time`;

// The wall time of a zone now, as {day, minutes}; null until the gateway has said it.
export function useWallClock(zone) {
  const [now, setNow] = useState(() => read(zone));
  useEffect(() => {
    let isHere = true;
    const look = async () => {
      const clock = clocks.get(zone);
      if (zone && (!clock || performance.now() - clock.asked > ASKED_AGAIN_MS)) await ask(zone);
      if (isHere) setNow(read(zone));
    };
    look();
    const timer = setInterval(look, 20_000);
    return () => {
      isHere = false;
      clearInterval(timer);
    };
  }, [zone]);
  return now;
}

// The day it is at a zone, asked of the gateway when it is not known yet.
export async function todayAt(zone) {
  if (!clocks.has(zone)) await ask(zone);
  return read(zone)?.day ?? new Date().toISOString().slice(0, 10);
}

// Asks for the zones whose offset is not known yet; `offsetAt` is then such as "-07:00".
export async function learnClocks(zones) {
  await Promise.all([...new Set(zones)].filter((zone) => zone && !clocks.has(zone)).map(ask));
}

export const offsetAt = (zone) => clocks.get(zone)?.offset;

async function ask(zone) {
  try {
    const answer = await get("/wall-clock", { timezone: zone });
    clocks.set(zone, { local: answer.local_time, offset: answer.offset, asked: performance.now() });
  } catch {
    return; // the next look asks again; until then the line is not drawn
  }
}

function read(zone) {
  const clock = clocks.get(zone);
  if (!clock) return null;
  const local = Date.parse(`${clock.local}Z`) + (performance.now() - clock.asked);
  const text = new Date(local).toISOString();
  return { day: text.slice(0, 10), minutes: minutesOf(text) };
}
