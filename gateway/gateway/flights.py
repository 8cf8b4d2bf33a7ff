"""One look that several wait for: whoever asks while it is under way gets what it finds."""

from collections.abc import Callable
from typing import Generic, TypeVar, cast

from eventlet.event import Event

from clinic_contracts.errors import ServiceUnavailable

T = TypeVar("T")


class Flight(Generic[T]):
    """A look under way: one ``fly``s, the others ``wait``."""

    def __init__(self) -> None:
        self._landed = Event()

    def fly(self, look: Callable[[], T]) -> T:
        """Look, and tell those who wait what was found, or why nothing was."""
        try:
            found = look()
        except BaseException as error:
            stopping = ServiceUnavailable("this process is stopping; try again", retry_after=1)
            self._landed.send_exception(error if isinstance(error, Exception) else stopping)
            raise
        self._landed.send(found)
        return found

    def wait(self) -> T:
        """Return what is found; raises what the look raised."""
        return cast("T", self._landed.wait())
