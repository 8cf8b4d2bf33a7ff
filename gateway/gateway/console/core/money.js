// Money comes in minor units and is shown, and read from a field, without a float in between.

export const money = ({ amount_minor, currency }) => {
  const sign = amount_minor < 0 ? "−" : "";
  const cents = String(Math.abs(amount_minor)).padStart(3, "0");
  const whole = cents.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}$${whole}.${cents.slice(-2)}${currency === "CAD" ? "" : ` ${currency}`}`;
};

// "115", "115.5", "1,150.00" -> minor units; null for what is no amount.
export function minorOf(text) {
  const found = /^\$?\s*(\d{1,7})(?:\.(\d{1,2}))?$/.exec(String(text).replaceAll(",", "").trim());
  return found ? Number(found[1]) * 100 + Number((found[2] || "").padEnd(2, "0")) : null;
}
