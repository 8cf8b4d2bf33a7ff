"""What a visit takes, and who and what could give it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from booking.domain.calendar import NOTHING_SPECIAL, Calendar
from clinic_contracts.booking.requests import LocationView, PractitionerView, Room, TreatmentView


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open ``[start, end)``; ``end`` includes the turnover."""

    start: datetime
    end: datetime

    @property
    def whole_days(self) -> "Span":
        """The days of UTC that it touches, from midnight to midnight."""
        day = timedelta(days=1)
        first, last = (at.astimezone(UTC) for at in (self.start, self.end))
        return Span(_midnight(first), _midnight(last + day - timedelta.resolution))

    def overlaps(self, other: "Span") -> bool:
        """Say whether the two share a moment."""
        return self.start < other.end and other.start < self.end


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Resources:
    """What a visit takes together: a practitioner, a room and perhaps a unit of equipment."""

    practitioner_id: str
    room_id: str
    equipment_id: str | None = None
    choice: str | None = field(default=None, compare=False)
    """Why these, where others were free too."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all of them."""
        both = (self.practitioner_id, self.room_id)
        return both if self.equipment_id is None else (*both, self.equipment_id)


@dataclass(frozen=True, slots=True)
class Busy:
    """Resources that an appointment takes for a span."""

    appointment_id: str
    location_id: str
    resources: Resources
    span: Span
    visit_end: datetime
    client_id: str | None = None
    """Whose visit it is, when the client cannot be elsewhere meanwhile."""
    overlaps: tuple[str, ...] = ()
    """The visits it overlaps on purpose."""


@dataclass(frozen=True, slots=True)
class Offering:
    """A treatment at a location, and who could give it.

    ``kept_unit`` is the unit of equipment that a visit to be moved holds at this very time: it
    keeps it even when the location has fewer units by now. ``window`` is when the visit may start,
    for a client who books online.
    """

    location: LocationView
    treatment: TreatmentView
    practitioners: tuple[PractitionerView, ...]
    kept_unit: str | None = None
    calendar: Calendar = NOTHING_SPECIAL
    ways: Mapping[str, int] = field(default_factory=dict)
    """The minutes to each other location where a practitioner may have a visit."""
    window: Span | None = None

    @property
    def rooms(self) -> tuple[Room, ...]:
        """The rooms the treatment can be given in, the least general first."""
        kind = self.treatment.room_kind
        fit = (room for room in self.location.rooms if kind is None or kind in room.kinds)
        return tuple(sorted(fit, key=lambda room: (len(room.kinds), room.name, room.id)))

    @property
    def units(self) -> tuple[str | None, ...]:
        """The units of equipment it can be given with; None stands for "needs none"."""
        found = self._pool()
        return found if self.kept_unit in {None, *found} else (self.kept_unit, *found)

    @property
    def leaves_a_choice(self) -> bool:
        """Say whether there is more than one way to give it."""
        return len(self.practitioners) * len(self.rooms) * len(self.units) > 1

    def span(self, start: datetime) -> Span:
        """Return what a visit that starts then would take, turnover included."""
        minutes = self.treatment.duration + self.treatment.turnover
        return Span(start, start + timedelta(minutes=minutes))

    def within_reach(self, span: Span) -> Span:
        """Return in which span all lies that can stand in the way of a start in this one."""
        way = timedelta(minutes=max(self.ways.values(), default=0))
        return Span(span.start - way, self.span(span.end).end + way)

    def _pool(self) -> tuple[str | None, ...]:
        kind = self.treatment.equipment_kind
        if kind is None:
            return (None,)
        count = sum(pool.count for pool in self.location.equipment if pool.kind == kind)
        return tuple(f"eq_{self.location.id}_{kind}_{number}" for number in range(1, count + 1))
