"""Reading an 835, a payer's remittance advice (ASC X12 005010X221A1), into a ``Remittance``."""

from dataclasses import replace
from datetime import date
from itertools import islice

from payer_formats.answers import (
    Decision,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
    RemittedLine,
)
from payer_formats.balance import imbalances
from payer_formats.claim import Adjustment
from payer_formats.findings import Finding, quoted
from payer_formats.x12.elements import MOST_FINDINGS, Reading, first, identity_of, parts
from payer_formats.x12.syntax import Segment, Separators, TransactionSet

_HEADER = "ST BPR NTE TRN CUR REF DTM N1 N2 N3 N4 PER RDM LX TS3 TS2 SE"
_CLAIM = "CLP CAS NM1 MIA MOA REF DTM PER AMT QTY SVC LQ LX TS3 TS2 SE"
HEADER_SEGMENTS = frozenset(_HEADER.split())
CLAIM_SEGMENTS = frozenset(_CLAIM.split())
GROUPS = frozenset({"CO", "OA", "PI", "PR"})
PAYEES = ("TJ", "PQ")
"""REF01 of the payee: its tax number, and the payer's own number of it."""
DOLLARS = "USD"
"""A remittance without CUR is in US dollars (005010X221A1, notes to CUR)."""
DECISIONS: dict[str, Decision] = {
    "1": "paid",
    "2": "paid",
    "3": "paid",
    "4": "denied",
    "19": "forwarded",
    "20": "forwarded",
    "21": "forwarded",
    "22": "reversed",
    "23": "forwarded",
    "25": "predetermined",
}
"""CLP02: processed as primary, secondary or tertiary; denied; the same and forwarded; ..."""


def read_835(separators: Separators, one: TransactionSet) -> Remittance:
    """Return the remittance of one set; an error among its findings keeps it from being posted."""
    reading = Reading(separators)
    adjusting = [each for each in one.segments if each.id == "PLB"]
    header, claims = parts((each for each in one.segments if each.id != "PLB"), "CLP")
    _misplaced(reading, header, HEADER_SEGMENTS)
    payment = reading.only(header, "BPR")
    trace = reading.only(header, "TRN")
    payer = reading.only(header, "N1", "PR")
    # X221A1 tells the payer by N104, REF*2U or, always, the originator of the trace.
    told = payer.at(4) or first(header, "REF", "2U").at(2)
    payer_id = told or reading.required(trace, 3)
    paid = reading.amount(payment, 2)
    number = reading.required(trace, 2)
    remittance = Remittance(
        identity=identity_of(payer_id, number, trace.at(3), one.control, payment.at(16), str(paid)),
        payer_id=payer_id,
        payer_name=payer.at(2),
        paid_minor=paid,
        currency=_currency(reading, one.segments),
        claims=tuple(_claim(reading, each) for each in claims),
        body=_body(one, separators),
        trace=number,
        paid_on=reading.day(payment, 16),
        method=payment.at(4),
        payee_id=first(header, "N1", "PE").at(4),
        payee_other_ids=tuple(filter(None, (first(header, "REF", each).at(2) for each in PAYEES))),
        provider_adjustments=tuple(each for plb in adjusting for each in _plb(reading, plb)),
    )
    return replace(remittance, findings=(*reading.findings, *_imbalances(reading, remittance)))


def _body(one: TransactionSet, separators: Separators) -> str:
    """Return a digest of a set without its number, whatever separators it is written with."""
    inner = (each for each in one.segments if each.id not in {"ST", "SE"})
    words = (word for each in inner for word in (*each.elements, "\x1e"))
    return identity_of(*(word.replace(separators.component, "\x1d") for word in words))


def _imbalances(reading: Reading, remittance: Remittance) -> tuple[Finding, ...]:
    found = imbalances(remittance) if reading.amounts_read else ()
    return tuple(islice(found, MOST_FINDINGS))


def _claim(reading: Reading, loop: list[Segment]) -> RemittedClaim:
    head, lines = parts(loop, "SVC")
    clp = head[0]
    reading.line = 0
    reading.reference = clp.at(1).strip()
    _misplaced(reading, loop, CLAIM_SEGMENTS)
    patient, insured = first(head, "NM1", "QC"), first(head, "NM1", "IL")
    claim = RemittedClaim(
        reference=reading.required(clp, 1),
        decision=_decision(reading, clp),
        charge_minor=reading.amount(clp, 3),
        paid_minor=reading.amount(clp, 4),
        client_minor=reading.optional_amount(clp, 5) or 0,
        payer_reference=clp.at(7),
        adjustments=_adjustments(reading, head),
        remarks=_claim_remarks(head),
        code=clp.at(2),
        member_id=patient.at(9) or insured.at(9),
        patient_name=f"{patient.at(4)} {patient.at(3)}".strip(),
        day=_day(reading, head, "232"),
        position=clp.position,
        lines=tuple(_line(reading, n, each) for n, each in enumerate(lines, start=1)),
    )
    reading.reference, reading.line = "", 0
    return claim


def _line(reading: Reading, number: int, loop: list[Segment]) -> RemittedLine:
    svc = loop[0]
    reading.line = number
    service = reading.components(svc, 1, least=2, code=2)
    allowed = first(loop, "AMT", "B6")
    return RemittedLine(
        procedure=service[1],
        charge_minor=reading.amount(svc, 2),
        paid_minor=reading.amount(svc, 3),
        adjustments=_adjustments(reading, loop),
        modifiers=tuple(filter(None, service[2:6])),
        units=reading.whole(svc, 5, absent=1),
        day=_day(reading, loop, "472") or _day(reading, loop, "150"),
        reference=first(loop, "REF", "6R").at(2),
        remarks=tuple(each.at(2) for each in loop if each.id == "LQ" and each.at(2)),
        allowed_minor=reading.optional_amount(allowed, 2),
    )


def _adjustments(reading: Reading, segments: list[Segment]) -> tuple[Adjustment, ...]:
    """Return the CAS triples: a reason, an amount and a quantity, up to six in a segment."""
    found: list[Adjustment] = []
    for cas in segments:
        if cas.id != "CAS":
            continue
        if cas.at(1) not in GROUPS:
            reading.error("CAS_GROUP", f"{quoted(cas.at(1))} is no group of reasons", cas, 1)
        for number in range(2, max(len(cas.elements), 3), 3):
            if number > 2 and not any(cas.at(number + each) for each in range(3)):  # noqa: PLR2004 (the first triple is required)
                continue
            reason = reading.required(cas, number)
            minor = reading.amount(cas, number + 1)
            quantity = reading.whole(cas, number + 2, absent=0)
            found.append(Adjustment(group=cas.at(1), reason=reason, minor=minor, quantity=quantity))
    return tuple(found)


def _plb(reading: Reading, plb: Segment) -> list[ProviderAdjustment]:
    """Return the pairs of PLB03 on: a reason with a reference, and an amount."""
    found: list[ProviderAdjustment] = []
    for number in range(3, max(len(plb.elements), 4), 2):
        if number > 3 and not (plb.at(number) or plb.at(number + 1)):  # noqa: PLR2004 (the first pair is required)
            continue
        reason = reading.components(plb, number, least=1, code=2)
        minor = reading.amount(plb, number + 1)
        reference = reason[1] if len(reason) > 1 else ""
        found.append(ProviderAdjustment(reason=reason[0], minor=minor, reference=reference))
    return found


def _decision(reading: Reading, clp: Segment) -> Decision:
    decision = DECISIONS.get(clp.at(2))
    if decision is None:
        told = f"{quoted(clp.at(2))} is no status of a claim in 005010X221A1"
        reading.error("CLAIM_STATUS", told, clp, 2)
    return decision or "pended"


def _claim_remarks(head: list[Segment]) -> tuple[str, ...]:
    """Return the remark codes of MOA03 to 07 and of MIA05 and 20 to 23."""
    moa, mia = first(head, "MOA"), first(head, "MIA")
    codes = [*map(moa.at, range(3, 8)), mia.at(5), *map(mia.at, range(20, 24))]
    return tuple(filter(None, codes))


def _day(reading: Reading, segments: list[Segment], qualifier: str) -> date | None:
    dtm = first(segments, "DTM", qualifier)
    return reading.day(dtm, 2) if dtm.position else None


def _currency(reading: Reading, segments: list[Segment]) -> str:
    told = [each for each in segments if each.id == "CUR"]
    currencies = {each.at(2) for each in told} or {DOLLARS}
    if len(currencies) > 1:
        listed = ", ".join(quoted(each) for each in sorted(currencies)[:5])
        reading.error("CURRENCY_MIX", f"one payment in several currencies: {listed}", told[1], 2)
    currency = told[0].at(2) if told else DOLLARS
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):  # noqa: PLR2004 (ISO 4217)
        reading.error("CURRENCY", f"{quoted(currency)} is no currency code", told[0], 2)
    return currency


def _misplaced(reading: Reading, loop: list[Segment], known: frozenset[str]) -> None:
    """Note what has no place in a loop: an error for an 835's own segments, they may mean money."""
    for segment in loop:
        if segment.id in known:
            continue
        detail = f"{quoted(segment.id)} has no place here"
        if segment.id in HEADER_SEGMENTS | CLAIM_SEGMENTS:
            reading.error("MISPLACED_SEGMENT", detail, segment)
        else:
            reading.warn("UNEXPECTED_SEGMENT", detail, segment)
