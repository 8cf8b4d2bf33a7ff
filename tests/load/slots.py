"""The supply of free times: every number is a visit of its own, in no order a clinic would notice.

Pure, and the same for every contender: number 7 is the same visit in each of their databases.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

STRIDE = 1_000_003
"""A prime: number n stands for slot n * STRIDE (mod all), so that neighbours lie far apart."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A practitioner and the room they work in: one visit at a time takes both."""

    location_id: str
    practitioner_id: str
    room_id: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Every pair, on every day, at every time; times lie a visit and its turnover apart."""

    pairs: tuple[Pair, ...]
    first_day: date
    days: int
    times: tuple[str, ...]
    treatment_id: str
    clients: tuple[str, ...]

    def __len__(self) -> int:
        """Return how many visits there is room for."""
        return len(self.pairs) * self.days * len(self.times)

    def body(self, number: int) -> dict[str, str]:
        """Return what books visit ``number``; raises IndexError when the supply is used up."""
        if not 0 <= number < len(self):
            raise IndexError(f"{number} of {len(self)} slots")
        rest, pair = divmod(number * STRIDE % len(self), len(self.pairs))
        day, time = divmod(rest, len(self.times))
        chosen = self.pairs[pair]
        return {
            "location_id": chosen.location_id,
            "treatment_id": self.treatment_id,
            "practitioner_id": chosen.practitioner_id,
            "room_id": chosen.room_id,
            "client_id": self.clients[number % len(self.clients)],
            "local_start": f"{self.first_day + timedelta(days=day)}T{self.times[time]}",
        }

    def to_json(self) -> str:
        """Return the plan as another process reads it."""
        return json.dumps(asdict(self), default=str)


def from_json(text: str) -> Plan:
    """Return the plan that ``to_json`` wrote."""
    found: dict[str, Any] = json.loads(text)
    return Plan(
        pairs=tuple(Pair(**pair) for pair in found["pairs"]),
        first_day=date.fromisoformat(found["first_day"]),
        days=found["days"],
        times=tuple(found["times"]),
        treatment_id=found["treatment_id"],
        clients=tuple(found["clients"]),
    )


def times(opens: str, minutes: int, count: int) -> tuple[str, ...]:
    """Return ``count`` times of day, the first ``opens``, each ``minutes`` after the one before."""
    hours, past = map(int, opens.split(":"))
    starts = range(hours * 60 + past, hours * 60 + past + minutes * count, minutes)
    return tuple(f"{start // 60:02d}:{start % 60:02d}" for start in starts)
