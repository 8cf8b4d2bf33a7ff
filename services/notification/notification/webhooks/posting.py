"""Signed webhooks over HTTP: one request to an address that was looked up and found fit.

Signatures are those of Standard Webhooks, section "Webhook headers". Of the answer only its head
is read, so nothing an endpoint answers is kept or can grow.
"""

import base64
import contextlib
import http.client
import secrets as randomness
import socket
import ssl
import threading
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from urllib.parse import SplitResult

from standardwebhooks import Webhook

from clinic_contracts.errors import Invalid
from notification.ports import NotDeliveredError, UndeliverableError
from notification.webhooks.addresses import check_url, is_public

SECRET_BYTES = 32
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
PORTS = {"https": 443, "http": 80}


def new_secret() -> str:
    """Return a random secret, as receivers' libraries take it."""
    return "whsec_" + base64.b64encode(randomness.token_bytes(SECRET_BYTES)).decode()


def headers(webhook_id: str, body: str, secrets: Sequence[str], at: datetime) -> dict[str, str]:
    """Return the headers of a body signed at an instant (in UTC) with each of the secrets."""
    signatures = [Webhook(secret).sign(webhook_id, at, body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "ClinicOps-Webhooks",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


class HttpPoster:
    """Posts to public addresses by TLS; with ``private`` to any, and without TLS too.

    ``seconds`` is how long connecting and answering may take in all.
    """

    def __init__(self, *, private: bool, seconds: float = ANSWER_SECONDS) -> None:
        self.private = private
        self.seconds = seconds

    def post(
        self, url: str, webhook_id: str, body: str, secrets: Sequence[str], at: datetime
    ) -> int:
        """Return the HTTP status; raises NotDeliveredError, UndeliverableError."""
        try:
            parts = check_url(url, private=self.private)
        except Invalid as error:
            raise UndeliverableError(error.detail) from error
        try:
            address = self._address(parts)
            return self._answer(parts, address, headers(webhook_id, body, secrets, at), body)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            message = f"the endpoint did not answer: {type(error).__name__}"
            raise NotDeliveredError(message) from error

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """The authorities that are trusted: read when the first certificate is to be checked."""
        return ssl.create_default_context()

    def _address(self, parts: SplitResult) -> str:
        """Look the host up once: what was found fit is what is connected to.

        Raises OSError, UnicodeError, UndeliverableError.
        """
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if not self.private and not all(map(is_public, addresses)):
            raise UndeliverableError("the endpoint's name leads to a private network")
        return addresses[0]

    def _answer(self, parts: SplitResult, address: str, head: dict[str, str], body: str) -> int:
        plain = socket.create_connection((address, _port(parts)), CONNECT_SECONDS)
        with plain, plain.dup() as handle:
            plain.settimeout(self.seconds)
            # A time-out of the socket is for each read: one byte at a time could take for ever.
            watch = threading.Timer(self.seconds, _hang_up, [handle])
            watch.start()
            try:
                connection = self._connection(parts, plain)
                with contextlib.closing(connection):
                    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                    connection.request("POST", target, body.encode(), head)
                    return connection.getresponse().status
            finally:
                watch.cancel()

    def _connection(self, parts: SplitResult, plain: socket.socket) -> http.client.HTTPConnection:
        """Return HTTP over a connected socket; the certificate must be the host's."""
        host, port = parts.hostname or "", _port(parts)
        if parts.scheme == "http":
            connection = http.client.HTTPConnection(host, port)
            connection.sock = plain
            return connection
        connection = http.client.HTTPSConnection(host, port, context=self._tls)
        connection.sock = self._tls.wrap_socket(plain, server_hostname=host)
        return connection


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def _hang_up(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
