"""Work that would hold up the hub, done on a native thread meanwhile."""

from collections.abc import Callable, Iterable, Iterator
from typing import ParamSpec, TypeVar, cast

import eventlet
from eventlet import tpool

P = ParamSpec("P")
T = TypeVar("T")
TURN = 200
"""Documents, which take some 40 ms to read or write."""


def off_the_hub(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return ``function(*args)``, run on a native thread while other green threads go on.

    For work in C that lets go of the interpreter, such as hashing, or long work in Python, which
    shares it in turns of milliseconds. The function must not touch green sockets or locks: those
    belong to the hub. What it raises is raised here.
    """
    return cast("T", tpool.execute(function, *args, **kwargs))


def taking_turns(items: Iterable[T], turn: int = TURN) -> Iterator[T]:
    """Yield the items, and let other green threads go on after every ``turn`` of them."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % turn == 0:
            eventlet.sleep()
