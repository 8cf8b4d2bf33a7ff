// Keys of the console: one letter does one thing; never while somebody types; can be turned off.
import { useLayoutEffect, useRef } from "preact/hooks";
import { Store } from "./store.js";

const KEPT = "clinic.keys";
export const keysAreOn = new Store(localStorage.getItem(KEPT) !== "off");
// What works on the screens that are open, for the help: [{keys, does}]
export const bindings = new Store([]);

export function switchKeys(isOn) {
  localStorage.setItem(KEPT, isOn ? "on" : "off");
  keysAreOn.set(isOn);
}

export const isTyping = (target) =>
  target.closest?.("input, textarea, select, [contenteditable], dialog[open] form") !== null;

// `map` is {key: {does, run(event)}}; a key such as "ArrowLeft" or "t". Left out with Ctrl, Alt, Meta.
export function useKeys(map, isActive = true) {
  const current = useRef(map);
  current.current = map;
  const names = Object.keys(map).join(" ");
  // Before the next key can come: who types fast must not be ahead of what is drawn.
  useLayoutEffect(() => {
    if (!isActive) return undefined;
    const mine = Object.entries(current.current).map(([keys, { does }]) => ({ keys, does }));
    bindings.update((all) => [...all, ...mine]);
    const press = (event) => {
      if (!keysAreOn.value || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.defaultPrevented || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]")) return; // keys are of what lies under it
      const binding = current.current[event.key];
      if (!binding) return;
      event.preventDefault();
      binding.run(event);
    };
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
      bindings.update((all) => all.filter((each) => !mine.includes(each)));
    };
  }, [names, isActive]);
}
