"""What the simulated payer makes of a claim, and when: a pure function of claim and day.

It covers 80 % of a charge. Amounts are minor units; every decision adds up to the charge.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from payer_formats.answers import ClaimVerdict, RemittedClaim, RemittedLine
from payer_formats.claim import Adjustment, Claim, ServiceLine

Scenario = Literal[
    "pay", "deny", "short", "pend", "reverse", "duplicate", "late", "reject", "unbalanced"
]
SCENARIOS: Mapping[Scenario, str] = {
    "pay": "accepted, and 80 % of it paid",
    "deny": "accepted, and denied: the patient owes all of it",
    "short": "accepted, and paid less than agreed: the rest must be written off",
    "pend": "accepted, held for a while, then paid",
    "reverse": "paid short, then taken back and paid in full",
    "duplicate": "paid, and the same remittance sent twice",
    "late": "paid, but long after the others",
    "reject": "rejected on its way in: never decided",
    "unbalanced": "paid by a remittance that is off by a cent",
}
"""By the end of a policy's number, such as ``M-1-DENY``; others by chance, the same each time."""
CHANCES: tuple[tuple[Scenario, int], ...] = (
    ("pay", 68),
    ("deny", 80),
    ("short", 88),
    ("pend", 94),
    ("reverse", 100),
)
COVERED_PERCENT = 80
SHORT_PERCENT = 10
"""Of the charge, what the payer says is beyond its terms."""
SOON, HELD, LATE = 2.0, 6.0, 60.0
"""Seconds from the receipt of a claim to its decision."""
REJECTED = "A3:21"
ACCEPTED = "A2:20"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A decision, so many seconds after the receipt.

    ``apart`` decisions go into a remittance of their own; ``again`` has it sent twice, and
    ``off_by`` makes what it says it pays differ from what it adds up to.
    """

    after: float
    decided: RemittedClaim
    apart: bool = False
    again: bool = False
    off_by: int = 0


def scenario(claim: Claim) -> Scenario:
    """Return what happens to a claim."""
    end = claim.subscriber.member_id.rpartition("-")[2].casefold()
    return next((name for name in SCENARIOS if end == name), by_chance(claim.id))


def by_chance(id_: str) -> Scenario:
    """Return what happens to a claim that asks for nothing: the same each time."""
    chance = hashlib.sha256(id_.encode()).digest()[0] * 100 // 256
    return next(name for name, below in CHANCES if chance < below)


def verdict(claim: Claim, number: str) -> ClaimVerdict:
    """Return what is said of a claim on its way in; ``number`` is the payer's own of it."""
    rejected = scenario(claim) == "reject"
    return ClaimVerdict(
        reference=claim.id,
        verdict="rejected" if rejected else "accepted",
        codes=(REJECTED if rejected else ACCEPTED,),
        payer_reference="" if rejected else number,
        amount_minor=claim.charge_minor,
    )


def answers(claim: Claim, number: str) -> Iterator[Answer]:
    """Yield what is decided of a claim, in order; nothing of one that is rejected.

    A void claim takes back what it replaces: it is answered by a denial of nothing.
    """
    what = scenario(claim)
    paid = _decided(claim, number, COVERED_PERCENT, owed="PR")
    if what == "reject":
        return
    if claim.frequency == "void" or what == "deny":
        yield Answer(after=SOON, decided=_decided(claim, number, 0, owed="PR"))
    elif what == "short":
        yield Answer(after=SOON, decided=_short(claim, number))
    elif what == "pend":
        held = RemittedClaim(
            reference=claim.id,
            decision="pended",
            charge_minor=claim.charge_minor,
            paid_minor=0,
            payer_reference=number,
        )
        yield Answer(after=SOON, decided=held, apart=True)
        yield Answer(after=HELD, decided=paid)
    elif what == "reverse":
        # More the second time: a remittance that asks for money back is prohibited (BPR02).
        first = _short(claim, number)
        yield Answer(after=SOON, decided=first)
        yield Answer(after=HELD, decided=reversal(first), apart=True)
        again = replace(paid, payer_reference=f"{number}A")  # each decision has its own number
        yield Answer(after=HELD, decided=again, apart=True)
    else:
        yield Answer(
            after=LATE if what == "late" else SOON,
            decided=paid,
            apart=what in {"duplicate", "unbalanced"},
            again=what == "duplicate",
            off_by=1 if what == "unbalanced" else 0,
        )


def reversal(of: RemittedClaim) -> RemittedClaim:
    """Return the decision that takes another back, each amount turned round."""
    return replace(
        of,
        decision="reversed",
        code="22",
        charge_minor=-of.charge_minor,
        paid_minor=-of.paid_minor,
        client_minor=0,
        lines=tuple(
            replace(
                line,
                charge_minor=-line.charge_minor,
                paid_minor=-line.paid_minor,
                adjustments=tuple(replace(each, minor=-each.minor) for each in line.adjustments),
            )
            for line in of.lines
        ),
    )


def _short(claim: Claim, number: str) -> RemittedClaim:
    """Return a decision that pays 10 % of the charge less, which is nobody else's to pay."""
    full = _decided(claim, number, COVERED_PERCENT, owed="PR")
    lines = []
    for line in full.lines:
        off = percent_of(line.charge_minor, SHORT_PERCENT)
        told = (Adjustment(group="CO", reason="45", minor=off), *line.adjustments)
        lines.append(replace(line, paid_minor=line.paid_minor - off, adjustments=told))
    paid = sum(line.paid_minor for line in lines)
    return replace(full, paid_minor=paid, lines=tuple(lines))


def _decided(claim: Claim, number: str, percent: int, *, owed: str) -> RemittedClaim:
    lines = tuple(_line(each, percent, owed) for each in claim.lines)
    paid = sum(line.paid_minor for line in lines)
    return RemittedClaim(
        reference=claim.id,
        decision="paid" if percent else "denied",
        code="1" if percent else "4",
        charge_minor=claim.charge_minor,
        paid_minor=paid,
        client_minor=claim.charge_minor - paid,
        payer_reference=number,
        lines=lines,
        member_id=claim.subscriber.member_id,
        patient_name=f"{claim.treated.first_name} {claim.treated.last_name}".strip(),
        day=claim.lines[0].day if claim.lines else None,
    )


def _line(line: ServiceLine, percent: int, owed: str) -> RemittedLine:
    paid = percent_of(line.charge_minor, percent)
    rest = line.charge_minor - paid
    reason = "2" if percent else "96"
    return RemittedLine(
        procedure=line.procedure,
        modifiers=line.modifiers,
        charge_minor=line.charge_minor,
        paid_minor=paid,
        adjustments=(Adjustment(group=owed, reason=reason, minor=rest),) if rest else (),
        units=line.units,
        day=line.day,
        reference=line.reference,
    )


def percent_of(minor: int, percent: int) -> int:
    """Return so many percent, half up."""
    return (2 * minor * percent + 100) // 200
