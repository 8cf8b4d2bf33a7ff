// Forms of the client's screens: what is typed, what the API says of each field, sent once.
import { patch } from "../core/api.js";
import { html, useEffect, useRef, useState } from "../core/html.js";
import { useOnce } from "../core/once.js";
import { Dialog, errorOf, Field } from "../core/ui.js";

// {draft, set, problem, isBusy, submit}; `send(draft, keyFor)` makes the call, and its promise is
// done when the form is.
export function useForm(start, send) {
  const [draft, setDraft] = useState(start);
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const keyFor = useOnce();
  const isSending = useRef(false);
  const here = useRef(true);
  useEffect(() => () => (here.current = false), []);
  const submit = async (event) => {
    event.preventDefault();
    if (isSending.current) return;
    isSending.current = true;
    setBusy(true);
    try {
      await send(draft, keyFor);
      if (here.current) setProblem(null);
    } catch (refused) {
      if (here.current) setProblem(withField(refused));
    } finally {
      isSending.current = false;
      if (here.current) setBusy(false);
    }
  };
  const set = (part) => setDraft((old) => ({ ...old, ...part }));
  return { draft, set, problem, isBusy, submit };
}

// A refusal about one field, such as a health number that another has, is told beside it.
function withField(problem) {
  const { field } = problem.body ?? {};
  if (field && !problem.errors?.[field]) problem.errors = { ...problem.errors, [field]: [problem.message] };
  return problem;
}

// Changing a record that others may change meanwhile. Only what differs is sent, with the version
// that was seen; on a 412 what was not typed over is taken from the newer one and the draft is kept.
export function useEdit({ record, path, draftOf, bodyOf, onSaved }) {
  const base = useRef(record);
  const [theirs, setTheirs] = useState(null);
  const form = useForm(draftOf(record), async (draft) => {
    const body = differing(bodyOf(draft), bodyOf(draftOf(base.current)));
    if (!Object.keys(body).length) return onSaved(base.current);
    try {
      return onSaved(await patch(path, base.current.version, body));
    } catch (refused) {
      if (refused.status !== 412 || !refused.body.current) throw refused;
      const newer = refused.body.current;
      const [before, after] = [draftOf(base.current), draftOf(newer)];
      const changed = Object.keys(differing(after, before)).filter((name) => !isMasked(before[name], after[name]));
      const isMine = (name) => !same(draft[name], before[name]);
      setTheirs(changed.map((name) => ({ name, before: before[name], after: after[name], isMine: isMine(name) })));
      form.set(Object.fromEntries(changed.filter((name) => !isMine(name)).map((name) => [name, after[name]])));
      base.current = { ...base.current, ...Object.fromEntries(changed.map((name) => [name, newer[name]])), version: newer.version };
      return undefined;
    }
  });
  return { ...form, theirs };
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const differing = (mine, others) =>
  Object.fromEntries(Object.entries(mine).filter(([name, value]) => !same(value, others[name])));
// A 412 shows a health number by its last digits alone.
const isMasked = (before, after) => typeof after === "string" && after.includes("•") && after.slice(-4) === before.slice(-4);

// What changed while somebody typed, and what becomes of both.
export function Theirs({ changes, labels }) {
  if (!changes) return null;
  const shown = (value) => (Array.isArray(value) ? value.filter(Boolean).join(", ") : String(value)) || "nothing";
  return html`<div class="theirs" role="alert"><p><b>Somebody changed this meanwhile.</b> What you typed is kept: save again to go on.</p>
    <ul>${changes.map(({ name, before, after, isMine }) => html`<li key=${name}>${labels[name]}: <span dir="auto">${shown(before)}</span>${" → "}<b dir="auto">${shown(after)}</b> ${isMine ? "(yours stands below and would replace it)" : "(taken over)"}</li>`)}</ul></div>`;
}

export function Form({ form, submit = "Save", onCancel, children }) {
  const place = useRef(null);
  useEffect(() => {
    if (form.problem) place.current.querySelector('[aria-invalid="true"]')?.focus();
  }, [form.problem]);
  const hasFields = Object.keys(form.problem?.errors ?? {}).length > 0;
  return html`<form ref=${place} class="filled" noValidate onSubmit=${form.submit}>${children}
    <div role="alert">${form.problem && html`<p class="wrong">${hasFields ? "Look at the marked fields." : form.problem.message}
      ${!hasFields && form.problem.requestId && html` <span class="soft">Request <code>${form.problem.requestId}</code></span>`}</p>`}</div>
    <div class="buttons"><button class="main" aria-busy=${form.isBusy} aria-disabled=${form.isBusy}>${submit}</button>
      <button type="button" onClick=${onCancel}>Cancel</button></div>
  </form>`;
}

export function FormDialog({ title, onClose, children, ...rest }) {
  return html`<${Dialog} title=${title} onClose=${onClose}><${Form} onCancel=${onClose} ...${rest}>${children}<//><//>`;
}

// One line of text, a date or a number; `name` is the draft's and the API's.
export function Input({ form, name, label, hint, ...rest }) {
  const type = (event) => form.set({ [name]: event.target.value });
  return html`<${Field} label=${label} hint=${hint} error=${errorOf(form.problem, name)}>${(p) =>
    html`<input dir=${rest.type ? undefined : "auto"} autocomplete="off" name=${name} value=${form.draft[name]} onInput=${type} ...${rest} ...${p} />`}<//>`;
}

export function Area({ form, name, label, hint, ...rest }) {
  const type = (event) => form.set({ [name]: event.target.value });
  return html`<${Field} label=${label} hint=${hint} error=${errorOf(form.problem, name)}>${(p) =>
    html`<textarea dir="auto" name=${name} value=${form.draft[name]} onInput=${type} ...${rest} ...${p}></textarea>`}<//>`;
}

// `options` is {value: words}.
export function Choice({ form, name, label, options, ...rest }) {
  const select = (event) => form.set({ [name]: event.target.value });
  return html`<${Field} label=${label} error=${errorOf(form.problem, name)}>${(p) =>
    html`<select name=${name} value=${form.draft[name]} onChange=${select} ...${rest} ...${p}>
      ${Object.entries(options).map(([value, words]) => html`<option key=${value} value=${value}>${words}</option>`)}</select>`}<//>`;
}

export function Check({ form, name, children }) {
  const tick = (event) => form.set({ [name]: event.target.checked });
  return html`<label class="check"><input type="checkbox" name=${name} checked=${form.draft[name]} onChange=${tick} /> ${children}</label>`;
}
