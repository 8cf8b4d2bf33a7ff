"""What is sent to the same place in one turn of the hub is sent together. Nothing lingers."""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

import eventlet

K = TypeVar("K", bound=Hashable)
P = TypeVar("P")
BYTES_A_MESSAGE = 256 * 1024


class Turns(Generic[K, P]):
    """Gathers parts by where they go; ``send(to, parts)`` gets them at the end of the turn.

    Never more than ``most`` parts or 256 KB at once, but for a part that is larger by itself.
    """

    def __init__(
        self, send: Callable[[K, Sequence[P]], None], size: Callable[[P], int], most: int
    ) -> None:
        """Take what sends, and what tells a part's size in bytes."""
        self.send = send
        self.size = size
        self.most = most
        self.gathered: dict[K, list[P]] = {}

    def add(self, to: K, part: P) -> None:
        """Have the part sent at the end of this turn."""
        if not self.gathered:
            eventlet.spawn_n(self._flush)
        self.gathered.setdefault(to, []).append(part)

    def _flush(self) -> None:
        gathered, self.gathered = self.gathered, {}
        for to, parts in gathered.items():
            for some in self._bounded(parts):
                self.send(to, some)

    def _bounded(self, parts: Sequence[P]) -> list[list[P]]:
        messages: list[list[P]] = []
        room = 0
        for part in parts:
            size = self.size(part)
            if not messages or size > room or len(messages[-1]) == self.most:
                messages.append([])
                room = BYTES_A_MESSAGE
            messages[-1].append(part)
            room -= size
        return messages
