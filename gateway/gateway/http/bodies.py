"""Bytes off the connection: framed well, whole, and within their limit, or refused."""

from email.message import Message
from typing import Any

import eventlet

from clinic_contracts.errors import BadRequest, ClinicError, TooLarge

BODY_LIMIT = 256 * 1024
BODY_SECONDS = 10
DRAINED = 4 * 1024 * 1024
DRAIN_SECONDS = 2


def misframed(headers: Message) -> str | None:
    """Say what is wrong with how a request says where its body ends, if anything is.

    Two readings of it would let one request hide in another's body.
    """
    lengths = set(headers.get_all("Content-Length", []))
    encodings = headers.get_all("Transfer-Encoding", [])
    if encodings and lengths:
        return "Content-Length and Transfer-Encoding are not allowed together"
    if encodings and [each.strip().lower() for each in encodings] != ["chunked"]:
        return "the only Transfer-Encoding known here is chunked"
    if len(lengths) > 1 or not all(each.isascii() and each.isdigit() for each in lengths):
        return "Content-Length must be one number of bytes"
    return None


def read(environ: dict[str, Any]) -> bytes:
    """Return a request's body, sent with Content-Length or chunked.

    Read from eventlet's stream, which ends with the body: werkzeug's is empty when it is chunked.
    Raises TooLarge; BadRequest when it ends early, is badly chunked, or takes over ten seconds.
    """
    declared = environ.get("CONTENT_LENGTH")
    late = BadRequest(f"the body did not arrive whole within {BODY_SECONDS} s")
    if declared is not None and int(declared) > BODY_LIMIT:
        _drain(environ)
        raise _too_large()
    with eventlet.Timeout(BODY_SECONDS, late):
        data = _read(environ["wsgi.input"], BODY_LIMIT + 1)
    if len(data) > BODY_LIMIT:
        _drain(environ)
        raise _too_large()
    if declared is not None and len(data) < int(declared):
        raise BadRequest("the body ended before its Content-Length")
    return data


def _read(stream: Any, most: int) -> bytes:  # noqa: ANN401 (eventlet is untyped)
    try:
        data: bytes = stream.read(most)
    except (OSError, ValueError) as error:
        raise BadRequest("the body ended early, or its chunks cannot be read") from error
    return data


def _drain(environ: dict[str, Any]) -> None:
    """Take some of what is still coming, as a client reads the answer only after it has sent.

    One that waits for leave to send (``Expect``) is not given it.
    """
    if "HTTP_EXPECT" in environ:
        return
    with eventlet.Timeout(DRAIN_SECONDS, exception=False):
        try:
            left = DRAINED
            while left > 0 and (taken := _read(environ["wsgi.input"], min(left, BODY_LIMIT))):
                left -= len(taken)
        except ClinicError:
            return


def _too_large() -> TooLarge:
    return TooLarge(f"the body is larger than {BODY_LIMIT} bytes", limit=BODY_LIMIT)
