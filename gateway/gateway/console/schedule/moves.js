// A move is shown at once and told to the API; what it refuses is put back, with the reason.
import { get, patch } from "../core/api.js";
import { learnNames, nameOf, practitionerOf } from "../core/clinic.js";
import { fail, offerUndo, say } from "../core/say.js";
import { shortDay, timeOf } from "../core/time.js";
import { movedTo } from "./layout.js";

// `change` is what the API's PATCH takes. `board` is {note, forget, reload}.
export async function move(visit, change, board, { isUndo = false } = {}) {
  board.note(movedTo(visit, change));
  try {
    const moved = await patch(`/appointments/${visit.id}`, visit.version, change);
    board.note(moved);
    const text = `${nameOf(visit.client_id)} ${isUndo ? "is back" : "moved"} to ${whereIs(moved)}.`;
    if (isUndo) say(text);
    else offerUndo(text, () => move(moved, whatIs(visit, change), board, { isUndo: true }));
    return moved;
  } catch (problem) {
    board.forget(visit.id);
    await tell(visit, problem, board);
    return null;
  }
}

const whereIs = (visit) =>
  `${shortDay(visit.local_start.slice(0, 10))} ${timeOf(visit.start)}, ${practitionerOf(visit.practitioner_id)?.name ?? ""}`;
const whatIs = (visit, change) => Object.fromEntries(Object.keys(change).map((name) => [name, visit[name]]));

async function tell(visit, problem, board) {
  const what = `${nameOf(visit.client_id)} was not moved`;
  if (problem.status === 412 && problem.body.current) {
    const current = problem.body.current;
    board.note(current);
    const by = await lastActor(visit.id);
    return fail(problem.because(`${by} changed this visit meanwhile: it is ${whereIs(current)}, ${current.status}`), what);
  }
  if (problem.code === "slot_taken") return fail(problem.because(await blockersOf(problem)), what);
  return fail(problem, what);
}

// Who has the time, in words.
export async function blockersOf(problem) {
  const taken = problem.body.blocked_by ?? [];
  const known = await Promise.all(taken.slice(0, 3).map(nameBlocker));
  return known.length ? `${known.join("; ")}` : problem.message;
}

async function nameBlocker(blocker) {
  if (!blocker.appointment_id) return "somebody at another location has the therapist then";
  try {
    const visit = await get(`/appointments/${blocker.appointment_id}`);
    await learnNames([visit.client_id]);
    const who = practitionerOf(visit.practitioner_id)?.name ?? "that time";
    const name = visit.status === "pending" ? "a booking being made" : nameOf(visit.client_id);
    return `${name} has ${who} from ${timeOf(visit.start)} to ${timeOf(visit.end)}`;
  } catch {
    return "that time is taken";
  }
}

async function lastActor(id) {
  try {
    const { items } = await get(`/appointments/${id}/history`);
    return items.at(-1).actor_name;
  } catch {
    return "Somebody";
  }
}
