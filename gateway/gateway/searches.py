"""What is kept of searches for a free time: dropped by the visits that may take or give one."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from gateway.days import visits_of
from gateway.kept import Kept

Period = tuple[str, str, str]
"""A location's id and dates between which visits matter to the search, both included."""
ONE_DAY = timedelta(days=1)
TAKES_TIME = frozenset({"pending", "booked", "arrived", "fulfilled"})
TAKEN_BY = "appointment_booked"
OF_NO_TIME = frozenset({"appointment_arrived", "appointment_unarrived", "appointment_fulfilled"})


class Searches(Kept[Period]):
    """Answers to searches for a free time.

    They also change without an event: a hold is placed, one expires, it gets too late to book. So
    they are kept for a few seconds at most.
    """

    longest_seconds = 5.0

    def seen(self, event: Any) -> None:  # noqa: ANN401 (JSON of whatever version)
        """Drop the searches an event may change; what cannot be told from it may be any."""
        visits = visits_of(event)
        if not visits:
            self.clear()
            return
        name = str(event.get("type")).split(".")[1:2]
        if not OF_NO_TIME.intersection(name):
            for visit in visits:
                self._drop(visit, only_takes=name == [TAKEN_BY])

    def changed(self, visit: Mapping[str, Any]) -> None:
        """Drop the searches that a visit, as an answer carries it, may change."""
        self._drop(visit, only_takes=visit.get("status") in TAKES_TIME)

    def moved(self, _visit: Mapping[str, Any]) -> None:
        """Drop every search: nobody here knows what time the visit gave up."""
        self.clear()

    def _drop(self, visit: Mapping[str, Any], *, only_takes: bool) -> None:
        """Drop the searches of the visit's location, and others that its practitioner may be in.

        Who is not in an answer may be in the next one once a time elsewhere is given up.
        """
        place, day = visit["location_id"], visit["local_start"][:10]
        who = str(visit.get("practitioner_id", "")).encode()
        for about in {*self.kept, *self.fetches}:
            location, first, last = about
            if first <= day <= last and (
                location == place
                or not only_takes
                or about in self.fetches
                or self.names(about, who)
            ):
                self.drop(about)


def period_of(asked: Mapping[str, str]) -> Period | None:
    """Return what a search is about, or None when it cannot be read.

    A day more on either side: for the turnover, the way from elsewhere, and other zones' dates.
    """
    try:
        first, last = (date.fromisoformat(asked[name][:10]) for name in ("from", "to"))
        return asked["location_id"], str(first - ONE_DAY), str(last + ONE_DAY)
    except (KeyError, ValueError, OverflowError):
        return None
