// The parts every screen is made of: fields, dialogs, and what stands where nothing is yet.
import { html, useEffect, useId, useLayoutEffect, useRef, useState } from "./html.js";

// A labelled field; `error` is what the API said of it.
export function Field({ label, error, hint, children, className = "" }) {
  const id = useId();
  const notes = `${id}n`;
  const control = children({ id, "aria-describedby": error || hint ? notes : undefined, "aria-invalid": error ? "true" : undefined });
  return html`<div class=${`field ${className}`}>
    <label for=${id}>${label}</label>${control}
    ${(error || hint) && html`<p id=${notes} class=${error ? "wrong" : "hint"}>${error || hint}</p>`}
  </div>`;
}

// One message per field out of a Problem's errors; nested ones are told by their first.
export const errorOf = (problem, name) => firstOf(problem?.errors?.[name]);

function firstOf(errors) {
  if (!errors) return null;
  if (typeof errors === "string") return errors;
  for (const inner of Object.values(errors)) {
    const found = firstOf(inner);
    if (found) return found;
  }
  return null;
}

// A dialog that takes the focus and gives it back; Escape closes it.
export function Dialog({ title, onClose, children, className = "" }) {
  const place = useRef(null);
  const id = useId();
  // At once, so that what is typed next is typed here.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const dialog = place.current;
    dialog.showModal();
    dialog.querySelector("[data-first]")?.focus();
    return () => {
      dialog.close(); // while it is open, nothing under it takes the focus
      if (before?.isConnected) before.focus();
    };
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${place} class=${className} aria-labelledby=${id} onCancel=${cancel}>
    <header class="bar"><h2 id=${id}>${title}</h2>
      <button type="button" class="quiet icon" aria-label="Close" onClick=${onClose}>✕</button></header>
    ${children}
  </dialog>`;
}

// What could not be shown, why, and what to do about it.
export function Failure({ problem, what = "This could not be loaded", onRetry }) {
  if (problem.status === 403) {
    const needed = problem.body?.roles?.join(" or ");
    return html`<div class="empty" role="alert"><h2>You may not see this</h2>
      <p>${problem.message}.${needed ? ` It takes the role ${needed}.` : ""} Ask an owner or a manager.</p></div>`;
  }
  return html`<div class="empty" role="alert"><h2>${what}</h2><p>${problem.message}</p>
    ${onRetry && html`<button type="button" onClick=${onRetry}>Try again</button>`}
    ${problem.requestId && html`<p class="soft">Request <code>${problem.requestId}</code></p>`}</div>`;
}

// A sentence and one action where there is nothing yet.
export function Empty({ children, action, onAction }) {
  return html`<div class="empty"><p>${children}</p>
    ${action && html`<button type="button" onClick=${onAction}>${action}</button>`}</div>`;
}

// Shows only after 150 ms, so that what comes at once does not flicker.
export function Loading({ lines = 6 }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 150);
    return () => clearTimeout(timer);
  }, []);
  if (!isSlow) return null;
  return html`<div class="skeleton" role="status" aria-label="Loading">
    ${Array.from({ length: lines }, () => html`<span></span>`)}</div>`;
}

// What was asked for: {data, problem, isLoading, reload(quietly)}. `ask(signal)` makes the promise;
// it is asked again when `about` changes, and what comes too late is dropped.
export function useAsked(ask, about) {
  const [state, setState] = useState({ data: null, problem: null, isLoading: true });
  const latest = useRef(null);
  const current = useRef(ask);
  current.current = ask;
  const reload = async ({ quietly = true } = {}) => {
    latest.current?.abort();
    const mine = new AbortController();
    latest.current = mine;
    if (!quietly) setState({ data: null, problem: null, isLoading: true });
    try {
      const data = await current.current(mine.signal);
      if (latest.current === mine) setState({ data, problem: null, isLoading: false });
    } catch (problem) {
      if (latest.current !== mine || mine.signal.aborted) return;
      // What was shown stays, read-only, with what failed beside it.
      setState((old) => ({ data: quietly ? old.data : null, problem, isLoading: false }));
    }
  };
  useEffect(() => {
    reload({ quietly: false });
    return () => latest.current?.abort();
  }, about);
  return { ...state, reload };
}

// A button that cannot be pressed twice while what it does is under way.
export function Action({ onClick, children, className = "", ...rest }) {
  const [isBusy, setBusy] = useState(false);
  const here = useRef(true);
  useEffect(() => () => (here.current = false), []);
  const press = async (event) => {
    if (isBusy) return;
    setBusy(true);
    try {
      await onClick(event);
    } finally {
      if (here.current) setBusy(false);
    }
  };
  return html`<button type="button" class=${className} aria-busy=${isBusy} aria-disabled=${isBusy}
    onClick=${press} ...${rest}>${children}</button>`;
}
