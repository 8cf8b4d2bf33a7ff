// Pages that need nobody to be signed in, by their name in the address.
import { Forgotten } from "./forgotten.js";
import { Reset } from "./reset.js";

export const OPEN_PAGES = { forgotten: Forgotten, reset: Reset };
