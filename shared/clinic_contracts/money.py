"""Money as integer minor units and an ISO 4217 code; never a float."""

from dataclasses import dataclass
from typing import Annotated, Self

from clinic_contracts.constraints import Range, Text

CurrencyCode = Annotated[str, Text(min=3, max=3, pattern=r"[A-Z]{3}", hint="an ISO 4217 code")]
LARGEST_MINOR = 10**11


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """``Money(amount_minor=11500, currency="CAD")`` is $115.00."""

    amount_minor: Annotated[int, Range(-LARGEST_MINOR, LARGEST_MINOR)]
    currency: CurrencyCode = "CAD"

    def __add__(self, other: Self) -> "Money":
        return Money(amount_minor=self.amount_minor + self._minor_of(other), currency=self.currency)

    def __sub__(self, other: Self) -> "Money":
        return Money(amount_minor=self.amount_minor - self._minor_of(other), currency=self.currency)

    def _minor_of(self, other: Self) -> int:
        if other.currency != self.currency:
            message = f"cannot combine {self.currency} with {other.currency}"
            raise ValueError(message)
        return other.amount_minor
