// How many seconds are left of a wait that the API asked for.
import { useEffect, useState } from "../core/html.js";

export function useWait(problem) {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (problem?.status !== 429) return void setLeft(0);
    const until = Date.now() + problem.body.retry_after * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}

export const seconds = (count) => (count < 120 ? `${count} s` : `${Math.ceil(count / 60)} minutes`);
