// Why a payer refused, in words: the codes are X12's (claim adjustment groups and reasons, claim
// status categories and codes), the words are ours; a code without any stands as it is.
const GROUPS = {
  PR: "the client's to pay",
  CO: "not to be asked of the client, by the payer's terms",
  PI: "reduced by the payer",
  OA: "for another reason",
};

const REASONS = {
  1: "deductible",
  2: "the client's share",
  3: "co-payment",
  4: "the modifier does not fit the service",
  5: "the place does not fit the service",
  11: "the diagnosis does not fit the service",
  16: "something is missing or wrong",
  18: "the same claim came before",
  22: "another payer comes first",
  23: "what another payer decided",
  26: "before the coverage began",
  27: "after the coverage ended",
  29: "sent too late",
  31: "the payer does not know the person",
  45: "above what the payer allows",
  50: "not held to be necessary",
  96: "not covered by the plan",
  97: "part of another service",
  109: "another payer's to pay",
  119: "the plan's limit is used up",
  151: "more often than the payer accepts",
  197: "no approval beforehand",
  204: "not in the client's plan",
};

const CATEGORIES = {
  A3: "the payer could not take it in",
  A4: "the payer cannot find it",
  A6: "something is missing",
  A7: "something is wrong in it",
  A8: "what it says does not fit together",
};

const STATUSES = {
  21: "information is missing or wrong",
  33: "the person insured is not known",
  35: "the claim is not known",
  85: "who is billing is not known",
  97: "the patient is not covered on that day",
  104: "it was sent before",
  116: "it belongs with another payer",
  145: "the therapist is not known",
  164: "the policy's number is not known",
  187: "the dates of service",
  254: "the diagnosis",
  255: "a diagnosis code",
  453: "a modifier",
  454: "the procedure code",
  500: "an address",
  507: "the charge",
};

// "PR-96" and its amount -> words; the code stands beside, since payers go by it on the telephone.
export const adjusted = ({ group, reason }) => [REASONS[reason], GROUPS[group]].filter(Boolean).join(", ") || "a reason of the payer's own";

// "rejected by the payer: A3:21" -> that, and what it says in words.
export function inWords(text) {
  const told = [...text.matchAll(/\b(A\d)(?::(\d+))?/g)].map(([, category, status]) => [CATEGORIES[category], STATUSES[status]].filter(Boolean).join(": "));
  return told.filter(Boolean).join("; ");
}

// How to mend it. Where a payer rejects, it alone knows what it misses: its words are all there is.
export const fixOf = ({ code, fix }) =>
  fix || (code === "PAYER_REJECTED" ? "compare what the claim says below with the client's card and the payer's words, change it, and send it again" : "");

export const latest = (claim) => [...claim.settlements].reverse().find((each) => !each.undone) ?? null;

// One line on why it is not paid: of a rejected claim what was found, of a denied one the decision.
export function reasonOf(claim) {
  const decision = latest(claim);
  if (claim.state === "denied" && decision?.adjustments.length) return [...new Set(decision.adjustments.map(adjusted))].join("; ");
  if (claim.state === "denied" && decision?.explanation.length) return decision.explanation[0];
  const finding = claim.findings.find((each) => each.severity === "error") ?? claim.findings[0];
  if (!finding) return "";
  const words = inWords(finding.text);
  return words ? `${finding.text} (${words})` : finding.text;
}
