"""Recurring visits: one rule, in the wall time of the location, and the visits it stands for."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from clinic_contracts.booking.requests import AlertIds, AppointmentView, PractitionerChoice
from clinic_contracts.constraints import (
    UNSET,
    ExpectedVersion,
    Id,
    Note,
    PathId,
    Range,
    Text,
    Unset,
    WallTime,
)

MOST_VISITS = 104
"""Two years of weekly visits."""
Recurrence = Annotated[
    str, Text(max=200, pattern=r"[A-Za-z0-9=;:,+-]+", hint="a rule such as FREQ=WEEKLY;INTERVAL=2")
]
Until = Annotated[
    str,
    Text(
        max=35,
        pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?",
        hint="a date such as 2027-10-31, or a wall time such as 2027-10-31T16:00",
    ),
]
Count = Annotated[int, Range(1, MOST_VISITS)]
OnClosure = Literal["skip", "shift"]
OnConflict = Literal["all_or_nothing", "book_free"]
Scope = Literal["this", "following", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesTemplate:
    """What each visit of a series is."""

    location_id: Id
    treatment_id: Id
    practitioner_id: PractitionerChoice = "any"
    client_id: Id
    room_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSeries:
    """Book recurring visits, at most 104 and three years of them.

    ``rrule`` is an RFC 5545 rule of FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, BYDAY,
    BYMONTHDAY and BYSETPOS, in the location's wall time: 16:00 stays 16:00 when clocks change. A
    month without the rule's day has its visit on its last day. The series begins at ``local_start``
    or, when the rule does not meet it, where it does first afterwards. It ends after ``count``
    visits or with ``until`` (inclusive); either may stand in the rule instead.

    On a day that is closed ``on_closure`` skips the visit, or shifts it to the next day on which it
    could be given, within six days and before the rule's next. What cannot be had is a conflict:
    nothing is booked then (``all_or_nothing``), or what is free (``book_free``). ``dry_run`` tells
    what would be, as ``proposed`` appointments, and keeps nothing. ``acknowledge_alerts`` are the
    client's alerts that were read, for each visit.
    """

    template: SeriesTemplate
    rrule: Recurrence
    local_start: WallTime
    count: Count | None = None
    until: Until | None = None
    on_closure: OnClosure = "skip"
    conflicts: OnConflict = "all_or_nothing"
    acknowledge_alerts: AlertIds = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSeries:
    """One series and its visits."""

    series_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSeries:
    """Move one visit of a series (``this``), or what of it is still to come.

    ``following`` begins with ``appointment_id``, ``all`` with the first visit to come. Visits that
    were moved one by one stay where they are; those that were not had are tried again.
    ``local_start`` gives the time of day; another day needs the ``rrule`` from then on, of which
    ``local_start`` is the beginning. The number of visits stays. ``room_id`` null: any room.
    """

    series_id: PathId
    expected_version: ExpectedVersion | None = None
    scope: Scope
    appointment_id: Id | None = None
    local_start: WallTime | Unset = UNSET
    rrule: Recurrence | Unset = UNSET
    practitioner_id: PractitionerChoice | Unset = UNSET
    room_id: Id | Unset | None = UNSET
    conflicts: OnConflict = "all_or_nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSeries:
    """Call off one visit of a series, one and all that follow, or all that are still to come.

    Each under its own cancellation policy; those moved one by one are among them.
    """

    series_id: PathId
    scope: Scope
    appointment_id: Id | None = None
    reason: Note | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflowSeries:
    """Put the visits to come where rule and closures place them now, or say what that would do.

    Visits that a closure hits are called off (``skip``) or moved (``shift``); those skipped or
    shifted for a closure that is gone are booked, or moved back, where that is free.
    """

    series_id: PathId
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPart:
    """From which wall time on the series follows which rule, with whom and where."""

    from_: WallTime
    rrule: str
    practitioner_id: str
    room_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedVisit:
    """A wall time of the rule on which the location is closed."""

    on: WallTime
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesConflict:
    """A visit of the rule that cannot be had, and why.

    ``local_start`` is where it was tried, the rule's ``on`` unless a closure shifted it;
    ``appointment_id`` the visit that stays where it is, if there is one. ``blocked_by`` and
    ``alternatives`` are those of ``slot_taken``, told once: they age.
    """

    on: WallTime
    local_start: WallTime
    code: str
    detail: str
    reason: str | None = None
    appointment_id: str | None = None
    blocked_by: tuple[dict[str, Any], ...] = ()
    alternatives: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChange:
    """What a call did to one visit, or would do; ``left`` says in ``reason`` why it was left."""

    on: WallTime
    change: Literal["booked", "moved", "cancelled", "left"]
    appointment_id: str | None = None
    from_: WallTime | None = None
    to: WallTime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    """A series: its visits by start, what of the rule has none, and what the call changed.

    A dry run's has no ``id``: it is kept nowhere.
    """

    id: str | None
    version: int
    template: SeriesTemplate
    parts: tuple[SeriesPart, ...]
    timezone: str
    on_closure: str
    appointments: tuple[AppointmentView, ...]
    conflicts: tuple[SeriesConflict, ...]
    skipped: tuple[SkippedVisit, ...]
    changes: tuple[SeriesChange, ...] = ()
