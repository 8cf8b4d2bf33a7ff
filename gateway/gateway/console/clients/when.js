// Days and instants as the client's screens write them.
import { offsetAt, shortDay } from "../core/time.js";

// "2026-12-01" -> "Tue, Dec 1", with the year when it is not today's.
export const dayText = (day, today) =>
  day.slice(0, 4) === today.slice(0, 4) ? shortDay(day) : `${shortDay(day)} ${day.slice(0, 4)}`;

export const ageOn = (today, birth) =>
  Number(today.slice(0, 4)) - Number(birth.slice(0, 4)) - (today.slice(5) < birth.slice(5) ? 1 : 0);

// "2026-11-01" and "2027-01-31" as a sentence's part; either may be open.
export function spanText(from, until, today) {
  if (from && until) return `${dayText(from, today)} to ${dayText(until, today)}`;
  if (from) return `from ${dayText(from, today)}`;
  return until ? `until ${dayText(until, today)}` : "";
}

// An instant in UTC as the clinic's wall shows it: {day, time}. The browser's zone data is used as
// long as it has the zone's present offset as the gateway does; an older edition may not (British
// Columbia, 2026).
export function wallOf(instant, zone) {
  const at = new Date(instant);
  const told = offsetAt(zone);
  const known = wall(at, zone);
  const isRight = !told || offsetOf(zone) === told;
  const text = isRight ? known : new Date(at.getTime() + minutes(told) * 60_000).toISOString();
  return { day: text.slice(0, 10), time: text.slice(11, 16) };
}

const wall = (at, timeZone) => at.toLocaleString("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });

const minutes = (offset) => (offset[0] === "-" ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6)));

function offsetOf(timeZone) {
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(new Date());
  return parts.find((part) => part.type === "timeZoneName").value.slice(3) || "+00:00";
}
