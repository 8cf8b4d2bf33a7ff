// Numbers and amounts out of fields; what cannot be read is told as the API would tell it.
import { Problem } from "../core/api.js";
import { minorOf } from "../core/money.js";

// {name: number or null}; an empty field is no limit.
export function numberOf(draft, name) {
  const text = String(draft[name]).trim();
  if (!text) return { [name]: null };
  if (!/^\d{1,6}$/.test(text)) throw unreadable(name, "Give a whole number.");
  return { [name]: Number(text) };
}

export function amountOf(draft, name) {
  const text = String(draft[name]).trim();
  if (!text) return { [name]: null };
  const amount_minor = minorOf(text);
  if (amount_minor === null) throw unreadable(name, "Give an amount such as 600 or 85.50.");
  return { [name]: { amount_minor, currency: "CAD" } };
}

const unreadable = (name, detail) => new Problem(422, { detail, errors: { [name]: [detail] } });
