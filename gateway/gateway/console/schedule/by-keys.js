// The schedule by keys: one letter does one thing to the visit in hand, and arrows move one.
import { may, nameOf } from "../core/clinic.js";
import { useKeys } from "../core/keys.js";
import { change as changeQuery } from "../core/router.js";
import { say } from "../core/say.js";
import { addDays, clockText, shortDay } from "../core/time.js";
import { change } from "./changing.js";
import { changeOf } from "./layout.js";
import * as can from "./status.js";

export function grabByKeys(visit, places, columns, setGhost) {
  const place = places.find((each) => each.visit.id === visit.id);
  if (!place) return;
  document.querySelector(`[data-visit="${CSS.escape(visit.id)}"]`)?.focus();
  setGhost({ visit, column: place.column, minutes: place.from });
  say(`Moving ${nameOf(visit.client_id)}. Arrows move it, Enter confirms, Escape puts it back.`);
}

export function useMovingKeys({ ghost, setGhost, columns, hours, drop, by }) {
  const to = (part) => () => {
    const next = { ...ghost, ...part(ghost) };
    if (next.column < 0 || next.column >= columns.length || next.minutes < hours.from || next.minutes >= hours.to) return;
    setGhost(next);
    const column = columns[next.column];
    say(`${clockText(next.minutes)}, ${column.title === column.day ? shortDay(column.day) : column.title}`);
  };
  const later = (minutes) => (event) => to((g) => ({ minutes: g.minutes + (event.shiftKey ? Math.sign(minutes) * 5 : minutes) }))();
  const confirm = () => {
    setGhost(null);
    const change = changeOf(ghost.visit, columns[ghost.column], ghost.minutes, by);
    if (Object.keys(change).length) drop(ghost.visit, ghost.column, ghost.minutes);
    else say("It stays where it was.");
  };
  const leave = () => {
    setGhost(null);
    say("Put back.");
  };
  useKeys(
    {
      ArrowUp: { does: "Earlier (while moving)", run: later(-15) },
      ArrowDown: { does: "Later (while moving)", run: later(15) },
      ArrowLeft: { does: "One column left (while moving)", run: to((g) => ({ column: g.column - 1 })) },
      ArrowRight: { does: "One column right (while moving)", run: to((g) => ({ column: g.column + 1 })) },
      Enter: { does: "Put it there (while moving)", run: confirm },
      Escape: { does: "Put it back (while moving)", run: leave },
    },
    ghost !== null,
  );
}

export function useScheduleKeys({ target, board, day, view, isReadOnly, isMoving, select, book, rebook, setDialog, query, startMoving }) {
  const step = view === "week" ? 7 : 1;
  const go = (date) => changeQuery({ date, visit: null });
  const withVisit = (allowed, act) => () => {
    const visit = target();
    if (visit && !isReadOnly && allowed(visit)) act(visit);
  };
  const open = (name) => (visit) => {
    if (query.visit !== visit.id) select(visit.id);
    setDialog(name);
  };
  useKeys(
    {
      ArrowLeft: { does: view === "week" ? "The week before" : "The day before", run: () => go(addDays(day, -step)) },
      ArrowRight: { does: view === "week" ? "The next week" : "The next day", run: () => go(addDays(day, step)) },
      t: { does: "Today", run: () => go(null) },
      n: { does: "Book a visit", run: () => !isReadOnly && book() },
      m: { does: "Move the visit by arrows", run: withVisit(can.canMove, startMoving) },
      a: { does: "Arrive", run: withVisit(can.canArrive, (visit) => change(visit, "arrive", "has arrived", board)) },
      f: { does: "Complete the visit", run: withVisit(can.canFulfil, (visit) => change(visit, "fulfil", "is completed", board)) },
      p: { does: "Take payment for the visit", run: withVisit((visit) => can.canPay(visit) && may("bill", visit.location_id), open("pay")) },
      x: { does: "Cancel the visit", run: withVisit(can.canCancel, open("cancel")) },
      r: { does: "Rebook the client", run: withVisit(() => true, rebook) },
      Escape: { does: "Close the visit", run: () => query.visit && select(query.visit) },
    },
    !isMoving,
  );
}
