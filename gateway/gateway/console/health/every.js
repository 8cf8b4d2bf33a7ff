// Looks again every so often, while somebody can see it, and at once when they come back.
import { useEffect, useRef } from "../core/html.js";

export function useEvery(ms, look) {
  const current = useRef(look);
  current.current = look;
  useEffect(() => {
    const tick = () => document.visibilityState === "visible" && current.current();
    const timer = setInterval(tick, ms);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [ms]);
}
