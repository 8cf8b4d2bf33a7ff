// One event stream, read for as long as somebody listens. It imports nothing: a worker has no
// import map. Read by fetch, since EventSource shows neither the status of a refusal nor the
// heartbeats, and gives up for good on a 503.

const LONGEST_MS = 15_000;
// Three heartbeats of the gateway, which come every 15 s.
const SILENCE_MS = 45_000;
const OFFLINE_AFTER = 3;

export class LiveSource {
  // `tell` gets {kind: "event", event}, {kind: "resync"}, {kind: "refused"} (the session has ended)
  // and {kind: "state", state: "live" | "reconnecting" | "offline", since}.
  constructor(tell) {
    this.tell = tell;
    this.cursor = null;
    this.failures = 0;
    this.run = null;
    this.hasMissed = false;
    this.state = { kind: "state", state: "reconnecting", since: Date.now() };
  }

  start() {
    if (this.run) return;
    this.run = new AbortController();
    this.keepOpen(this.run.signal);
  }

  stop() {
    this.run?.abort();
    this.run = this.cursor = null;
    this.failures = 0;
    this.become("reconnecting");
  }

  // The network is back: what is open may be dead without knowing it.
  again() {
    this.failures = 0;
    this.become("reconnecting", true);
    this.current?.abort();
    this.wake?.();
  }

  async keepOpen(signal) {
    while (!signal.aborted) {
      let isReached = true;
      try {
        await this.read(signal);
      } catch {
        isReached = false; // whatever ended it, it is opened anew
      }
      if (signal.aborted) return;
      this.hasMissed = true;
      this.failures += 1;
      // Who is answered, if only by a refusal, can still work.
      this.become(!isReached && this.failures > OFFLINE_AFTER ? "offline" : "reconnecting");
      const wait = Math.min(250 * 2 ** this.failures, LONGEST_MS) * (0.75 + Math.random() / 2);
      await new Promise((done) => {
        this.wake = done;
        setTimeout(done, wait);
      });
    }
  }

  async read(signal) {
    const one = new AbortController();
    this.current = one;
    const end = () => one.abort();
    signal.addEventListener("abort", end);
    let silence = setTimeout(end, SILENCE_MS);
    try {
      const headers = this.cursor ? { "Last-Event-ID": this.cursor } : {};
      const options = { headers, signal: one.signal, cache: "no-store", credentials: "same-origin" };
      const response = await fetch("/v1/events/stream", options);
      if (response.status === 401) this.tell({ kind: "refused" });
      if (response.status === 422) this.cursor = null; // no cursor of this system's any more
      if (!response.ok) return;
      this.opened();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(end, SILENCE_MS);
        const blocks = (text + value).replaceAll("\r\n", "\n").split("\n\n");
        text = blocks.pop();
        blocks.forEach((block) => this.heard(block));
      }
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", end);
      one.abort();
    }
  }

  opened() {
    this.failures = 0;
    // Without a cursor nobody can say what passed meanwhile.
    if (this.hasMissed && !this.cursor) this.tell({ kind: "resync" });
    this.hasMissed = false;
    this.become("live");
  }

  // A block of lines as the HTML standard has it (Server-sent events, "interpreting a stream").
  heard(block) {
    const fields = {};
    for (const line of block.split("\n")) {
      const [, name, value] = /^([a-z]+): ?(.*)$/.exec(line) || [];
      if (name === "data" && "data" in fields) fields.data += `\n${value}`;
      else if (name) fields[name] = value;
    }
    if (fields.id) this.cursor = fields.id;
    if (fields.event === "resync") this.tell({ kind: "resync" });
    else if (fields.data) this.tell({ kind: "event", event: JSON.parse(fields.data) });
  }

  become(state, isTold = false) {
    if (state === this.state.state && !isTold) return;
    this.state = { kind: "state", state, since: Date.now() };
    this.tell(this.state);
  }
}
