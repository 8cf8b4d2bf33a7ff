"""What the use cases need of the outside, said by them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol, TypeVar

from booking.domain.appointment import Appointment
from booking.domain.availability import Busy, Span
from booking.domain.bulk_move import BulkMove
from booking.domain.clients import Known
from booking.domain.closure import Closure
from booking.domain.feed import Feed
from booking.domain.recurrence import Recur
from booking.domain.series import Series
from booking.domain.utilisation import Booked, Shut
from booking.waitlist_ports import Waitlist
from clinic_contracts.booking.closures import AffectedVisit
from clinic_contracts.booking.requests import LocationView, PractitionerView, TreatmentView
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event

Settable = LocationView | PractitionerView | TreatmentView
S = TypeVar("S", LocationView, PractitionerView, TreatmentView)


Change = tuple[Appointment, Any]
"""A visit as it is to be, and the event that tells of it."""


class ClaimTakenError(Exception):
    """Somebody else holds a resource at that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentQuery:
    """Which appointments; ``location_ids`` None means of every location.

    ``local_from`` and ``local_to`` bound the wall time at each visit's own location.
    """

    location_ids: tuple[str, ...] | None
    start: datetime | None = None
    end: datetime | None = None
    local_from: datetime | None = None
    local_to: datetime | None = None
    practitioner_id: str | None = None
    client_id: str | None = None
    series_id: str | None = None
    status: str | None = None
    statuses: tuple[str, ...] = ()
    ended_by: datetime | None = None
    double_booked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanting:
    """The resources that could be taken for a span, and whose time matters too, if anybody's."""

    practitioner_ids: tuple[str, ...]
    room_ids: tuple[str, ...]
    equipment_ids: tuple[str, ...]
    span: Span
    client_id: str | None = None
    claims: tuple[str, ...] = ()
    """Of what is wanted right then: the index on claims tells who has any, and nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """Booked visits by another edition of the zone data than ``edition``, from ``since`` on.

    ``location_ids`` None means of every location; ``latest_first`` turns their order round.
    """

    edition: str
    since: datetime
    location_ids: tuple[str, ...] | None
    latest_first: bool = False


class Settings(Protocol):
    """Locations, practitioners and treatments."""

    def add(self, view: Settable, event: Any, context: CallContext) -> Settable:  # noqa: ANN401
        """Add it, or return the one a first try of the same operation added."""

    def get(self, kind: type[S], id_: str) -> S | None:
        """Return one, or None."""

    def known(self, kind: type[S], id_: str) -> S | None:
        """Return one, or None, as it was at most a second ago."""

    def save(self, view: Settable, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Replace the stored version by the next; False when the stored one is another."""

    def get_for_change(self, kind: type[S], id_: str, operation_id: str) -> tuple[S, bool] | None:
        """Return one and whether this operation was applied to it already, or None."""

    def page(
        self, kind: type[S], cursor: str | None, limit: int, scope: Sequence[str] | None
    ) -> tuple[tuple[S, ...], str | None]:
        """Return up to ``limit``, by name, of those that locations of the scope have.

        With it the cursor of the next page, if there is one; raises Invalid for a cursor that
        is none.
        """

    def names(self, kind: type[S], ids: Iterable[str]) -> dict[str, str]:
        """Return the names of those of the ids that exist."""

    def colleagues(self, location_id: str) -> list[PractitionerView]:
        """Return who works at the location, as it was at most a second ago."""

    def practitioners_at(self, location_id: str) -> list[PractitionerView]:
        """Return who works at the location."""


class Appointments(Protocol):
    """The appointments and the claims they hold."""

    def add(self, made: Appointment, event: Any, context: CallContext) -> Appointment:  # noqa: ANN401
        """Insert, or return the one of that id that is there; raises ClaimTakenError."""

    def get(self, id_: str) -> Appointment | None:
        """Return one, or None."""

    def last_event(self, id_: str, until: datetime) -> Event | None:
        """Return the last event of one at or before an instant, or None."""

    def events(self, id_: str, most: int) -> list[Event]:
        """Return the events of one in order, the latest ``most``."""

    def event_of(self, id_: str, version: int) -> Event | None:
        """Return the event by which one came to a version, or None."""

    def save(self, changed: Appointment, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Save over ``changed.version``; False when stale; raises ClaimTakenError."""

    def save_together(
        self, saved: Sequence[Change], context: CallContext, made: Change | None = None
    ) -> bool:
        """Save each over its version, in order, and insert ``made``: all of it or nothing.

        False when one is stale or ``made`` is there; raises ClaimTakenError.
        """

    def release(self, held: Appointment) -> bool:
        """Give a hold's time back; False when it is none any more."""

    def drop_expired(self, claims: Sequence[str], now: datetime) -> bool:
        """Remove the holds that have expired and still have any of the claims; say if any had."""

    def busy(self, wanting: Wanting, now: datetime) -> list[Busy]:
        """Return what holds any of the resources in the span, by start, expired holds not.

        With a client, also that client's visits at places where clients are in one place.
        """

    def busy_for_all(self, wanting: Wanting, now: datetime) -> Sequence[Busy]:
        """Return the same; who asks for the same at once shares a look begun after all asked."""

    def to_come(self, room_ids: Iterable[str], now: datetime) -> dict[str, int]:
        """Count the visits still to come, or under way, in each of the rooms that has any."""

    def page(
        self, query: AppointmentQuery, cursor: str | None, limit: int
    ) -> tuple[list[Appointment], str | None]:
        """Return up to ``limit``, by start, and the cursor of the next page, if there is one.

        Raises Invalid for a cursor that is none.
        """

    def stream(self, query: AppointmentQuery, cursor: str | None) -> Iterator[Appointment]:
        """Yield them all, by start, from a cursor on; raises Invalid for one that is none."""

    def cursor_after(self, visit: Appointment) -> str:
        """Return the cursor of what follows a visit in a list by start."""


class BulkMoves(Protocol):
    """The bulk moves that were begun."""

    def add(self, made: BulkMove) -> BulkMove:
        """Keep a plan, or return the one of that id that is kept."""

    def get(self, id_: str) -> BulkMove | None:
        """Return one, or None."""


class Closures(Protocol):
    """Closures of locations and absences of practitioners."""

    def of(
        self, location_id: str, practitioner_ids: Sequence[str], span: Span | None = None
    ) -> Sequence[Closure]:
        """Return those of the location and the practitioners that are not over and not withdrawn.

        Of a span those that share a moment with it. As it was at most a second ago.
        """

    def add(self, closure: Closure, event: Any, context: CallContext) -> Closure:  # noqa: ANN401
        """Add it, or return the one a first try of the same operation added."""

    def get(self, id_: str) -> Closure | None:
        """Return one, or None."""

    def save(self, closure: Closure, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Save over ``closure.version``; False when stale."""

    def count_upcoming(self, owner_id: str) -> int:
        """Count those of an owner that are not over and not withdrawn."""

    def hit_by(
        self, closure: Closure, location_ids: Sequence[str] | None, limit: int
    ) -> list[AffectedVisit]:
        """Return up to ``limit`` live visits to come that it hits, at these locations, by start."""

    def page(
        self, owner_id: str, cursor: str | None, limit: int, *, past: bool
    ) -> tuple[list[Closure], str | None]:
        """Return up to ``limit`` not withdrawn, by end, and the cursor of the next page if any.

        Raises Invalid for a cursor that is none.
        """


class Holidays(Protocol):
    """Statutory holidays by region, such as ``CA-BC``."""

    def has(self, region: str) -> bool:
        """Say whether the region's holidays are known."""

    def name(self, region: str, day: date) -> str | None:
        """Return the name of the holiday the day is there, if it is one."""


class Editions(Protocol):
    """The appointments by the edition of the zone data that their instants were found by."""

    def page(
        self, wanted: Outdated, cursor: str | None, limit: int
    ) -> tuple[list[Appointment], str | None]:
        """Return up to ``limit`` and the cursor of the next page, if there is one.

        By edition, and of each by start. Raises Invalid for a cursor that is none.
        """

    def holding(self, claims: Iterable[str]) -> list[Appointment]:
        """Return what has any of the claims."""

    def move(self, changes: Sequence[Change], context: CallContext) -> set[str]:
        """Save visits, each over its version, in order; return the ids of those that were.

        The others are stale, or somebody else has what they take.
        """

    def confirm(self, visits: Sequence[Appointment], edition: str) -> int:
        """Record that ``edition`` gives the same instants; return of how many, still unchanged.

        That is no change of the visits: no event tells of it, and their versions stay.
        """


class Clients(Protocol):
    """What other services said of clients."""

    def known(self, client_id: str) -> Known:
        """Return all that was heard of a client."""


class Feeds(Protocol):
    """Practitioners' calendar feeds."""

    def add(self, feed: Feed) -> None:
        """Keep a new one."""

    def known_by(self, fingerprint: str) -> Feed | None:
        """Return the one whose secret has the fingerprint, or None."""

    def of(self, practitioner_id: str) -> list[Feed]:
        """Return a practitioner's, the oldest first."""

    def remove(self, practitioner_id: str, id_: str) -> bool:
        """Forget one; False when there is none."""


class SeriesBook(Protocol):
    """Series, each written together with its visits: all of it or nothing."""

    def get(self, id_: str) -> Series | None:
        """Return one, or None."""

    def visits(self, ids: Sequence[str]) -> dict[str, Appointment]:
        """Return those of the visits that there are."""

    def add(self, series: Series, made: Sequence[Change], context: CallContext) -> bool:
        """Insert a series and its visits; False when it is there; raises ClaimTakenError."""

    def save(
        self,
        series: Series,
        made: Sequence[Change],
        changed: Sequence[Change],
        context: CallContext,
    ) -> bool:
        """Save a series and its changed visits over their versions, and insert those made.

        False when one is stale; raises ClaimTakenError. Changed visits may change places.
        """


Whose = Literal["practitioner_id", "room_id"]


class Usage(Protocol):
    """What was booked in a period, and what was shut."""

    def booked(self, location_id: str, whose: Whose, period: Span) -> dict[str, Booked]:
        """Return what each practitioner or room has of a period."""

    def shut(self, owner_ids: Sequence[str], period: Span) -> list[Shut]:
        """Return the closures and absences that share a moment with a period, also past ones."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a use case of booking works with."""

    settings: Settings
    appointments: Appointments
    closures: Closures
    holidays: Holidays
    editions: Editions
    clients: Clients
    feeds: Feeds
    bulk_moves: BulkMoves
    series: SeriesBook
    recur: Recur
    usage: Usage
    context: CallContext
    now: datetime
    tzdata: str
    waitlist: Waitlist
    offer_token: Callable[[str], str]
    """Return the secret token of an offer."""
    derived_id: Callable[..., str]
    """Return the one id that belongs to a prefix and parts."""
