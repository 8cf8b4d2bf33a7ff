"""Whether a visit could be at a time if nothing else were booked, and why not."""

from collections.abc import Callable
from datetime import datetime, timedelta

from booking.domain import calendar, wall_time
from booking.domain.availability import Offering, Span
from booking.domain.calendar import Windows
from booking.domain.closure import Closure
from booking.domain.ticks import TICK, Day, Mask, runs, timeline, union
from clinic_contracts.booking.calendar import OnlineRules
from clinic_contracts.booking.requests import LocationView, PractitionerView
from clinic_contracts.errors import NotBookable


class Board:
    """The days of a period at an offering's location: when it is open, and when who is there.

    Search and claim both ask ``starts``; ``why_not`` tells of the same masks.
    """

    def __init__(self, offering: Offering, start: datetime, end: datetime) -> None:
        location = offering.location
        there = location.timezone
        first, last = (wall_time.at_offset(at, there).date() for at in (start, end))
        self.offering = offering
        self.line = timeline(first, last, there)
        self.openings = calendar.openings(location, offering.calendar.holiday)
        self.hours = union(day.within(self.openings.on(day.date).windows) for day in self.line.days)
        self.closed = self._shut(location.id)
        self.windows: dict[str, list[Windows]] = {}

    def starts(self, person: PractitionerView, *, offered: bool = False) -> Mask:
        """Return when the practitioner could start the treatment; as ``offered``, by the grid."""
        if self.offering.treatment.id not in person.treatment_ids:
            return 0
        could = runs(self.works(person), self.offering.treatment.duration // TICK)
        return could & self._shifts(person, Day.grid) if offered else could

    def works(self, person: PractitionerView) -> Mask:
        """Return when the practitioner is there to give treatments."""
        free = self.hours & ~self.closed & ~self._shut(person.id)
        return free & self._shifts(person, Day.within)

    def why_not(self, person: PractitionerView, start: datetime) -> NotBookable:
        """Return why the practitioner cannot start the treatment then."""
        treatment, place = self.offering.treatment, self.offering.location.name
        if treatment.id not in person.treatment_ids:
            detail = f"{person.name} does not give {treatment.name}"
            return NotBookable(detail, reason="not_offered")
        end = start + timedelta(minutes=treatment.duration)
        visit = self.line.span(start, end)
        if (closure := self._in_the_way(self.offering.location.id, start, end)) is not None:
            return _closed(place, closure)
        local = wall_time.at_offset(start, self.offering.location.timezone)
        if (closed := self.openings.on(local.date()).closed) is not None:
            return closed
        if visit & ~self.hours:
            detail = f"{place} is not open for the whole visit"
            return NotBookable(detail, reason="outside_hours")
        if (absence := self._in_the_way(person.id, start, end)) is not None:
            detail = f"{person.name} is away then"
            return NotBookable(detail, reason="absent", closure_id=absence.id)
        detail = f"{person.name} is not on shift for the whole visit"
        return NotBookable(detail, reason="outside_shift")

    def _shifts(self, person: PractitionerView, mask: Callable[[Day, Windows], Mask]) -> Mask:
        if person.id not in self.windows:
            works = calendar.roster(person, self.offering.location.id)
            self.windows[person.id] = [works.on(day.date) for day in self.line.days]
        return union(map(mask, self.line.days, self.windows[person.id]))

    def _shut(self, owner_id: str) -> Mask:
        closures = self.offering.calendar.of(owner_id)
        return union(self.line.span(each.start, each.end) for each in closures)

    def _in_the_way(self, owner_id: str, start: datetime, end: datetime) -> Closure | None:
        closures = self.offering.calendar.of(owner_id)
        return next((each for each in closures if each.overlaps(start, end)), None)


def refuse_if_nobody_could(offering: Offering, start: datetime) -> None:
    """Raise NotBookable when the visit could not start then even if nothing else were booked."""
    treatment, place = offering.treatment, offering.location.name
    if not offering.practitioners:
        raise NotBookable(f"nobody gives {treatment.name} at {place}", reason="not_offered")
    if not offering.rooms:
        raise NotBookable("no room there suits the treatment", reason="no_room")
    if not offering.units:
        detail = f"{place} has no {treatment.equipment_kind}, which {treatment.name} needs"
        raise NotBookable(detail, reason="no_equipment")
    _refuse_outside(offering.window, offering.location.online, start)
    board = _board(offering, start)
    if not _able(board, start):
        raise board.why_not(offering.practitioners[0], start)


def able(offering: Offering, start: datetime) -> list[PractitionerView]:
    """Return who could start the treatment then if nothing else were booked."""
    return _able(_board(offering, start), start)


def _board(offering: Offering, start: datetime) -> Board:
    return Board(offering, start, start + timedelta(minutes=offering.treatment.duration))


def _able(board: Board, start: datetime) -> list[PractitionerView]:
    then = board.line.span(start, start + timedelta(minutes=TICK))
    return [person for person in board.offering.practitioners if board.starts(person) & then]


def online_window(location: LocationView, now: datetime) -> Span | None:
    """Return when a visit that a client books online now may start; None: whenever."""
    rules = location.online
    if rules is None:
        return None
    today = wall_time.at_offset(now, location.timezone).date()
    last = today + timedelta(days=rules.horizon_days)
    notice = timedelta(minutes=rules.minimum_notice_minutes)
    return Span(now + notice, wall_time.day_bounds(last, location.timezone)[1])


def _refuse_outside(window: Span | None, rules: OnlineRules | None, start: datetime) -> None:
    if window is None or rules is None:
        return
    if start < window.start:
        hours, minutes = divmod(rules.minimum_notice_minutes, 60)
        detail = f"online, visits are booked at least {hours} h {minutes} min ahead"
        raise NotBookable(detail, reason="too_soon")
    if start >= window.end:
        detail = f"online, visits are booked up to {rules.horizon_days} days ahead"
        raise NotBookable(detail, reason="too_far")


def _closed(place: str, closure: Closure) -> NotBookable:
    detail = f"{place} is closed then: {closure.reason}"
    return NotBookable(detail, reason="closed", closure_id=closure.id)
