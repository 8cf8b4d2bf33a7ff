"""A request as it was read and a response as it will be sent; no header is looked at twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True)
class Response:
    """A status, headers by the names they are sent under, and a body."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
