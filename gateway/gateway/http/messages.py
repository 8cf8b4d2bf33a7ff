"""A request as it was read and a response as it will be sent; no header is looked at twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One whole request.

    ``path`` is decoded, ``path_values`` are the segments a route names, ``query`` is as it was
    sent. Headers have lower-case names; one sent twice is one joined by commas. ``peer`` is the
    address at the other end of the connection, ``id`` and ``traceparent`` name the request.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    path_values: Mapping[str, str] = field(default_factory=dict)
    peer: str = ""
    id: str = ""
    traceparent: str = ""

    @property
    def media_type(self) -> str:
        """What the body is declared as, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Stream(Protocol):
    """A body of no known length: what it yields is sent as it comes, then the connection ends.

    It runs on its connection's green thread and does not count among the requests under way.
    """

    def __iter__(self) -> Iterator[bytes]:
        """Yield parts; each is sent whole before the next is asked for."""

    def end(self) -> None:
        """Have the iteration end soon; from another green thread."""

    def close(self) -> None:
        """Give back what it holds; called once it is over, also where it never began."""


@dataclass(frozen=True, slots=True)
class Response:
    """A status, headers by the names they are sent under, and a body, or else a stream."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    stream: Stream | None = None
