// Where somebody is: the address alone says it, so that it can be kept, sent and gone back to.
import { html } from "./html.js";
import { Store } from "./store.js";

const BASE = "/console";

export const route = new Store(read());

function read() {
  const screen = location.pathname.slice(BASE.length + 1) || "schedule";
  return { screen, query: Object.fromEntries(new URLSearchParams(location.search)) };
}

addEventListener("popstate", () => route.set(read()));

export function addressOf(screen, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value);
  return `${BASE}/${screen}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

// `replace` for what is not worth a step back, such as a selection.
export function go(screen, query = {}, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", addressOf(screen, query));
  route.set(read());
}

// Change some of the query; null takes a part out.
export function change(part, options) {
  const { screen, query } = route.value;
  go(screen, { ...query, ...part }, options);
}

export function Link({ to, query, children, ...rest }) {
  const follow = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(to, query);
  };
  return html`<a href=${addressOf(to, query)} onClick=${follow} ...${rest}>${children}</a>`;
}
