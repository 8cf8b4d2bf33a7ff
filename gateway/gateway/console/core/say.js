// What the console says aloud and in its bar: one status line, and alerts for what failed.
import { Store } from "./store.js";

export const status = new Store("");
// {text, requestId} or null
export const alert = new Store(null);
// {text, undo, until} or null: what can be taken back for some seconds
export const undoable = new Store(null);

export function say(text) {
  // The same words twice are news too: a reader speaks of what changed only.
  status.set(text === status.value ? `${text}\u00a0` : text);
}

export function fail(problem, what) {
  alert.set({ text: what ? `${what}: ${problem.message}` : problem.message, requestId: problem.requestId });
}

export function offerUndo(text, undo, ms = 10_000) {
  const offer = { text, undo, until: Date.now() + ms };
  undoable.set(offer);
  say(`${text} Undo within ${ms / 1000} seconds.`);
  setTimeout(() => undoable.value === offer && undoable.set(null), ms);
}
