// Every screen: its name in the address, its title, what shows it, and the action it takes.
import { Health } from "../health/health.js";
import { Schedule } from "../schedule/schedule.js";

// `isMain` ones stand in the bar; `key` goes there with "g" pressed before.
export const SCREENS = {
  schedule: { title: "Schedule", show: Schedule, action: "read", isMain: true },
  health: { title: "Health", show: Health, action: "operate", isMain: true },
};
