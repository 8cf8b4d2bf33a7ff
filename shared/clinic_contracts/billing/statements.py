"""What a client was charged, paid and owes."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.constraints import PathId, Text
from clinic_contracts.money import CurrencyCode, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GetStatement:
    """A client's statement as of the end of a day (today's), line by line ``since`` another."""

    client_id: PathId
    as_of: date | None = None
    since: date | None = None
    currency: CurrencyCode = "CAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """What changed what the client owes: more when positive; ``balance`` is owed from then on."""

    day: date
    what: Literal["invoice", "payment", "refund", "void", "adjustment"]
    invoice_id: str
    invoice_number: str
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """A client's statement: opening balance + lines = balance, as the ledger has them."""

    client_id: str
    client_name: str
    as_of: date
    since: date | None
    opening: Money
    lines: tuple[StatementLine, ...]
    invoiced: Money
    paid: Money
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperDocument:
    """A statement or a closed day as a page to print, in base64."""

    filename: str
    content_type: str
    content_base64: Annotated[str, Text(max=4_000_000)]
