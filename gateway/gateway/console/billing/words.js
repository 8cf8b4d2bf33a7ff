// What the desk calls things: states by word and sign, never by colour alone.
import { shortDay } from "../core/time.js";

export const METHODS = { cash: "cash", card: "card", gift_card: "gift card", package: "package", deposit: "deposit" };

export const INVOICES = {
  open: { word: "Open", sign: "○", kind: "plan" },
  paid: { word: "Paid", sign: "✓", kind: "good" },
  void: { word: "Called off", sign: "✕", kind: "" },
};

export const CLAIMS = {
  draft: { word: "Draft", sign: "✎", kind: "" },
  validated: { word: "Ready", sign: "○", kind: "plan" },
  queued: { word: "Queued", sign: "↑", kind: "plan" },
  submitted: { word: "Sent", sign: "↗", kind: "plan" },
  received: { word: "Received by the payer", sign: "◔", kind: "plan" },
  accepted: { word: "Accepted to decide", sign: "◑", kind: "plan" },
  pended: { word: "Held by the payer", sign: "⏸", kind: "warn" },
  adjudicated: { word: "Decided", sign: "◕", kind: "plan" },
  paid: { word: "Paid", sign: "✓", kind: "good" },
  partially_paid: { word: "Paid in part", sign: "◐", kind: "warn" },
  denied: { word: "Denied", sign: "⊘", kind: "bad" },
  rejected: { word: "Rejected", sign: "!", kind: "bad" },
  appealed: { word: "Appealed", sign: "⇄", kind: "warn" },
  corrected: { word: "Corrected", sign: "⟳", kind: "" },
  voided: { word: "Called off", sign: "✕", kind: "" },
  closed: { word: "Closed", sign: "■", kind: "" },
};

// A day as a list shows it: with its year where that is not the present one.
export const listDay = (day) => `${shortDay(day)}${day.slice(0, 4) === String(new Date().getFullYear()) ? "" : ` ${day.slice(0, 4)}`}`;

const unknown = (state) => ({ word: state.replaceAll("_", " "), sign: "?", kind: "" });
export const invoiceState = ({ status }) => INVOICES[status] ?? unknown(status);
export const claimState = (state) => CLAIMS[state] ?? unknown(state);

export const PAYMENTS = {
  processing: { word: "Under way", sign: "…", kind: "plan" },
  succeeded: { word: "Done", sign: "✓", kind: "good" },
  canceled: { word: "Refused", sign: "⊘", kind: "bad" },
  failed: { word: "Refused", sign: "⊘", kind: "bad" },
};

export const MOVES = {
  moved_to_client: "Moved to the client",
  moved_to_payer: "Moved to the payer",
  written_off: "Written off",
  payer_paid: "Paid by the payer",
};

// Why a payer is asked for nothing (services/billing: domain/refusal.py), in a few words.
export const CODES = {
  AUTH_LIMIT: "approved visits used up",
  BENEFIT_LIMIT: "limit of the plan used up",
  AUTH_WINDOW: "too long after the accident",
  SAME_DAY: "a second visit on the day",
  NOT_ACCEPTED: "not accepted by the payer yet",
  NO_REFERRAL: "no referral",
  NO_CLAIM_NUMBER: "no claim number",
  NO_ACCIDENT_DATE: "no day of the accident",
  NOT_BENEFICIARY: "not a beneficiary",
  OPTED_OUT: "therapist has opted out",
  NO_RULE: "no rule pays for it",
};
