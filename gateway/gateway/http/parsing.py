"""Bytes off a connection as whole requests, each within its limits, or what is wrong with them.

llhttp reads strictly: lengths that differ or come twice, bare line feeds, folded headers, spaces
before a colon and odd chunks are errors, so that no request can hide in another's body.
"""

from collections import deque
from dataclasses import dataclass, field

import httptools

from clinic_contracts.errors import BadRequest, ClinicError, TooLarge
from gateway.http.errors import HeadersTooLarge, UrlTooLong

URL_LIMIT = 8 * 1024
HEADER_LIMIT = 8 * 1024
HEADERS_LIMIT = 64 * 1024
MOST_HEADERS = 100
BODY_LIMIT = 256 * 1024
FILE_LIMIT = 4 * 1024 * 1024
FILE_TYPES = frozenset({"application/edi-x12", "application/fhir+json", "text/plain"})
"""What payers' files are declared as."""
VERSIONS = frozenset({"1.0", "1.1"})


@dataclass(slots=True)
class Received:
    """A request as it comes in; ``headed`` once its headers are all there."""

    method: str = ""
    target: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    keep_alive: bool = False
    headed: bool = False

    @property
    def waits_for_leave(self) -> bool:
        """Say whether the client sends the body only once it is told to go on."""
        return self.headed and self.headers.get("expect", "").lower() == "100-continue"


class Parser:
    """Reads one connection: ``whole`` requests, the ``current`` one, the ``fault`` that ended it.

    Its ``on_…`` methods are llhttp's callbacks; what they raise comes out of ``feed`` as the fault.
    """

    def __init__(self) -> None:
        self.whole: deque[Received] = deque()
        self.current: Received | None = None
        self.fault: ClinicError | None = None
        self._http = httptools.HttpRequestParser(self)
        self._parts: list[bytes] = []
        self._count = 0
        self._size = 0
        self._unread = 0
        self._limit = BODY_LIMIT

    def feed(self, data: bytes) -> None:
        """Read on; after a fault nothing more is read."""
        self._unread += len(data)
        try:
            self._http.feed_data(data)
            if self._unread > HEADERS_LIMIT and self.current and not self.current.headed:
                self.fault = _headers_too_large()
        except httptools.HttpParserUpgrade:
            # Not spoken here. What follows is in another protocol, so the answer is the last.
            self.whole[-1].keep_alive = False
        except httptools.HttpParserError as error:
            self.fault = self._told(error)

    def end(self) -> None:
        """Take note that nothing more will come."""
        if self.current is not None:
            self.fault = BadRequest("the request ended before it was whole")

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.current = Received()
        self._parts, self._count, self._size = [], 0, 0

    def on_url(self, part: bytes) -> None:
        """Take a part of the request's target."""
        received = self._received()
        received.target += part
        if len(received.target) > URL_LIMIT:
            raise UrlTooLong(f"path and query are longer than {URL_LIMIT} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; those behind a chunked body mean nothing here."""
        received = self._received()
        self._unread = 0
        if received.headed:
            return
        self._count += 1
        self._size += len(name) + len(value)
        one_too_long = len(name) + len(value) > HEADER_LIMIT
        if one_too_long or self._count > MOST_HEADERS or self._size > HEADERS_LIMIT:
            raise _headers_too_large()
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        known = received.headers.get(key)
        if known is None:
            received.headers[key] = text
        elif key == "host":
            raise BadRequest("there is more than one Host header")
        else:
            received.headers[key] = f"{known}{'; ' if key == 'cookie' else ', '}{text}"

    def on_headers_complete(self) -> None:
        """Check the framing before a byte of the body is read by it."""
        received = self._received()
        received.headed, self._unread, self._size = True, 0, 0
        received.method = self._http.get_method().decode("ascii")
        version = self._http.get_http_version()
        # In HTTP/1.0 it would have to be agreed on; who still speaks it does without.
        received.keep_alive = version == "1.1" and bool(self._http.should_keep_alive())
        encoding = received.headers.get("transfer-encoding")
        if version not in VERSIONS:
            raise BadRequest("this is not a request in HTTP/1.1")
        if encoding is not None and (version == "1.0" or encoding.lower() != "chunked"):
            raise BadRequest("the only Transfer-Encoding known here is chunked, in HTTP/1.1")
        declared = received.headers.get("content-type", "").partition(";")[0].strip().lower()
        self._limit = FILE_LIMIT if declared in FILE_TYPES else BODY_LIMIT
        if int(received.headers.get("content-length", "0")) > self._limit:
            raise _too_large(self._limit)

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        self._parts.append(part)
        self._size += len(part)
        if self._size > self._limit:
            raise _too_large(self._limit)

    def on_message_complete(self) -> None:
        """Hand over the request."""
        received, self.current = self._received(), None
        received.body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts, self._unread = [], 0
        self.whole.append(received)

    def _received(self) -> Received:
        if self.current is None:  # llhttp begins a request before it reads of it
            raise BadRequest("this is not a request in HTTP/1.1")
        return self.current

    def _told(self, error: Exception) -> ClinicError:
        if isinstance(error.__context__, ClinicError):
            return error.__context__
        if self.current is not None and self.current.headed:
            return BadRequest(f"the body's chunks cannot be read: {error}")
        return BadRequest(f"this is not a request in HTTP/1.1: {error}")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit} bytes", limit=limit)


def _headers_too_large() -> HeadersTooLarge:
    return HeadersTooLarge("too many headers, or one is too long")
