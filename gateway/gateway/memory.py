"""What this process keeps of booking's answers, and what it hears of their changes."""

from collections.abc import Mapping
from typing import Any

from gateway.days import Days
from gateway.searches import Searches

OF_THE_WAITLIST = ("booking.offer_", "booking.waitlist_")


class Memory:
    """Days and searches; both hear of each event and of each write through this gateway."""

    def __init__(self) -> None:
        self.days = Days()
        self.searches = Searches()
        self.all = (self.days, self.searches)

    def seen(self, event: Any) -> None:  # noqa: ANN401 (JSON of whatever version)
        """Drop what an event may change; what is offered to whom changes no visit."""
        if isinstance(event, dict) and str(event.get("type")).startswith(OF_THE_WAITLIST):
            return
        for kept in self.all:
            kept.seen(event)

    def changed(self, visit: Mapping[str, Any]) -> None:
        """Drop what a visit that was written may change."""
        for kept in self.all:
            kept.changed(visit)

    def moved(self, visit: Mapping[str, Any]) -> None:
        """Drop what a visit that was moved, from wherever, may change."""
        for kept in self.all:
            kept.moved(visit)

    def clear(self) -> None:
        """Drop everything."""
        for kept in self.all:
            kept.clear()

    def connected(self) -> None:
        """Keep answers from now on."""
        for kept in self.all:
            kept.connected()

    def lost(self) -> None:
        """Keep none: nobody would say when they change."""
        for kept in self.all:
            kept.lost()
