"""What the use cases need of the outside to ask payers about eligibility."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from billing.claim_ports import File, Policy
from clinic_contracts.billing.eligibility import EligibilityView, ListEligibility
from clinic_contracts.booking.events import LocationChanged
from clinic_contracts.client_profile.events import CoverageChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question on its way to a payer; ``id`` is its check's, by which the payer takes it once."""

    id: str
    payer_id: str
    file: File


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquired:
    """What a question is made of; ``control`` is the number of its file."""

    policy: Policy
    location: LocationChanged
    day: date
    at: datetime
    trace: str
    control: int
    service: str | None = None
    birth_date: date | None = None


class EligibilityBooks(Protocol):
    """Eligibility checks within one transaction."""

    def check(self, id_: str) -> EligibilityView | None:
        """Return one, or None."""

    def check_of_file(self, control: str) -> EligibilityView | None:
        """Return the caller's whose question went out under a control number, or None."""

    def add_check(
        self, check: EligibilityView, question: File, *, control: int, due: datetime
    ) -> None:
        """Insert one with its question, sealed, to be asked again from ``due`` on."""

    def save_check(self, check: EligibilityView, due: datetime | None = None) -> None:
        """Save one that this transaction read; it is due never again where ``due`` is None."""


class EligibilityRecords(Protocol):
    """Eligibility checks to read, outside a transaction."""

    def one(self, id_: str) -> EligibilityView | None:
        """Return one, or None."""

    def page(
        self, request: ListEligibility, location_ids: Sequence[str] | None
    ) -> tuple[tuple[EligibilityView, ...], str | None]:
        """Return a page, the latest first, and the cursor of the next, if any; raises Invalid."""

    def take_due(self, now: datetime, again: datetime) -> Question | None:
        """Return a question that is due and is not so again before ``again``, or None."""


class Asking(Protocol):
    """The way to payers for questions; never asked inside a transaction."""

    def ask(self, question: Question) -> Sequence[File]:
        """Send a question, once by its id however often asked; return what is answered at once.

        Raises ServiceUnavailable when it is not known to have arrived, ClaimUnfit when the payer
        does not take it.
        """

    def asks(self, coverage: CoverageChanged) -> bool:
        """Say whether the payer of a coverage can be asked."""


Inquire = Callable[[Inquired], tuple[str, File]]
"""Return a coverage's payer and the question in its tongue.

Raises NotSupported, and Invalid for what the tongue has no words for.
"""
