// Whether somebody signed in here: the cookie cannot be read, and to ask without one is a refusal.
const KEPT = "clinic.session";

// An address with "signed-in" is where a sign-in elsewhere leads back to.
export const mayBeSignedIn = () =>
  localStorage.getItem(KEPT) === "yes" || new URLSearchParams(location.search).has("signed-in");

export function noteSession(isOpen) {
  if (isOpen) localStorage.setItem(KEPT, "yes");
  else localStorage.removeItem(KEPT);
}
