"""What is kept about a location's day: dropped by the visits that are, or were, on that day."""

from collections.abc import Mapping
from typing import Any

from gateway.kept import Kept

Day = tuple[str, str]
"""A location's id and a date there, such as ``2026-12-01``."""


class Days(Kept[Day]):
    """Answers about one day of one location."""

    def seen(self, event: Any) -> None:  # noqa: ANN401 (JSON of whatever version)
        """Drop the days an event is about; what cannot be told from it may be any."""
        days = [_day(visit) for visit in visits_of(event)]
        if not days:
            self.clear()
        for day in days:
            self.drop(day)

    def changed(self, visit: Mapping[str, Any]) -> None:
        """Drop the day of a visit, as events and answers carry it."""
        self.drop(_day(visit))

    def moved(self, visit: Mapping[str, Any]) -> None:
        """Drop the day of a visit and the one it was moved from, whichever that was."""
        name = str(visit["id"]).encode()
        for day in [day for day in self.kept if self.names(day, name)]:
            self.drop(day)
        self.fetches.clear()
        self.changed(visit)


def visits_of(event: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 (JSON of whatever version)
    """Return the visits that an event is about as they are and were; none if it cannot be told."""
    try:
        data = event["data"]
        visits = [data[name] for name in ("visit", "previous") if name in data]
        whole = all(visit["location_id"] and visit["local_start"] for visit in visits)
    except (KeyError, TypeError):
        return []
    return visits if whole else []


def _day(visit: Mapping[str, Any]) -> Day:
    return visit["location_id"], visit["local_start"][:10]
