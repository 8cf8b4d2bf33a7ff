"""What the card processor tells of payments and refunds by itself."""

from dataclasses import dataclass
from typing import Annotated, Literal

from clinic_contracts.constraints import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCardEvent:
    """An event of Stripe's, as it came: the signature is of the body's very bytes."""

    content_base64: Annotated[str, Text(max=400_000)]
    signature: Annotated[str, Text(max=2_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEventTaken:
    """An event and what became of it.

    ``taken``: the payment or refund it is about has ended; ``repeated``: the event had been taken
    before; ``ignored``: it is about nothing that waits here.
    """

    id: str
    type: str
    state: Literal["taken", "repeated", "ignored"]
