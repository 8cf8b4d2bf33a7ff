"""Letters to members of staff about their accounts."""

from dataclasses import dataclass
from typing import Annotated, Literal

from clinic_contracts.constraints import Name, Range, Text

AccountLetterKind = Literal["invitation", "password_reset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAccountLetter:
    """Send somebody the link by which they choose a password; it is sent now, or not at all.

    ``token`` is the link's secret part, ``minutes`` how long it is good for.
    """

    kind: AccountLetterKind
    to: Annotated[str, Text(max=254)]
    name: Name
    token: Annotated[str, Text(max=64, pattern=r"[A-Za-z0-9_-]+", hint="a token")]
    minutes: Annotated[int, Range(1, 60 * 24 * 30)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLetterSent:
    """The mail server has the letter."""

    message_id: str
