"""What the use cases need of the outside, said by them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from client_profile.domain.clients import Client
from clinic_contracts.client_profile.access_log import AccessPage, ReadAccessLog, Viewed
from clinic_contracts.client_profile.alerts import AlertView
from clinic_contracts.client_profile.events import ClientChanged, ConsentChanged, CoverageChanged
from clinic_contracts.client_profile.referrals import ReferralView
from clinic_contracts.client_profile.requests import ClientName, ConsentView, CoverageView
from clinic_contracts.context import CallContext

C = TypeVar("C", AlertView, ReferralView)


class HealthNumberKnownError(Exception):
    """Another client has this health number."""


class Clients(Protocol):
    """Clients, their coverages and consents."""

    def add(self, client: Client, event: ClientChanged, context: CallContext) -> Client:
        """Add, or return what a first try added; raises HealthNumberKnownError."""

    def get(self, id_: str) -> Client | None:
        """Return one, or None."""

    def save(self, client: Client, event: ClientChanged, context: CallContext) -> bool:
        """Save over ``client.version``; False when stale; raises HealthNumberKnownError."""

    def get_plain(self, id_: str) -> Client | None:
        """Return one without the health number, which stays sealed, or None."""

    def place(self, client: Client, event: ClientChanged, context: CallContext) -> bool:
        """Save a client's locations over ``client.version``; False when stale."""

    def search(
        self,
        words: Sequence[str],
        number: str | None,
        cursor: str | None,
        limit: int,
        scope: Sequence[str] | None,
    ) -> tuple[list[Client], str | None]:
        """Return up to ``limit``, by name, whose words begin so, or the health number's owner.

        Of those at one of the locations of ``scope``, or at none; None means of all.

        With them the cursor of the next page, if there is one; raises Invalid for a cursor that
        is none.
        """

    def names(self, ids: Sequence[str]) -> list[tuple[ClientName, tuple[str, ...]]]:
        """Return the names of those that are known, and the locations of each."""

    def add_coverage(
        self, coverage: CoverageView, event: CoverageChanged, context: CallContext
    ) -> CoverageView:
        """Add, or return what a first try added."""

    def coverage(self, id_: str, operation_id: str) -> tuple[CoverageView, bool] | None:
        """Return one and whether this operation was applied to it already, or None."""

    def save_coverage(
        self, coverage: CoverageView, event: CoverageChanged, context: CallContext
    ) -> bool:
        """Save over ``coverage.version``; False when stale."""

    def coverages(self, client_id: str) -> list[CoverageView]:
        """Return a client's coverages in order of payment."""

    def record_consent(
        self, consent: ConsentView, event: ConsentChanged, context: CallContext
    ) -> ConsentView:
        """Put a consent in force, keeping those before it as evidence.

        Returns what a first try of the same operation recorded; raises ServiceUnavailable.
        """

    def consents(self, client_id: str) -> list[ConsentView]:
        """Return a client's consents, newest first."""


class Charts(Protocol):
    """What clients' charts hold so far: alerts and referrals."""

    def add(self, view: C, event: Any, context: CallContext) -> C:  # noqa: ANN401
        """Add, or return what a first try added."""

    def get(self, kind: type[C], id_: str, operation_id: str) -> tuple[C, bool] | None:
        """Return one and whether this operation was applied to it already, or None."""

    def save(self, view: C, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Save over ``view.version``; False when stale."""

    def of(self, kind: type[C], client_id: str) -> list[C]:
        """Return a client's, in the order in which they came."""


class AccessLog(Protocol):
    """Who looked at which client's record."""

    def record(self, client_id: str, what: Viewed, context: CallContext, at: datetime) -> None:
        """Keep that somebody saw something, once a minute."""

    def page(self, request: ReadAccessLog) -> AccessPage:
        """Return a page, the latest first; raises Invalid for a cursor that is none."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a use case of client_profile works with."""

    clients: Clients
    charts: Charts
    context: CallContext
    now: datetime
    normal_phone: Callable[[str], str | None]
    """Return a phone number as E.164, or None when it cannot be one."""
    derived_id: Callable[..., str]
    """Return the one id that belongs to a prefix and parts."""
