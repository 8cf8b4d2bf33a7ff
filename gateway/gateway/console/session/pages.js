// Pages that need nobody to be signed in, by their name in the address.
export const OPEN_PAGES = {};
