// What the API's words are called on the client's screens; `kind` is a tag's, `sign` says it too.

export const CHANNELS = { email: "E-mail", sms: "Text message", phone: "Phone call", none: "No messages" };
export const PURPOSES = { appointments: "Appointments", marketing: "Offers and news", recalls: "Reminders to come again" };

export const LEVELS = {
  block: { sign: "✕", kind: "bad", word: "Do not treat", does: "No visit can be booked until it is lifted." },
  needs_clearance: {
    sign: "?",
    kind: "warn",
    word: "Needs clearance",
    does: "A physician has to agree before the next treatment.",
  },
  caution: { sign: "!", kind: "warn", word: "Caution", does: "Treat with care: read it before the visit." },
};

export const MESSAGES = {
  confirmation: "Confirmation",
  reminder: "Reminder",
  moved: "Notice of a move",
  corrected: "Corrected time",
  cancelled: "Cancellation",
  offer: "Offer of a free time",
};
export const DELIVERY = {
  scheduled: { sign: "◷", kind: "plan", word: "Planned" },
  sending: { sign: "…", kind: "plan", word: "Being sent" },
  sent: { sign: "✓", kind: "good", word: "Sent" },
  skipped: { sign: "–", kind: "warn", word: "Not sent" },
  failed: { sign: "!", kind: "bad", word: "Failed" },
};

export const COVERAGES = {
  extended_health: "Extended health",
  msp_supplementary: "MSP supplementary benefits",
  icbc: "ICBC",
  worksafebc: "WorkSafeBC",
};
export const RELATIONSHIPS = { self: "The client", spouse: "Spouse", child: "Parent", other: "Somebody else" };
// Why a payer pays nothing of the next visit (billing's codes of refusal).
export const LIMITS = {
  NO_RULE: "No rule of this payer pays for such a visit.",
  OPTED_OUT: "The practitioner has opted out: the client pays.",
  NO_ACCIDENT_DATE: "The date of the accident is missing.",
  NO_CLAIM_NUMBER: "The claim number is missing.",
  NOT_ACCEPTED: "The payer has not accepted the claim yet.",
  NO_REFERRAL: "A physician's referral is missing.",
  NOT_BENEFICIARY: "The client is no beneficiary on that day.",
  AUTH_WINDOW: "The time in which the payer pays is over.",
  AUTH_LIMIT: "The approved visits are used up.",
  BENEFIT_LIMIT: "The annual maximum is used up.",
  SAME_DAY: "The payer pays one visit a day.",
};

export const ELIGIBILITY = {
  asked: { sign: "◷", kind: "plan", word: "Asked, no answer yet" },
  answered: { sign: "✓", kind: "good", word: "Answered" },
  refused: { sign: "!", kind: "bad", word: "The payer gives no answer" },
  unanswered: { sign: "–", kind: "warn", word: "The payer was silent" },
};
export const ACTIVE = { yes: "In force", no: "Not in force", unknown: "Not said whether it is in force" };

export const PREPAID = { gift_card: "Gift card", package: "Package", deposit: "Deposit" };
export const PREPAID_STATES = {
  unpaid: { sign: "◷", kind: "warn", word: "Not paid yet" },
  active: { sign: "✓", kind: "good", word: "Active" },
  used_up: { sign: "–", kind: "", word: "Used up" },
  refunding: { sign: "…", kind: "plan", word: "Being refunded" },
  refunded: { sign: "–", kind: "", word: "Refunded" },
  expired: { sign: "–", kind: "warn", word: "Expired" },
  void: { sign: "✕", kind: "", word: "Void" },
};
export const STATEMENT = {
  invoice: "Invoice",
  payment: "Payment",
  refund: "Refund",
  void: "Voided",
  adjustment: "Adjustment",
};

// "massage_therapy" -> "Massage therapy"
export const plain = (code) => {
  const text = String(code).replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};
// What of a client somebody looked at.
export const VIEWED = {
  client: "The client’s record",
  coverages: "Coverages",
  consents: "Consents",
  alerts: "Alerts",
  referrals: "Referrals",
};
