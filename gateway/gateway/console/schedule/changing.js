// What becomes of a visit: arrived, completed, cancelled; never over what somebody else changed.
import { post } from "../core/api.js";
import { nameOf } from "../core/clinic.js";
import { fail, say } from "../core/say.js";

// A change of status, told to the API with the version that was seen.
export async function change(visit, name, done, board, body = {}) {
  try {
    const changed = await post(`/appointments/${visit.id}/${name}`, body, { version: visit.version });
    board.note(changed);
    say(`${nameOf(visit.client_id)} ${done}.`);
    return changed;
  } catch (problem) {
    if (problem.body?.current) board.note(problem.body.current);
    else if (problem.code === "illegal_transition") board.reload();
    fail(problem, `${nameOf(visit.client_id)}: not done`);
    return null;
  }
}
