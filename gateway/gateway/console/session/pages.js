// Pages that need nobody to be signed in, by their name in the address.
import { Forgotten } from "./forgotten.js";
import { Reset } from "./reset.js";
import { SignInPage } from "./sign-in-page.js";

export const OPEN_PAGES = { forgotten: Forgotten, reset: Reset, "sign-in": SignInPage };
