"""The comparison: pure, from evidence to findings. Nothing the system says of itself is believed
where it can be worked out from what was told and what is there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from clinic_contracts import catalogue
from tests.faults import letters
from tests.faults.evidence import Evidence, Fact, Visit
from tests.faults.load import STATUS_AFTER, Acknowledged

Figure = Literal["lost", "doubled", "overlaps", "ledger_imbalance_minor", "out_of_order_effects"]
FIGURES: tuple[Figure, ...] = (
    "lost",
    "doubled",
    "overlaps",
    "ledger_imbalance_minor",
    "out_of_order_effects",
)
HOLDS_ITS_TIME = frozenset({"booked", "arrived", "fulfilled"})
STATUS_OF_EVENT = {
    f"booking.appointment_{change}.v1": status for change, status in STATUS_AFTER.items()
}


@dataclass(frozen=True, slots=True)
class Finding:
    """``weight`` of a figure: what was expected of ``subject``, and what was found."""

    figure: Figure
    subject: str
    expected: str
    found: str
    weight: int = 1


def judge(evidence: Evidence) -> list[Finding]:
    """Return everything that is wrong."""
    return [
        *_unknown(evidence),
        *_visits(evidence),
        *_journal(evidence),
        *_deliveries(evidence),
        *_projections(evidence),
        *_invoices(evidence),
        *_ledger(evidence),
        *_overlaps(evidence),
        *[Finding(*wrong) for wrong in letters.compare(evidence)],
    ]


def figures(findings: Iterable[Finding]) -> dict[str, int]:
    """Return each figure's sum."""
    sums: Counter[str] = Counter(dict.fromkeys(FIGURES, 0))
    for finding in findings:
        sums[finding.figure] += finding.weight
    return dict(sums)


def _unknown(evidence: Evidence) -> Iterator[Finding]:
    for operation in evidence.unknown:
        yield Finding("lost", operation, "an answer after the faults", "none")


def _visits(evidence: Evidence) -> Iterator[Finding]:
    """Compare what was told last of each visit with the database and the API."""
    told: dict[str, Acknowledged] = {}
    for one in sorted(evidence.acknowledged, key=lambda one: one.version):
        told[one.appointment_id] = one
    places = {
        "booking's database": {visit.id: visit for visit in evidence.stored},
        "the API": {visit.id: visit for visit in evidence.answered},
    }
    for place, visits in places.items():
        for id_, last in told.items():
            visit = visits.get(id_)
            expected = _told(last)
            if visit is None:
                yield Finding("lost", id_, expected, f"not in {place}")
            elif visit.version > last.version:
                yield Finding("doubled", id_, expected, f"{_shown(visit)} in {place}")
            elif _shown(visit) != expected:
                yield Finding("lost", id_, expected, f"{_shown(visit)} in {place}")
    for id_ in {visit.id for visit in evidence.stored} - told.keys():
        yield Finding("doubled", id_, "nobody was told of it", "in booking's database")


def _told(one: Acknowledged) -> str:
    return f"v{one.version} {one.status} {one.practitioner_id} {one.local_start[:16]}"


def _shown(visit: Visit) -> str:
    return f"v{visit.version} {visit.status} {visit.practitioner_id} {visit.local_start[:16]}"


def _journal(evidence: Evidence) -> Iterator[Finding]:
    """One event for each acknowledged change, and the events of each aggregate without a gap."""
    facts: dict[tuple[str, int], list[Fact]] = defaultdict(list)
    for fact in evidence.journal:
        facts[fact.subject, fact.seq].append(fact)
    for one in evidence.acknowledged:
        found = facts.get((one.appointment_id, one.version))
        expected = f"booking.appointment_{one.change}.v1"
        if found is None:
            yield Finding("lost", one.appointment_id, f"{expected} in the journal", "none")
        elif found[0].type != expected:
            yield Finding("lost", one.appointment_id, f"{expected} in the journal", found[0].type)
    told = {(one.appointment_id, one.version) for one in evidence.acknowledged}
    for (subject, seq), found in facts.items():
        if len(found) > 1:
            ids = ", ".join(fact.id for fact in found)
            yield Finding("doubled", subject, f"one event at {seq}", ids, len(found) - 1)
        if not subject.startswith("apt_"):
            continue
        if (subject, seq) not in told:
            yield Finding("doubled", subject, "nobody was told of it", f"event {seq}")
        if seq > 1 and (subject, seq - 1) not in facts:
            yield Finding("lost", subject, f"event {seq - 1} before {seq}", "a gap")


def _deliveries(evidence: Evidence) -> Iterator[Finding]:
    """Each event was handled by each of its consumers."""
    consumers = catalogue.consumers()
    for fact in evidence.journal:
        for service in consumers.get(fact.type, ()):
            if fact.id not in evidence.handled.get(service, frozenset()):
                yield Finding("lost", fact.subject, f"{fact.type} handled by {service}", fact.id)
    for id_ in evidence.parked:
        yield Finding("lost", id_, "handled", "parked")


def _projections(evidence: Evidence) -> Iterator[Finding]:
    """What the services keep of each other is what the last event said."""
    consumers = catalogue.consumers()
    last: dict[tuple[str, str], Fact] = {}
    for fact in sorted(evidence.journal, key=lambda fact: fact.seq):
        for service in consumers.get(fact.type, ()):
            last[service, fact.subject] = fact
    kept = {(each.service, each.subject): each for each in evidence.projections}
    for (service, subject), fact in last.items():
        found = kept.get((service, subject))
        expected = f"{fact.type} at {fact.seq} in {service}"
        if found is None:
            # Of a visit billing makes an invoice instead, booking a round of the waitlist, and
            # client_profile a client of its location; what billing does, notification tells the
            # clinic's own programs and does not keep.
            makers = {"billing", "booking", "client_profile"}
            of_visits = service in makers and subject.startswith("apt_")
            of_money = service == "notification" and fact.type.startswith("billing.")
            if not of_visits and not of_money:
                yield Finding("out_of_order_effects", subject, expected, "nothing")
        elif found.seq != fact.seq:
            yield Finding("out_of_order_effects", subject, expected, f"at {found.seq}")
        elif found.view != _view(fact):
            yield Finding("out_of_order_effects", subject, expected, f"other content: {found.view}")


def _view(fact: Fact) -> object:
    if "visit" not in fact.data:
        return fact.data
    return {"visit": fact.data["visit"], "status": STATUS_OF_EVENT.get(fact.type)}


def _invoices(evidence: Evidence) -> Iterator[Finding]:
    """One invoice for each visit that took place, none for any other, and one entry for each."""
    fulfilled = {v.id for v in evidence.stored if v.status == "fulfilled"}
    found = Counter(appointment for _, appointment in evidence.invoices)
    for id_ in sorted(fulfilled - found.keys()):
        yield Finding("lost", id_, "an invoice", "none")
    for id_, number in found.items():
        expected = 1 if id_ in fulfilled else 0
        if number > expected:
            surplus = number - expected
            yield Finding("doubled", id_, f"{expected} invoice(s)", str(number), surplus)
    entries = Counter(entry.key for entry in evidence.ledger)
    keys = {f"invoice:{invoice}" for invoice, _ in evidence.invoices}
    for key in sorted(keys | entries.keys()):
        expected = 1 if key in keys else 0
        if entries[key] < expected:
            yield Finding("lost", key, "a ledger entry", "none")
        elif entries[key] > expected:
            surplus = entries[key] - expected
            yield Finding("doubled", key, f"{expected} ledger entry", str(entries[key]), surplus)


def _ledger(evidence: Evidence) -> Iterator[Finding]:
    for entry in evidence.ledger:
        if off := sum(entry.minor):
            yield Finding("ledger_imbalance_minor", entry.key, "0", str(off), abs(off))
    if off := evidence.verified_imbalance_minor:
        yield Finding("ledger_imbalance_minor", "/operations/verify", "0", str(off), abs(off))


def _overlaps(evidence: Evidence) -> Iterator[Finding]:
    """Nobody and no room is in two visits at once, by their times alone."""
    for of in ("practitioner_id", "room_id"):
        held: dict[str, list[Visit]] = defaultdict(list)
        for visit in evidence.stored:
            if visit.status in HOLDS_ITS_TIME:
                held[getattr(visit, of)].append(visit)
        for resource, visits in held.items():
            visits.sort(key=lambda visit: visit.start)
            latest = visits[0]
            for visit in visits[1:]:
                if visit.start < latest.end:
                    yield Finding("overlaps", resource, "one visit at a time",
                                  f"{latest.id} and {visit.id} at {visit.start}")  # fmt: skip
                latest = max(latest, visit, key=lambda one: one.end)
    if number := evidence.verified_overlaps:
        yield Finding("overlaps", "/operations/verify", "0", str(number), number)
