"""Clients that book, move, cancel and attend, and do not let go before they know what was done.

A booking is repeated with its Idempotency-Key; a change names the version it saw in If-Match, and
after an answer that did not come the visit is read again: either it shows the change or it does
not. A visit is changed by the client who booked it alone; the times are fought over by all.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.http import Answer, Connection, Document
from tests.faults.plan import Intent
from tests.faults.stage import Stage

Change = Literal["booked", "moved", "cancelled", "arrived", "fulfilled"]
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
OK, CREATED, CONFLICT, STALE, SERVER_ERROR = 200, 201, 409, 412, 500
ENDED = frozenset({"cancelled", "fulfilled"})
STATUS_AFTER: dict[Change, str] = {
    "booked": "booked",
    "moved": "booked",
    "cancelled": "cancelled",
    "arrived": "arrived",
    "fulfilled": "fulfilled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A client was told that their visit, by this change, is at ``version`` and so."""

    appointment_id: str
    version: int
    change: Change
    status: str
    practitioner_id: str
    local_start: str


@dataclass
class Tally:
    """What the clients were answered, counted; shared by all of them."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unknown: list[str] = field(default_factory=list)
    """Operations that nobody could be got to say the outcome of."""
    slowest: float = 0.0
    """Seconds that the slowest answer took."""

    lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, status: int, seconds: float) -> None:
        """Count an answer that took so long."""
        with self.lock:
            self.answers[str(status or "none")] += 1
            self.slowest = max(self.slowest, seconds)

    def refuse(self, answer: Answer) -> None:
        """Count a refusal by its code."""
        with self.lock:
            self.refused[str(answer.body.get("code"))] += 1


class GivenUpError(Exception):
    """The system did not answer for so long after the load that nobody waits any more."""


@dataclass
class Client:
    """One of the clients; ``ends`` and ``gives_up`` are instants of the monotonic clock.

    ``pace``: at least so many seconds from one wish to the next.
    """

    name: str
    connection: Connection
    stage: Stage
    intents: Iterator[Intent]
    tally: Tally
    ends: float
    gives_up: float
    visits: list[Document] = field(default_factory=list)
    number: int = 0
    pace: float = 0.0

    def run(self) -> None:
        """Ask until the load ends; what was begun is brought to its end."""
        try:
            while (began := time.monotonic()) < self.ends:
                self._do(next(self.intents))
                time.sleep(max(0.0, began + self.pace - time.monotonic()))
        except GivenUpError as error:
            self.tally.unknown.append(str(error))
        finally:
            self.connection.close()

    def _do(self, intent: Intent) -> None:
        if intent.action == "book" or not self.visits:
            self._book(intent)
            return
        visit = self.visits.pop(int(intent.choice * len(self.visits)))
        if intent.action == "move":
            changed = self._change(visit, "moved", "PATCH", "", self._wanted(intent))
        elif intent.action == "cancel":
            changed = self._change(visit, "cancelled", "POST", "/cancel", {"reason": "unwell"})
        else:
            changed = self._change(visit, "arrived", "POST", "/arrive", {})
            if changed["status"] == "arrived":
                changed = self._change(changed, "fulfilled", "POST", "/fulfil", {})
        if changed["status"] not in ENDED:
            self.visits.append(changed)

    def _book(self, intent: Intent) -> None:
        clients = self.stage.clients
        body = {
            **self._wanted(intent),
            "treatment_id": self.stage.treatment,
            "client_id": clients[int(intent.choice * len(clients))],
        }
        self.number += 1
        key = f"{self.name}-{self.number}"
        answer = self._insist(
            f"booking {key}",
            lambda: self.connection.ask("POST", "/appointments", body, Idempotency_Key=key),
        )
        if answer.status == CREATED:
            self._acknowledge(answer.body, "booked")
            self.visits.append(answer.body)
        else:
            self.tally.refuse(answer)

    def _wanted(self, intent: Intent) -> Document:
        location, practitioner = self.stage.practitioners[intent.slot.practitioner]
        return {
            "location_id": location,
            "practitioner_id": practitioner,
            "local_start": self.stage.times[intent.slot.time],
        }

    def _change(
        self, visit: Document, change: Change, method: str, verb: str, body: Document
    ) -> Document:
        """Return the visit as it is after the change, or as it was when that is refused."""
        path = f"/appointments/{visit['id']}"
        seen = f'"{visit["version"]}"'
        for pause in _pauses():
            answer = self._once(
                lambda: self.connection.ask(method, path + verb, body, If_Match=seen)
            )
            if answer.status == OK:
                self._acknowledge(answer.body, change)
                return answer.body
            if answer.status not in {0, STALE} and answer.status < SERVER_ERROR:
                self.tally.refuse(answer)
                return visit
            now = self._insist(f"{change} {visit['id']}", lambda: self.connection.ask("GET", path))
            if now.status != OK:
                self.tally.refuse(now)
                return visit
            if now.body["version"] != visit["version"]:
                self._acknowledge(now.body, change)
                return now.body
            self._wait(pause, f"{change} {visit['id']}")
        raise AssertionError  # the pauses have no end

    def _insist(self, what: str, ask: Callable[[], Answer]) -> Answer:
        """Return the first answer that settles it; raises GivenUpError."""
        for pause in _pauses():
            answer = self._once(ask)
            under_way = answer.body.get("code") == "request_in_flight"
            if 0 < answer.status < SERVER_ERROR and not under_way:
                return answer
            self._wait(pause, what)
        raise AssertionError  # the pauses have no end

    def _wait(self, pause: float, what: str) -> None:
        if time.monotonic() > self.gives_up:
            raise GivenUpError(what)
        time.sleep(pause)

    def _once(self, ask: Callable[[], Answer]) -> Answer:
        began = time.monotonic()
        answer = ask()
        self.tally.answered(answer.status, time.monotonic() - began)
        return answer

    def _acknowledge(self, visit: Document, change: Change) -> None:
        self.tally.acknowledged.append(
            Acknowledged(
                appointment_id=visit["id"],
                version=visit["version"],
                change=change,
                status=visit["status"],
                practitioner_id=visit["practitioner_id"],
                local_start=visit["local_start"],
            )
        )


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)


def start(clients: list[Client]) -> list[threading.Thread]:
    """Start every client in a thread of its own."""
    threads = [threading.Thread(target=each.run, name=each.name, daemon=True) for each in clients]
    for thread in threads:
        thread.start()
    return threads
