"""One connection on one green thread: read, answer, in order, until either side ends it."""

import contextlib
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from clinic_contracts.errors import BadRequest, ClinicError
from gateway.http.answers import encode
from gateway.http.messages import Response, Stream
from gateway.http.parsing import Parser, Received

READ_BYTES = 64 * 1024
IDLE_SECONDS = 60.0
HEAD_SECONDS = 10.0
BODY_SECONDS = 10.0
SEND_SECONDS = 30.0
STREAM_SECONDS = 10.0
"""What a stream's client gets to take what was sent, before it is given up."""
STREAM_BYTES = 16 * 1024
"""What the system holds of a stream for a client that does not read."""
LINGER_BYTES = 4 * 1024 * 1024
LINGER_SECONDS = 2.0
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"

Answer = Callable[[Received, str], Response]
Refuse = Callable[[ClinicError, bytes], Response]


class Connection:
    """Reads requests and writes what ``answer`` makes of them, or ``refuse`` of their faults."""

    def __init__(self, sock: Any, peer: str, answer: Answer, refuse: Refuse) -> None:  # noqa: ANN401 (a green socket)
        self.socket = sock
        self.peer = peer
        self.answer = answer
        self.refuse = refuse
        self.parser = Parser()
        self.idle = True
        self.closing = False
        self.stream: Stream | None = None
        self._phase: tuple[Received | None, bool] = (None, False)
        self._until = time.monotonic() + IDLE_SECONDS

    def serve(self, unwelcome: ClinicError | None = None) -> None:
        """Serve until the end; one that is unwelcome is told why."""
        try:
            if unwelcome is not None:
                self._turn_away(unwelcome)
                return
            while self._receive() and self._answer_all():
                pass
        except OSError:  # the client went away
            return
        finally:
            self.socket.close()

    def end(self, *, at_once: bool) -> None:
        """Answer what is here and take no more; unless ``at_once``, what has begun may arrive."""
        self.closing = True
        if self.stream is not None:
            self.stream.end()
        if self.idle or at_once:
            with contextlib.suppress(OSError):
                # What lies in the buffer can still be read: a request that just came is answered.
                self.socket.shutdown(socket.SHUT_RD)

    def _turn_away(self, error: ClinicError) -> None:
        """Say why no request of this connection is answered any more."""
        current = self.parser.current
        target = b"" if current is None else current.target
        self._send(encode(self.refuse(error, target), last=True))
        self._linger()

    def _receive(self) -> bool:
        """Read what comes next; False when nothing will, and nothing is left to be said."""
        current = self.parser.current
        phase = (current, current is not None and current.headed)
        if phase != self._phase or current is None:
            self._phase = phase
            self._until = time.monotonic() + _patience(current)
        self.idle = current is None
        self.socket.settimeout(max(self._until - time.monotonic(), 0.001))
        try:
            data = self.socket.recv(READ_BYTES)
        except TimeoutError:
            if current is None:
                return False
            what = "body" if current.headed else "request"
            seconds = f"{_patience(current):g}"
            self.parser.fault = BadRequest(f"the {what} did not arrive whole within {seconds} s")
            return True
        finally:
            self.idle = False
        if data:
            self.parser.feed(data)
        else:
            self.parser.end()
        return bool(data) or self.parser.fault is not None

    def _answer_all(self) -> bool:
        """Answer every request that is whole; False when the connection is to end."""
        parser = self.parser
        while parser.whole:
            received = parser.whole.popleft()
            response = self.answer(received, self.peer)
            last = self.closing or not received.keep_alive
            bodiless = received.method == "HEAD"
            if response.stream is not None:
                self._send_stream(response, response.stream, received)
                return False
            self._send(encode(response, last=last, bodiless=bodiless))
            if last:
                self._linger()
                return False
        if parser.fault is not None:
            self._turn_away(parser.fault)
            return False
        if parser.current is not None and parser.current.waits_for_leave:
            del parser.current.headers["expect"]
            self._send(GO_ON)
        return True

    def _send_stream(self, response: Response, stream: Stream, received: Received) -> None:
        """Send a stream until it ends or its client is gone; its end is the connection's.

        In chunks (RFC 9112, 7.1) unless the client reads to the connection's end: many libraries
        hand on a chunk when it is whole, and else wait for so many bytes.
        """
        chunked = received.keep_alive
        encoding = {"Transfer-Encoding": "chunked"} if chunked else {}
        headed = replace(response, headers={**response.headers, **encoding})
        try:
            self._send(encode(headed, last=True, bodiless=True))
            if received.method == "HEAD" or self.closing:
                return
            self.stream = stream
            # Else a host that is gone without a word is missed only after a quarter of an hour.
            patience = int(STREAM_SECONDS * 1000)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, STREAM_BYTES)
            self.socket.settimeout(STREAM_SECONDS)
            for part in stream:
                if self._client_has_left():
                    return
                self.socket.sendall(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
            if chunked:
                self.socket.sendall(b"0\r\n\r\n")
        finally:
            self.stream = None
            stream.close()

    def _client_has_left(self) -> bool:
        """Say whether the client closed its side; the first write after that would not tell."""
        try:
            return not self.socket.fd.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False

    def _send(self, data: bytes) -> None:
        """Send all; a client that takes none of it for half a minute is given up."""
        self.socket.settimeout(SEND_SECONDS)
        self.socket.sendall(data)

    def _linger(self) -> None:
        """Take some of what still comes: a client reads the answer only once it has sent.

        To close with bytes unread would reset the connection and could take the answer with it.
        """
        self.socket.shutdown(socket.SHUT_WR)
        until, left = time.monotonic() + LINGER_SECONDS, LINGER_BYTES
        with contextlib.suppress(TimeoutError):
            while left > 0 and (wait := until - time.monotonic()) > 0:
                self.socket.settimeout(wait)
                taken = len(self.socket.recv(READ_BYTES))
                if not taken:
                    return
                left -= taken


def _patience(current: Received | None) -> float:
    if current is None:
        return IDLE_SECONDS
    return BODY_SECONDS if current.headed else HEAD_SECONDS
