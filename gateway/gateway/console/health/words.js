// What the health screen says: names of services, of events and findings, and how long ago.

const SERVICES = { booking: "Booking", client_profile: "Client profile", notification: "Notification", billing: "Billing", gateway: "Gateway" };
export const serviceName = (service) => SERVICES[service] ?? service;

// "booking.appointment_booked.v1" -> "Appointment booked"; what could not be read has no type.
export function eventName(type) {
  const name = type.split(".")[1];
  return name ? sentence(name) : "Unreadable message";
}

export const sentence = (name) => {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

// How long before `at` something was; both are the gateway's instants, no clock of the browser's.
export function ago(instant, at) {
  const seconds = Math.max(0, Math.round((Date.parse(at) - Date.parse(instant)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

// Logs are in UTC, so what is compared with them is too.
export const utc = (instant) => {
  const text = new Date(instant).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
};

// What a service's books were looked through for, and what it means if something is found.
export const FINDINGS = {
  overlaps: ["Double bookings nobody chose", "Two visits stand at one time. Move one of them in the schedule."],
  ledger_imbalance_minor: ["Ledger out of balance, in cents", "Debits and credits differ. Stop posting and call whoever runs the system."],
  unpublished_events: ["Events not yet published", "They leave by themselves within seconds. If they stay, the broker is away."],
  parked: ["Parked messages", "They could not be handled: see them here, mend the cause, retry."],
  receipt_gaps: ["Gaps in receipt numbers", "A number is missing in a location's receipts. Auditors ask for each."],
  payments_unreceipted: ["Payments without a receipt", "A payment was taken and no receipt was issued for it."],
  claims_unexplained_minor: ["Claims' money without an explanation, in cents", "What payers adjusted does not add up to what they did not pay."],
  remittances_off_minor: ["Remittances that do not add up, in cents", "A payer's file and what was posted from it differ."],
  prepaid_unposted_minor: ["Prepaid money not in the ledger, in cents", "Packages or gift cards and the ledger differ."],
  day_closes_off_minor: ["Closed days that changed, in cents", "What was counted at the close and the ledger differ."],
  payments_unposted_minor: ["Payments not in the ledger, in cents", "A payment was taken that the ledger does not hold."],
};
