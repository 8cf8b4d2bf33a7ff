// One key for one wish: what is sent twice, by a double click or after a lost answer, is done once.
import { useRef } from "preact/hooks";
import { newKey } from "./api.js";

// Returns `keyFor(body)`: the same key while the body is the same, another for another wish.
export function useOnce() {
  const last = useRef({ text: null, key: null });
  return (body) => {
    const text = JSON.stringify(body);
    if (text !== last.current.text) last.current = { text, key: newKey() };
    return last.current.key;
  };
}
