"""The refusal of one field of a request, and the limits that several kinds of records share."""

from collections.abc import Mapping

from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money

CURRENCY = "CAD"
"""What the insurers we know pay in; the split of a fee does not convert currencies."""


def invalid(field: str, detail: str) -> Invalid:
    """Return the error that says what is wrong with ``field``."""
    return Invalid(f"{field}: {detail}", errors={field: [detail]})


def check_number(known: int, most: int, what: str) -> None:
    """Refuse one more than a client may have."""
    if known >= most:
        raise invalid("client_id", f"a client has at most {most} {what}")


def check_limits(limits: Mapping[str, Money | None]) -> None:
    """Refuse a limit, by its field, that is negative or not in our currency."""
    for name, limit in limits.items():
        if limit is not None and (limit.amount_minor < 0 or limit.currency != CURRENCY):
            raise invalid(name, f"must be in {CURRENCY} and not negative")
