// Every screen: its name in the address, its title, what shows it, and the action it takes.
import { Desk } from "../billing/desk.js";
import { Schedule } from "../schedule/schedule.js";

// `isMain` ones stand in the bar; `key` goes there with "g" pressed before.
export const SCREENS = {
  schedule: { title: "Schedule", show: Schedule, action: "read", isMain: true },
  billing: { title: "Billing", show: Desk, action: "read", isMain: true },
};
