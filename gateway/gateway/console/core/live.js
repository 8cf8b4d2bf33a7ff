// What happens elsewhere, as it happens: events of the clinic, and whether they come.
import { useEffect, useRef } from "preact/hooks";
import { signedOut } from "./api.js";
import { LiveSource } from "./live-source.js";
import { Store } from "./store.js";

// {state: "live" | "reconnecting" | "offline", since: ms}
export const live = new Store({ state: "reconnecting", since: Date.now() });
const listeners = new Set();
let link = null;

// `hear(event)` for each event; `hear(null)` when some may have been missed: look again.
export function useEvents(hear) {
  const current = useRef(hear);
  current.current = hear;
  useEffect(() => {
    const listener = (event) => current.current(event);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
}

// What the browser knows of the network, it knows before a stream is missed.
addEventListener("offline", () => live.set({ state: "offline", since: Date.now() }));

export function startLive() {
  if (!link) link = "SharedWorker" in globalThis ? throughWorker() : inThisPage();
  link("start");
}

// Ends the stream of every tab: its session has ended.
export function stopLive() {
  link?.("stop");
}

function take(message) {
  if (message.kind === "state") live.set({ state: message.state, since: message.since });
  else if (message.kind === "refused") signedOut.dispatchEvent(new Event("signedout"));
  else for (const listener of [...listeners]) listener(message.event ?? null);
}

function throughWorker() {
  const address = new URL("./live-worker.js", import.meta.url);
  const { port } = new SharedWorker(address, { type: "module", name: "clinic-live" });
  port.onmessage = ({ data }) => take(data);
  addEventListener("online", () => port.postMessage("again"));
  addEventListener("pagehide", () => port.postMessage("leave"));
  addEventListener("pageshow", (event) => event.persisted && port.postMessage("start"));
  return (word) => port.postMessage(word);
}

function inThisPage() {
  const source = new LiveSource(take);
  addEventListener("online", () => source.again());
  return (word) => (word === "start" ? source.start() : source.stop());
}
