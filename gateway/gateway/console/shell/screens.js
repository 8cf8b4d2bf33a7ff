// Every screen: its name in the address, its title, what shows it, and the action it takes.
import { Desk } from "../billing/desk.js";
import { ClientCard } from "../clients/card.js";
import { Clients } from "../clients/clients.js";
import { Health } from "../health/health.js";
import { Account } from "../session/account.js";
import { Schedule } from "../schedule/schedule.js";
import { AuditScreen } from "../settings/audit.js";
import { Settings } from "../settings/settings.js";

// `isMain` ones stand in the bar.
export const SCREENS = {
  schedule: { title: "Schedule", show: Schedule, action: "read", isMain: true },
  clients: { title: "Clients", show: Clients, action: "read", isMain: true },
  client: { title: "Client", show: ClientCard, action: "read" },
  billing: { title: "Billing", show: Desk, action: "read", isMain: true },
  health: { title: "Health", show: Health, action: "operate", isMain: true },
  account: { title: "Your account", show: Account, action: "read" },
  audit: { title: "Audit", show: AuditScreen, action: "audit" },
  settings: { title: "Settings", show: Settings, action: "manage", isMain: true },
};
