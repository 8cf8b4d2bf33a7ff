"""Whether a remittance's totals hold, to the cent: the payee's, and each practitioner's.

Teleplan 4 record specifications, 3.1.3. How the totals hang together could not be read there; it is
taken to be so, and a remittance for which it is not is not posted:

- Σ paid of S00 to S03 = S21 paid, and by practitioner = S22 paid
- S21 paid + balance forward + Σ S23 and S24 adjustments made = cheque + new balance
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from payer_formats.findings import Finding
from payer_formats.teleplan.layout import Record

CLAIMS = frozenset({"S00", "S01", "S02", "S03", "S04"})
HELD = "S04"
_ADJUSTED = frozenset({"S23", "S24"})


@dataclass(slots=True)
class Group:
    """The records of one remittance, by what they are."""

    totals: list[Record] = field(default_factory=list)
    claims: list[Record] = field(default_factory=list)
    practitioners: list[Record] = field(default_factory=list)
    adjusted: list[Record] = field(default_factory=list)
    messages: list[Record] = field(default_factory=list)

    def add(self, record: Record) -> None:
        """Put a record where it belongs."""
        code = record.layout.code
        if code in CLAIMS:
            self.claims.append(record)
        elif code in _ADJUSTED:
            self.adjusted.append(record)
        elif code == "S21":
            self.totals.append(record)
        elif code == "S22":
            self.practitioners.append(record)
        else:
            self.messages.append(record)

    @property
    def first(self) -> Record:
        """A record to point to when there is no better one."""
        kinds = (self.totals, self.claims, self.practitioners, self.adjusted, self.messages)
        return next(record for kind in kinds for record in kind)


def imbalances(group: Group) -> Iterator[Finding]:
    """Return every total that does not hold, to the cent."""
    if len(group.totals) != 1:
        where = group.totals[1] if group.totals else group.first
        count = "no" if not group.totals else "more than one"
        text = f"a payee's remittance has one S21 record, here stands {count}"
        yield Finding(code="TELEPLAN_TOTAL_MISSING", text=text, position=where.position)
        return
    total = group.totals[0]
    counted = [record for record in group.claims if record.layout.code != HELD]
    paid = sum(record.minor("paid_amount") for record in counted)
    if paid != total.minor("paid_amount"):
        yield _off(total, "paid_amount", paid, "the claims' records come to")
    made = sum(record.minor("adjustment_made") for record in group.adjusted)
    expected = total.minor("paid_amount") + total.minor("balance_forward") + made
    given = total.minor("cheque_amount") + total.minor("new_balance")
    if expected != given:
        text = "paid, balance forward and adjustments, less the new balance, come to"
        yield _off(total, "cheque_amount", expected - total.minor("new_balance"), text)
    if total.minor("cheque_amount") < 0:
        text = "a cheque cannot be below nothing: what is owed back is the new balance"
        cheque = total.layout.spans["cheque_amount"].where
        yield Finding(code="TELEPLAN_NEGATIVE", text=text, where=cheque, position=total.position)
    yield from _by_practitioner(group, counted)


def _by_practitioner(group: Group, counted: Sequence[Record]) -> Iterator[Finding]:
    if not group.practitioners:
        return
    told: dict[str, Record] = {}
    for record in group.practitioners:
        number = record.text("practitioner")
        if number in told:
            text = f"practitioner {number} has more than one S22 record"
            yield Finding(code="TELEPLAN_TOTAL", text=text, where="S22", position=record.position)
        told[number] = record
    sums = dict.fromkeys(told, 0)
    for record in counted:
        number = record.text("practitioner")
        sums[number] = sums.get(number, 0) + record.minor("paid_amount")
    for number, paid in sums.items():
        if number not in told:
            text = f"practitioner {number} has claims and no S22 record"
            yield Finding(code="TELEPLAN_TOTAL", text=text, where="S22")
        elif told[number].minor("paid_amount") != paid:
            yield _off(told[number], "paid_amount", paid, "the practitioner's claims come to")


def _off(record: Record, name: str, found: int, text: str) -> Finding:
    told = record.minor(name)
    said = f"{name.replace('_', ' ')} is {told} cents, {text} {found}"
    where = record.layout.spans[name].where
    return Finding(code="TELEPLAN_TOTAL", text=said, where=where, position=record.position)
