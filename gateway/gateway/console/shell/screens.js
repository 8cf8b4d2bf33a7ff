// Every screen: its name in the address, its title, what shows it, and the action it takes.
import { Desk } from "../billing/desk.js";
import { ClientCard } from "../clients/card.js";
import { Clients } from "../clients/clients.js";
import { Schedule } from "../schedule/schedule.js";

// `isMain` ones stand in the bar; `key` goes there with "g" pressed before.
export const SCREENS = {
  schedule: { title: "Schedule", show: Schedule, action: "read", isMain: true },
  billing: { title: "Billing", show: Desk, action: "read", isMain: true },
  clients: { title: "Clients", show: Clients, action: "read", isMain: true },
  client: { title: "Client", show: ClientCard, action: "read" },
};
