// Who is signed in and what the chain consists of: read once, kept while the console is open.
import { all, call, get } from "./api.js";
import { Store } from "./store.js";

// {id, name, roles: [{role, location_ids}], actions}; null while nobody is known to be signed in.
export const me = new Store(null);
// Arrays of the API's records, by name.
export const chain = new Store({ locations: [], practitioners: [], treatments: [] });
// Clients' names by id.
export const clientNames = new Store(new Map());

export async function loadMe() {
  me.set(await get("/me"));
}

export async function loadChain() {
  const lists = ["locations", "practitioners", "treatments"];
  const found = await Promise.all(lists.map((name) => all(`/${name}`)));
  chain.set(Object.fromEntries(lists.map((name, at) => [name, found[at].sort(byName)])));
}

const byName = (one, other) => one.name.localeCompare(other.name);

export function forget() {
  me.set(null);
  chain.set({ locations: [], practitioners: [], treatments: [] });
  clientNames.set(new Map());
}

// Whether the one who is signed in may do something, here or, without a location, anywhere.
export function may(action, locationId = null) {
  const who = me.value;
  if (!who) return false;
  return who.roles.some((each) => {
    const holds = !locationId || !each.location_ids || each.location_ids.includes(locationId);
    return holds && (each.actions || who.actions).includes(action);
  });
}

export const named = (list, id) => list.find((each) => each.id === id);
export const locationOf = (id) => named(chain.value.locations, id);
export const practitionerOf = (id) => named(chain.value.practitioners, id);
export const treatmentOf = (id) => named(chain.value.treatments, id);

// Names of clients: what is not known yet is asked for at once, not one by one.
export async function learnNames(ids) {
  const unknown = [...new Set(ids)].filter((id) => id && !clientNames.value.has(id));
  for (let at = 0; at < unknown.length; at += 500) {
    const { items } = await call("POST", "/clients/names", { body: { ids: unknown.slice(at, at + 500) } });
    learn(items);
  }
}

export const learn = (clients) =>
  clientNames.update((names) => new Map([...names, ...clients.map(({ id, name }) => [id, name])]));

export const nameOf = (id) => clientNames.value.get(id) || "…";
