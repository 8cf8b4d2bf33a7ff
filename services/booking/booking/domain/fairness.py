"""Who is asked first when anybody will do, and in which room: an order that can be explained.

The practitioner with the fewest minutes booked on that local day, turnover included; of those the
one idle longest; of those the first by id. The least general room (the fewest kinds), then by name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from booking.domain.availability import Busy
from clinic_contracts.booking.requests import PractitionerView

NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Load:
    """The minutes a practitioner has booked on a day, and until when they were last busy."""

    minutes: int = 0
    busy_until: datetime = NEVER


NOTHING = Load()


def loads(busy: Iterable[Busy], start: datetime, zone: ZoneInfo) -> dict[str, Load]:
    """Return what each practitioner has on the local day of a start; none are left out."""
    day = start.astimezone(zone).date()
    found: dict[str, Load] = {}
    for one in busy:
        if one.span.start.astimezone(zone).date() == day:
            before = found.get(one.resources.practitioner_id, NOTHING)
            until = before.busy_until
            if one.span.start < start:
                until = max(until, one.span.end)
            load = Load(before.minutes + _minutes(one), until)
            found[one.resources.practitioner_id] = load
    return found


def in_turn(people: Iterable[PractitionerView], load: Mapping[str, Load]) -> list[PractitionerView]:
    """Return practitioners in the order in which they are asked."""

    def turn(person: PractitionerView) -> tuple[int, datetime, str]:
        theirs = load.get(person.id, NOTHING)
        return theirs.minutes, theirs.busy_until, person.id

    return sorted(people, key=turn)


def explained(
    person: PractitionerView,
    people: Sequence[PractitionerView],
    load: Mapping[str, Load],
    rooms: int,
    zone: ZoneInfo,
) -> str | None:
    """Return in a sentence why this practitioner and room; None where there was no choice.

    ``people`` and so many ``rooms`` were free.
    """
    parts = []
    if len(people) > 1:
        theirs = load.get(person.id, NOTHING)
        since = theirs.busy_until.astimezone(zone)
        idle = "free until then" if theirs.busy_until == NEVER else f"free since {since:%H:%M}"
        parts.append(
            f"of {len(people)} practitioners free then, the one in turn: "
            f"{theirs.minutes} minutes booked that day, {idle}"
        )
    if rooms > 1:
        parts.append(f"of {rooms} rooms free then, the least general")
    return "; ".join(parts) or None


def _minutes(one: Busy) -> int:
    return int((one.span.end - one.span.start).total_seconds()) // 60
