// A draft of a record: what was changed is sent, and nothing else; what others changed meanwhile
// is taken over, or told where both changed the same. It lasts until it is saved or thrown away.
import { get, patch, post } from "../core/api.js";
import { html, useEffect, useState } from "../core/html.js";
import { useEvents } from "../core/live.js";
import { useOnce } from "../core/once.js";
import { say } from "../core/say.js";

// By the record's address: somebody who looks elsewhere finds what they had typed.
const kept = new Map();
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
export const hasDraft = (path, record) => {
  const draft = kept.get(path)?.draft;
  return Boolean(draft) && Object.keys(draft).some((name) => !same(draft[name], record[name]));
};

// `path` is "/locations"; `record` one as it stands, or what a new one begins as (without an id).
export function useDraft({ path, record, onSaved }) {
  const address = record.id ? `${path}/${record.id}` : path;
  const [state, setState] = useState(() => kept.get(address) ?? begin(record));
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const keyFor = useOnce();
  const put = (next) => {
    kept.set(address, next);
    setState(next);
  };
  const set = (part) => setState((old) => {
    const next = { ...old, draft: { ...old.draft, ...part } };
    kept.set(address, next);
    return next;
  });
  const changes = Object.fromEntries(Object.entries(state.draft).filter(([name, value]) => !same(value, state.base[name])));
  const isChanged = Object.keys(changes).length > 0;
  const meet = (current) => setState((old) => {
    const next = merged(old, current);
    kept.set(address, next);
    return next;
  });

  useEffect(() => {
    if (record.version > (state.base.version ?? 0)) meet(record);
  }, [record]);
  useEvents((event) => {
    const isNewer = event === null || (event.subject === record.id && Number(event.sequence) > state.base.version);
    if (record.id && isNewer) get(address).then((current) => current.version > state.base.version && meet(current), () => {});
  });

  const save = async (event) => {
    event?.preventDefault();
    if (isBusy || (record.id && !isChanged)) return record.id && say("Nothing is changed.");
    setBusy(true);
    try {
      const saved = record.id
        ? await patch(address, state.base.version, changes)
        : await post(path, state.draft, { key: keyFor(state.draft) });
      kept.delete(address);
      setState(begin(saved));
      setProblem(null);
      say(`${saved.name} is saved.`);
      onSaved(saved);
    } catch (refused) {
      if (refused.body?.current) meet(refused.body.current);
      setProblem(refused.body?.current ? null : refused);
      requestAnimationFrame(showWhatIsWrong);
    } finally {
      setBusy(false);
    }
    return undefined;
  };
  const reset = () => {
    put(begin(state.base));
    kept.delete(address);
    setProblem(null);
  };
  const takeTheirs = (name) => put({ ...state, draft: { ...state.draft, [name]: state.base[name] }, both: state.both.filter((each) => each !== name) });
  return { ...state, set, save, reset, takeTheirs, problem, isBusy, isChanged };
}

function showWhatIsWrong() {
  const field = document.querySelector(".editor [aria-invalid='true']");
  (field ?? document.querySelector(".editor .meanwhile, .editor .refused"))?.focus();
}

const begin = (record) => ({ base: record, draft: record, theirs: [], both: [] });

// `theirs` are the fields taken over from another's change, `both` those that both have changed.
function merged({ base, draft }, current) {
  const names = Object.keys(current).filter((name) => name !== "version" && !same(current[name], base[name]));
  const mine = names.filter((name) => !same(draft[name], base[name]) && !same(draft[name], current[name]));
  const kept = Object.fromEntries(Object.keys(draft).filter((name) => !same(draft[name], base[name])).map((name) => [name, draft[name]]));
  const isTouched = Object.keys(kept).length > 0;
  return { base: current, draft: { ...current, ...kept }, theirs: isTouched ? names.filter((name) => !mine.includes(name)) : [], both: mine };
}

// What another changed meanwhile, said over the form.
export function Meanwhile({ draft, labels, tell }) {
  const { theirs, both, base } = draft;
  if (!theirs.length && !both.length) return null;
  const name = (each) => labels[each] ?? each.replaceAll("_", " ");
  return html`<div class="notice warn meanwhile" role="alert" tabindex="-1"><p><b>Somebody else saved this meanwhile.</b> What you have typed is kept.</p>
    ${theirs.length > 0 && html`<p>Taken over: ${theirs.map((each) => `${name(each)} (now ${tell(each, base[each])})`).join("; ")}.</p>`}
    ${both.map((each) => html`<p key=${each}>You both changed <b>${name(each)}</b>. Theirs: ${tell(each, base[each])}.
      <button type="button" onClick=${() => draft.takeTheirs(each)}>Take theirs</button></p>`)}
    ${both.length > 0 && html`<p>Saving puts yours in its place.</p>`}</div>`;
}
