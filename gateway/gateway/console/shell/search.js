// Clients, found as somebody types: a combobox (ARIA Authoring Practices, "list autocomplete").
import { get } from "../core/api.js";
import { learn } from "../core/clinic.js";
import { html, useEffect, useId, useRef, useState } from "../core/html.js";
import { useKeys } from "../core/keys.js";
import { go, route } from "../core/router.js";
import { say } from "../core/say.js";

export function Search() {
  const field = useRef(null);
  useKeys({ "/": { does: "Find a client", run: () => field.current.focus() } });
  const open = (client) => go("client", { location: route.value.query.location, client: client.id });
  return html`<${ClientPicker} label="Find a client" isHidden=${true} fieldRef=${field}
    placeholder="Find a client" onPick=${open} isCleared=${true} />`;
}

// `onPick(client)`; `isCleared`: the field is empty again after it.
export function ClientPicker({ label, isHidden, fieldRef, placeholder, onPick, isCleared, error, value = "", ...rest }) {
  const id = useId();
  const own = useRef(null);
  const field = fieldRef || own;
  const [text, setText] = useState(value);
  const [found, setFound] = useState(null);
  const [at, setAt] = useState(0);
  const asked = useRef(null);
  const isAwaited = useRef(false);
  const picked = useRef(value);
  const callOff = () => {
    asked.current?.abort();
    asked.current = null;
    isAwaited.current = false;
  };
  useEffect(() => callOff, []);

  const type = async (event) => {
    const q = event.target.value;
    setText(q);
    callOff();
    if (!q.trim()) return setFound(null);
    const mine = new AbortController();
    asked.current = mine;
    try {
      const { items, next } = await get("/clients", { q: q.trim(), limit: 8 }, { signal: mine.signal });
      if (asked.current !== mine) return undefined;
      const isPicked = isAwaited.current && items.length;
      callOff();
      learn(items);
      if (isPicked) return pick(items[0]);
      setFound(items);
      setAt(0);
      say(items.length ? `${items.length}${next ? " or more" : ""} found` : "Nobody found");
    } catch (problem) {
      if (asked.current !== mine) return undefined;
      callOff();
      setFound({ problem });
    }
    return undefined;
  };
  const pick = (client) => {
    callOff();
    setFound(null);
    picked.current = isCleared ? "" : client.name;
    setText(picked.current);
    onPick(client);
  };
  const press = (event) => {
    const count = Array.isArray(found) ? found.length : 0;
    if (event.key === "Escape" && found) {
      event.preventDefault();
      event.stopPropagation();
      callOff();
      setFound(null);
    } else if (event.key === "Enter" && asked.current) {
      // What is shown was found by fewer letters: the first of what they all find is meant.
      event.preventDefault();
      isAwaited.current = true;
      return;
    }
    if (!count) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setAt((now) => (now + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      pick(found[at]);
    }
  };
  const leave = () => {
    if (!isAwaited.current) callOff();
    // What was typed over a client picked before picked nobody: the field says who still is.
    if (picked.current) setText(picked.current);
    setTimeout(() => setFound(null), 150);
  };
  const isOpen = found !== null;
  return html`<div class="picker">
    <label for=${id} class=${isHidden ? "unseen" : ""}>${label}</label>
    <input id=${id} ref=${field} type="search" role="combobox" autocomplete="off" spellcheck=${false}
      placeholder=${placeholder} value=${text} aria-expanded=${isOpen} aria-controls=${`${id}l`}
      aria-autocomplete="list" aria-activedescendant=${isOpen && found.length ? `${id}o${at}` : undefined}
      aria-invalid=${error ? "true" : undefined}
      onInput=${type} onKeyDown=${press} onBlur=${leave} ...${rest} />
    ${isOpen && html`<ul id=${`${id}l`} role="listbox" aria-label=${label}>
      ${found.problem && html`<li role="option" aria-disabled="true" aria-selected="false">${found.problem.message}</li>`}
      ${found.length === 0 && html`<li role="option" aria-disabled="true" aria-selected="false">Nobody is called so.</li>`}
      ${Array.isArray(found) && found.map((client, n) => html`<li key=${client.id} id=${`${id}o${n}`} role="option"
        aria-selected=${n === at} onMouseDown=${(e) => { e.preventDefault(); pick(client); }}>
        <b dir="auto">${client.name}</b><span class="soft">${[client.birth_date, client.phones[0]].filter(Boolean).join(" · ")}</span></li>`)}
    </ul>`}
    ${error && html`<p class="wrong">${error}</p>`}
  </div>`;
}
