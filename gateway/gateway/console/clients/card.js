// One client: who it is, what to mind, and everything that belongs to them.
import { get } from "../core/api.js";
import { chain, learn, locationOf, may } from "../core/clinic.js";
import { html, useEffect } from "../core/html.js";
import { useKeys } from "../core/keys.js";
import { go, Link, route } from "../core/router.js";
import { useStore } from "../core/store.js";
import { todayAt } from "../core/time.js";
import { Empty, Failure, Loading, useAsked } from "../core/ui.js";
import { placeOf } from "../shell/places.js";
import { AccessLog } from "./access-log.js";
import { Alerts, Banner } from "./alerts.js";
import { Balance } from "./balance.js";
import { Consents } from "./consents.js";
import { Contact, Links } from "./contact.js";
import { Coverages } from "./coverages.js";
import { Messages } from "./messages.js";
import { useNews } from "./part.js";
import { Prepaid } from "./prepaid.js";
import { Referrals } from "./referrals.js";
import { Visits } from "./visits.js";
import { ageOn } from "./when.js";
import { CHANNELS } from "./words.js";

export function ClientCard() {
  const { query } = useStore(route);
  const { locations } = useStore(chain);
  const place = placeOf(query, locations);
  if (!query.client) return html`<${Nobody}>No client is chosen.<//>`;
  return html`<${Card} key=${query.client} id=${query.client} place=${place} zone=${locationOf(place)?.timezone} />`;
}

// Every part asks for what is its own at once; what two parts need is asked for here.
function Card({ id, place, zone }) {
  const canChart = may("chart");
  const client = useAsked((signal) => get(`/clients/${id}`, {}, { signal }), [id]);
  const today = useAsked(() => (zone ? todayAt(zone) : new Date().toISOString().slice(0, 10)), [zone]);
  const limits = useAsked((signal) => get(`/clients/${id}/booking-limits`, {}, { signal }), [id]);
  const alerts = useAsked(async (signal) => (canChart ? get(`/clients/${id}/alerts`, {}, { signal }) : { items: [] }), [id]);
  useNews(id, ["client_profile"], () => {
    client.reload();
    alerts.reload();
  });
  useNews(id, ["client_profile", "booking", "billing"], limits.reload);
  useEffect(() => client.data && learn([client.data]), [client.data]);
  const shared = { client: id, place, zone, today: today.data };
  if (!today.data || (client.isLoading && !client.data)) return html`<${Loading} lines=${9} />`;
  if (!client.data) return html`<${Missing} problem=${client.problem} onRetry=${() => client.reload({ quietly: false })} />`;
  return html`<div class="screen card"><${Head} client=${client.data} place=${place} today=${today.data} />
    ${canChart && html`<${Banner} asked=${alerts} today=${today.data} />`}
    ${client.problem && html`<${Failure} problem=${client.problem} what="This may be out of date" onRetry=${client.reload} />`}
    <div class="halves"><div>
      <${Visits} ...${shared} /><${Balance} ...${shared} /><${Prepaid} ...${shared} /><${Messages} ...${shared} />
      <${Consents} ...${shared} /><${AccessLog} ...${shared} /></div><div>
      <${Contact} client=${client.data} onSaved=${client.reload} />
      ${canChart && html`<${Alerts} ...${shared} asked=${alerts} />`}
      <${Coverages} ...${shared} limits=${limits} birthDate=${client.data.birth_date} />
      ${canChart && html`<${Referrals} ...${shared} limits=${limits} />`}</div></div></div>`;
}

function Head({ client, place, today }) {
  const book = { location: place, client: client.id };
  const canBook = may("book", place);
  useKeys(canBook ? { n: { does: "Book a visit", run: () => go("schedule", book) } } : {});
  const born = client.birth_date;
  return html`<div class="bar person"><div><h1 dir="auto">${client.name}</h1>
      <p class="reach"><span class="soft">${born ? `Born ${born}, ${ageOn(today, born)} years` : "Birth date not known"}</span>
        <${Links} values=${client.phones.slice(0, 1)} scheme="tel:" /><${Links} values=${client.emails.slice(0, 1)} scheme="mailto:" />
        <span class="soft">Prefers: ${CHANNELS[client.preferred_channel].toLowerCase()}</span></p></div>
    ${canBook && html`<div class="push"><${Link} class="act main" to="schedule" query=${book}>Book a visit<//></div>`}</div>`;
}

function Missing({ problem, onRetry }) {
  if (problem.status !== 404) return html`<div class="screen"><h1>Client</h1><${Failure} problem=${problem} onRetry=${onRetry} /></div>`;
  return html`<${Nobody}>There is no such client here.<//>`;
}

function Nobody({ children }) {
  return html`<div class="screen"><h1>Client</h1><${Empty} action="To the clients" onAction=${() => go("clients")}>${children}<//></div>`;
}
