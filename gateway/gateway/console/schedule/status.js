// What becomes of a visit, by word and sign: never by colour alone.
export const STATUS = {
  pending: { word: "Held", sign: "◌", kind: "" },
  booked: { word: "Booked", sign: "○", kind: "plan" },
  arrived: { word: "Arrived", sign: "◐", kind: "warn" },
  fulfilled: { word: "Completed", sign: "✓", kind: "good" },
  noshow: { word: "No-show", sign: "⊘", kind: "bad" },
  cancelled: { word: "Cancelled", sign: "✕", kind: "" },
};
export const statusOf = (visit) => STATUS[visit.status] ?? { word: visit.status, sign: "?", kind: "" };

export const canArrive = (visit) => visit.status === "booked";
export const canUnarrive = (visit) => visit.status === "arrived";
export const canFulfil = (visit) => visit.status === "booked" || visit.status === "arrived";
export const canMove = (visit) => visit.status === "booked" || visit.status === "arrived";
export const canCancel = (visit) => visit.status === "booked" || visit.status === "arrived";
export const canMiss = (visit) => visit.status === "booked";
// A visit is invoiced once it is completed; a fee may be owed for one that was not kept.
export const canPay = (visit) => visit.status === "fulfilled" || Boolean(visit.fee);
