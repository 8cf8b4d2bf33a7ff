// Leaving: the stream of every tab ends, and nothing of the clinic stays in memory.
import { forget } from "../core/clinic.js";
import { stopLive } from "../core/live.js";
import { noteSession } from "../session/noted.js";

export function leave() {
  noteSession(false);
  stopLive();
  forget();
  location.assign("/console");
}
