"""What all who follow the feed share: each journal is read once, when its service told something.

A passing event only says that there is more to read. What is shown comes out of the journals, in
their order, so a cursor is at each moment the place up to which everything was shown: an event on
its way in the broker can overtake another, which a journal's positions never do.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import eventlet
from eventlet.event import Event
from prometheus_client import Gauge

from clinic_contracts.errors import ServiceUnavailable
from clinic_runtime import feed
from clinic_runtime.clock import now
from clinic_runtime.feed import FeedPage, Reached
from clinic_runtime.observability import get_logger
from gateway.streaming.blocks import Batch, Ring

log = get_logger(__name__)
FOLLOWERS = Gauge("clinic_stream_followers", "Event streams that are open")
APART_SECONDS = 0.2
"""Between two rounds of telling: what comes meanwhile is told together."""
LOOK_SECONDS = 5.0
"""After which a journal is looked at though nothing passed."""
EVENTS_A_READ = 500
TOLD_AT_ONCE = 20
"""Followers woken in one turn of the hub, so that requests come in between."""
RETRY_AFTER = 5

Read = Callable[[str, Reached], FeedPage]
"""Reads on in one service's journal."""


class Follower(Protocol):
    """Somebody who is told when there is more."""

    due_at: float

    def wake(self) -> None:
        """Have it look."""


class Live:
    """The newest of all journals, while anybody follows."""

    def __init__(self, services: Sequence[str]) -> None:
        """Take whose journals there are."""
        self.services = services
        self.open: Counter[str] = Counter()
        self.followers: dict[Follower, None] = {}
        self.threads: list[Any] = []
        self.more: dict[str, Event] = {}
        self.looked: dict[str, Event] = {}
        self.news = Event()
        self.ring = Ring()
        self.reached: Reached = {}

    # What ``Passing`` shows.

    def seen(self, event: Any) -> None:  # noqa: ANN401 (JSON of whatever version)
        """Have the journal of who told it read on."""
        told = event.get("source") if isinstance(event, dict) else None
        self._look([each for each in self.services if each == told] or self.services)

    def connected(self) -> None:
        """Have all journals read on: something may have passed unseen."""
        self._look(self.services)

    def lost(self) -> None:
        """Wait: what is told meanwhile stands in the journals."""

    # What followers do.

    def admit(self, caller: str, most: int, most_of_one: int) -> None:
        """Count one more stream of a caller; raises ServiceUnavailable when there are too many."""
        if self.open.total() >= most or self.open[caller] >= most_of_one:
            raise ServiceUnavailable("too many event streams are open", retry_after=RETRY_AFTER)
        self.open[caller] += 1
        FOLLOWERS.inc()

    def dismiss(self, caller: str) -> None:
        """Count one less."""
        self.open[caller] -= 1
        self.open += Counter()  # drops those at 0
        FOLLOWERS.dec()

    def join(self, follower: Follower, read: Read) -> None:
        """Wake a follower from now on; the first one's ``read`` is what all follow by."""
        self.followers[follower] = None
        if not self.threads:
            self.ring = Ring()
            self.reached = feed.begin(self.services, now())
            self.more = {service: Event() for service in self.services}
            self.looked = {service: Event() for service in self.services}
            self.threads = [eventlet.spawn(self._follow, each, read) for each in self.services]
            self.threads += [eventlet.spawn(self._tell), eventlet.spawn(self._beat)]

    def leave(self, follower: Follower) -> None:
        """Wake a follower no more; with the last one the reading ends."""
        self.followers.pop(follower, None)
        if not self.followers:
            threads, self.threads = self.threads, []
            for thread in threads:
                thread.kill()

    def read_up_to(self, service: str, position: int) -> bool:
        """Say whether a journal is read up to a position, if need be by waiting for two looks.

        Of the first look it is not known whether it had begun before.
        """
        for _ in range(2):
            if self._is_read(service, position):
                return True
            looked = self.looked[service]
            self._look([service])
            looked.wait()
        return self._is_read(service, position)

    @property
    def cursor(self) -> str:
        """The place up to which all is in the ring, or was."""
        return feed.encode(self.reached)

    def _is_read(self, service: str, position: int) -> bool:
        reached = self.reached[service]
        return isinstance(reached, int) and reached >= position

    def _look(self, services: Sequence[str]) -> None:
        for service in services:
            more = self.more.get(service)
            if more is not None and not more.ready():
                more.send(None)

    def _follow(self, service: str, read: Read) -> None:
        while True:
            self.more[service] = Event()
            began = time.monotonic()
            try:
                while self._read_on(service, read):
                    pass
            except Exception as error:  # noqa: BLE001 (whatever it is, it is read later)
                log.warning("stream.not_read", of=service, error=type(error).__name__)
            looked, self.looked[service] = self.looked[service], Event()
            looked.send(None)
            with eventlet.Timeout(LOOK_SECONDS, exception=False):
                self.more[service].wait()
            eventlet.sleep(max(0.0, began + APART_SECONDS - time.monotonic()))

    def _read_on(self, service: str, read: Read) -> bool:
        """Read a page; say whether there is more."""
        page = read(service, {service: self.reached[service]})
        if page.unavailable:
            return False
        head, reached = page.heads[service], self.reached[service]
        if isinstance(reached, int) and head < reached:  # the database was put back
            self.reached[service] = head
            self.ring.forget()
            self._has_news()
            return False
        events = []
        for row in page.rows:
            self.reached[service] = row.position
            events.append((self.cursor, row.event))
        self.reached[service] = page.reached[service]
        if events:
            self.ring.add(Batch(events))
            self._has_news()
        return page.left > 0

    def _has_news(self) -> None:
        if not self.news.ready():
            self.news.send(None)

    def _tell(self) -> None:
        while True:
            self.news.wait()
            self.news = Event()
            self._wake(list(self.followers))
            eventlet.sleep(APART_SECONDS)

    def _beat(self) -> None:
        while True:
            eventlet.sleep(1.0)
            at = time.monotonic()
            self._wake([each for each in self.followers if each.due_at <= at])

    def _wake(self, followers: Sequence[Follower]) -> None:
        for start in range(0, len(followers), TOLD_AT_ONCE):
            for each in followers[start : start + TOLD_AT_ONCE]:
                each.wake()
            eventlet.sleep(0)
