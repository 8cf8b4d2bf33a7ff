"""What a seed decides: which process dies when, and what each client asks for."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from clinic_runtime.topology import SERVICES

Action = Literal["book", "move", "cancel", "attend"]
VICTIMS = (*SERVICES, "rabbitmq", "mongod")
SHORTEST_GAP = 4.0
LONGEST_GAP = 8.0
ACTIONS: dict[Action, int] = {"book": 50, "move": 15, "cancel": 10, "attend": 25}
CONTESTED = 0.1


@dataclass(frozen=True, slots=True)
class Fault:
    """``victim`` is killed so many seconds after the load began."""

    at: float
    victim: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A practitioner (by number) and one of the times they can be booked at (by number)."""

    practitioner: int
    time: int


@dataclass(frozen=True, slots=True)
class Intent:
    """What a client wants next; ``choice`` (0 to 1) is which of their visits, and which client."""

    action: Action
    slot: Slot
    choice: float


def faults(seed: int, seconds: float) -> list[Fault]:
    """Return whom to kill when: everybody in turn, in an order drawn anew each round."""
    chance = _chance("faults", seed)
    found: list[Fault] = []
    at = 0.0
    while True:
        for victim in chance.sample(VICTIMS, len(VICTIMS)):
            at += chance.uniform(SHORTEST_GAP, LONGEST_GAP)
            if at >= seconds:
                return found
            found.append(Fault(round(at, 2), victim))


def intents(seed: int, client: int, practitioners: int, times: int) -> Iterator[Intent]:
    """Return without end what a client wants, whatever comes of it.

    One in ten wants a time that every client wants at the same point of their list.
    """
    own, shared = _chance("client", seed, client), _chance("clients", seed)
    for _ in itertools.count():
        everybodys = Slot(shared.randrange(practitioners), shared.randrange(times))
        action = own.choices(list(ACTIONS), list(ACTIONS.values()))[0]
        slot = Slot(own.randrange(practitioners), own.randrange(times))
        contested = own.random() < CONTESTED
        yield Intent(action, everybodys if contested else slot, own.random())


def _chance(*of: object) -> random.Random:
    return random.Random(" ".join(map(str, of)))  # noqa: S311 (to be repeated, not to be secret)
