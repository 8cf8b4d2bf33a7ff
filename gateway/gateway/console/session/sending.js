// A form that is sent once at a time, and what it was refused for.
import { useState } from "../core/html.js";

// `run()` sends it; `send` is the form's own submit.
export function useSending(run) {
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    try {
      await run();
    } catch (refused) {
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  };
  return { problem, isBusy, send };
}
