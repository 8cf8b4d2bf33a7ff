// The API as screens call it. Every refusal is a Problem; a lost answer is asked for again.

const TIMEOUT_MS = 15_000;
const LOST = new Set([0, 502, 503, 504]);
const IN_FLIGHT = "request_in_flight"; // the first try is not answered yet
const TRIES = 3;

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || "The request was not accepted.");
    this.status = status;
    this.code = body.code || "unknown";
    this.errors = body.errors || {};
    this.requestId = body.request_id || null;
    this.body = body;
  }

  // The same refusal in words that say more.
  because(text) {
    return new Problem(this.status, { ...this.body, detail: text });
  }
}

// Random, and there on plain-http hosts too, where crypto.randomUUID is not.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const get = (path, query, options) => call("GET", path, { query, ...options });
export const post = (path, body = {}, options) => call("POST", path, { body, ...options });
export const patch = (path, version, body) => call("PATCH", path, { body, version });
export const remove = (path, options) => call("DELETE", path, options);

// Every page of a list. `most` bounds it: a screen that could need more has to page itself.
export async function all(path, query = {}, most = 2000) {
  const items = [];
  let cursor = null;
  do {
    const page = await get(path, { limit: 200, ...query, ...(cursor ? { cursor } : {}) });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor && items.length < most);
  return items;
}

// Answers the JSON. `key` makes a POST safe to send again, so an answer that was lost is asked
// for again under it, and what it made is made once. A read is safe by itself.
export async function call(method, path, { query, body, key, version, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (version) headers["If-Match"] = `"${version}"`;
  const request = {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
    cache: "no-store",
  };
  const address = `/v1${path}${questionOf(query)}`;
  const safe = method === "GET" || key;
  for (let tried = 1; ; tried += 1) {
    try {
      return await once(address, request, signal);
    } catch (problem) {
      const isLost = LOST.has(problem.status) || problem.code === IN_FLIGHT;
      const again = safe && isLost && tried < TRIES && !signal?.aborted;
      if (!again) throw told(problem);
      await after(250 * 3 ** (tried - 1));
    }
  }
}

export const signedOut = new EventTarget();

function told(problem) {
  if (problem.status === 401) signedOut.dispatchEvent(new Event("signedout"));
  return problem;
}

async function once(address, request, signal) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), TIMEOUT_MS);
  const stop = () => patience.abort();
  signal?.addEventListener("abort", stop);
  try {
    const response = await fetch(address, { ...request, signal: patience.signal });
    const text = await response.text();
    if (response.ok) return text ? JSON.parse(text) : null;
    throw new Problem(response.status, parsed(text, response.status));
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (signal?.aborted) throw new Problem(0, { code: "aborted", detail: "Called off." });
    throw new Problem(0, { code: "offline", detail: "ClinicOps cannot be reached from here." });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

function parsed(text, status) {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: `The answer could not be read (${status}).` };
  }
}

function questionOf(query) {
  const given = Object.entries(query || {}).filter(([, v]) => v !== undefined && v !== null && v !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

const after = (ms) => new Promise((done) => setTimeout(done, ms));
