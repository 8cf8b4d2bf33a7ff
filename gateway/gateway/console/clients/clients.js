// Clients: found as one types, by name, phone, e-mail or whole health number; a page at a time.
import { get } from "../core/api.js";
import { learn, may } from "../core/clinic.js";
import { html, useEffect, useRef, useState } from "../core/html.js";
import { useKeys } from "../core/keys.js";
import { useEvents } from "../core/live.js";
import { change, go, Link, route } from "../core/router.js";
import { fail, say } from "../core/say.js";
import { useStore } from "../core/store.js";
import { Action, Empty, Failure, Field, Loading, useAsked } from "../core/ui.js";
import { NewClient } from "./new-client.js";
import { Table } from "./part.js";

const PAGE = 50;

export function Clients() {
  const { query } = useStore(route);
  const [text, setText] = useState(query.q ?? "");
  const [isNew, setNew] = useState(false);
  const written = useRef(query.q ?? null);
  useEffect(() => {
    // Somebody went back or forth: what was typed here stands in the field already, or is ahead.
    if ((query.q ?? null) !== written.current) setText(query.q ?? "");
    written.current = query.q ?? null;
  }, [query.q]);
  const canBook = may("book");
  const open = () => setNew(true);
  useKeys(canBook ? { c: { does: "New client", run: open } } : {});
  const type = (event) => {
    const typed = event.target.value;
    setText(typed);
    written.current = isHealthNumber(typed) ? null : typed.trim() || null;
    change({ q: written.current }, { replace: true });
  };
  return html`<div class="screen"><div class="bar"><h1>Clients</h1>
      ${canBook && html`<button type="button" class="main push" onClick=${open}>New client</button>`}</div>
    <form role="search" onSubmit=${(event) => event.preventDefault()}><${Field} label="Search clients" className="find"
      hint="Name, phone, e-mail or whole health number">${(p) => html`<input type="search" dir="auto" autocomplete="off" spellcheck=${false}
        value=${text} onInput=${type} maxlength="100" ...${p} />`}<//></form>
    <${List} q=${text.trim()} onNew=${canBook ? open : null} />
    ${isNew && html`<${NewClient} name=${/[\d@]/.test(text) ? "" : text.trim()} onClose=${() => setNew(false)}
      onMade=${({ id }) => go("client", { location: query.location, client: id })} />`}</div>`;
}

// A health number is not for addresses, which browsers keep.
const isHealthNumber = (text) => /^9\d{9}$/.test(text.replace(/[\s-]/g, ""));

function List({ q, onNew }) {
  const { data, problem, isLoading, reload } = useAsked(
    async (signal) => {
      const page = await get("/clients", { q, limit: PAGE }, { signal });
      learn(page.items);
      if (q) say(page.items.length ? `${page.items.length}${page.next ? " or more" : ""} found` : "Nobody found");
      return { ...page, q };
    },
    [q],
  );
  // While the next letter's answer is awaited, the last one stays: a list that blinks is not read.
  const last = useRef(null);
  if (data) last.current = data;
  useEvents((event) => (!event || event.type.startsWith("client_profile.client_changed.")) && reload());
  if (problem && !data) return html`<${Failure} problem=${problem} onRetry=${() => reload({ quietly: false })} />`;
  const shown = data ?? last.current;
  if (!shown) return html`<${Loading} />`;
  if (!shown.items.length && !isLoading) return html`<${Nobody} q=${q} onNew=${onNew} />`;
  return html`<${Pages} key=${shown.q} first=${shown} isOld=${isLoading} />`;
}

function Nobody({ q, onNew }) {
  const action = onNew ? { action: q ? "Register a new client" : "Register the first client", onAction: onNew } : {};
  return html`<${Empty} ...${action}>${q ? html`Nobody is found by “<span dir="auto">${q}</span>”.` : "There are no clients yet."}<//>`;
}

function Pages({ first, isOld }) {
  const { query } = useStore(route);
  const [others, setOthers] = useState([]);
  const pages = [first, ...others];
  const more = async () => {
    try {
      const page = await get("/clients", { q: first.q, limit: PAGE, cursor: pages.at(-1).next });
      learn(page.items);
      setOthers((all) => [...all, page]);
      say(`${page.items.length} more`);
    } catch (problem) {
      fail(problem, "Not loaded");
    }
  };
  // News may move somebody onto the first page who stands on a later one too.
  const clients = [...new Map(pages.flatMap((page) => page.items).map((each) => [each.id, each])).values()];
  return html`<div class="box clients" aria-busy=${isOld}><${Table} label="Clients" heads=${["Name", "Birth date", "Phone", "E-mail"]}>
    ${clients.map((client) => html`<tr key=${client.id}>
      <th scope="row"><${Link} to="client" query=${{ location: query.location, client: client.id }}><span dir="auto">${client.name}</span><//></th>
      <td class="day">${client.birth_date ?? ""}</td><td>${client.phones[0] ?? ""}</td><td class="mail">${client.emails[0] ?? ""}</td></tr>`)}<//>
    ${pages.at(-1).next && html`<div class="buttons"><${Action} onClick=${more}>Show more<//></div>`}</div>`;
}
