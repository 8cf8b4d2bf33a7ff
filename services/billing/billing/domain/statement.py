"""A client's statement: every change of the receivable, as the ledger has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from clinic_contracts.billing.statements import GetStatement, StatementLine, StatementView
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money

What = Literal["invoice", "payment", "refund", "void", "adjustment"]
NAMED = frozenset({"invoice", "payment", "refund", "void"})
MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class Moved:
    """By how many minor units an entry changed what is owed of an invoice; ``key`` is its key."""

    day: date
    key: str
    invoice_id: str
    invoice_number: str
    minor: int

    @property
    def what(self) -> What:
        """What moved it: whatever a payer decided is an adjustment."""
        word = self.key.partition(":")[0]
        return cast("What", word) if word in NAMED else "adjustment"


def statement(
    request: GetStatement, client_name: str, moved: Sequence[Moved], today: date
) -> StatementView:
    """Return the statement of what moved, which is in order of its days.

    Raises Invalid when its lines are too many to read.
    """
    as_of = request.as_of or today
    until = [each for each in moved if each.day <= as_of]
    shown = [each for each in until if request.since is None or each.day >= request.since]
    if len(shown) > MOST_LINES:
        detail = f"more than {MOST_LINES} lines: choose a later day"
        raise Invalid(detail, errors={"since": [detail]})

    def money(minor: int) -> Money:
        return Money(amount_minor=minor, currency=request.currency)

    opening = sum(each.minor for each in until) - sum(each.minor for each in shown)
    balance, lines = opening, []
    for each in shown:
        balance += each.minor
        line = StatementLine(
            day=each.day,
            what=each.what,
            invoice_id=each.invoice_id,
            invoice_number=each.invoice_number,
            amount=money(each.minor),
            balance=money(balance),
        )
        lines.append(line)
    return StatementView(
        client_id=request.client_id,
        client_name=client_name,
        as_of=as_of,
        since=request.since,
        opening=money(opening),
        lines=tuple(lines),
        invoiced=money(sum(each.minor for each in shown if each.what in {"invoice", "void"})),
        paid=money(-sum(each.minor for each in shown if each.what in {"payment", "refund"})),
        balance=money(balance),
    )
