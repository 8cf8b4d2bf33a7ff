"""The process's one AMQP connection: one reader, joined writes.

Callbacks run on the reader's green thread and must not block; work is spawned from them.
"""

import contextlib
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlparse

import amqp
import eventlet
from eventlet.event import Event
from nameko.extensions import SharedExtension

from clinic_runtime.observability import get_logger

log = get_logger(__name__)
HEARTBEAT_SECONDS = 10
LONGEST_BACK_OFF = 2.0
SEND_SECONDS = 10.0
GOODBYE_SECONDS = 2.0
READ_BYTES = 16 * 1024


class BrokerLostError(ConnectionError):
    """The connection went away; what was under way may or may not have happened."""


class _JoinedWriter:
    """Joins all frames written in one turn of the hub into one send.

    Also keeps frames whole: two green threads never interleave inside one ``sendall``.
    """

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 (amqp is untyped)
        self.socket = connection.transport.sock
        self.frames: list[bytes] = []
        self.is_due = False
        self.is_sending = False
        connection.transport._write = self.write  # noqa: SLF001 (amqp offers no public hook)

    def write(self, frame: bytes | memoryview) -> None:
        self.frames.append(bytes(frame))
        if not self.is_due and not self.is_sending:
            self.is_due = True
            eventlet.spawn_n(self._turn)

    def _turn(self) -> None:
        self.is_due = False
        self.flush()

    def flush(self) -> None:
        """Send what there is, unless somebody is at it and will send this as well."""
        if self.is_sending:
            return
        self.is_sending = True
        try:
            while self.frames:
                joined = b"".join(self.frames)
                self.frames.clear()
                # A broker that stops reading ends the connection, else frames would pile up here.
                with eventlet.Timeout(SEND_SECONDS, TimeoutError("the broker does not read")):
                    self.socket.sendall(joined)
        except OSError:
            self.end()
        finally:
            self.is_sending = False

    def end(self) -> None:
        """End the connection: the reader wakes, which ``close`` would not make it do."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


def open_connection(uri: str, heartbeat: int = HEARTBEAT_SECONDS) -> Any:  # noqa: ANN401
    """Return a connected ``amqp.Connection`` for ``amqp://user:password@host:port/vhost``."""
    parts = urlparse(uri)
    connection = amqp.Connection(
        f"{parts.hostname}:{parts.port or 5672}",
        unquote(parts.username or "guest"),
        unquote(parts.password or "guest"),
        virtual_host=unquote(parts.path[1:]) or "/",
        heartbeat=heartbeat,
        connect_timeout=5,
    )
    # amqp switches on what it finds here. Without connection.blocked: with it, each publish would
    # drain the reader's bytes, and spin while a frame is half there.
    connection.negotiate_capabilities = {
        "consumer_cancel_notify": True,
        "authentication_failure_close": True,
    }
    connection.connect()
    _read_ahead(connection.transport)
    return connection


def _read_ahead(transport: Any) -> None:  # noqa: ANN401
    """Have the transport take what has come, not three reads for each frame."""
    receive = transport.sock.recv
    # Where amqp reads what it asks for; what is over stays in the buffer that it looks at first.
    transport._quick_recv = lambda size: receive(max(size, READ_BYTES))  # noqa: SLF001


def cancel(channel: Any, tag: str) -> None:  # noqa: ANN401 (amqp is untyped)
    """Stop a consumer; returns when nothing more of it can come, or the broker does not answer."""
    cancelled = Event()
    # What amqp's own basic_cancel does, but for reading from the socket, which is the reader's.
    channel._pending[amqp.spec.Basic.CancelOk] = lambda *_: cancelled.send(None)  # noqa: SLF001
    try:
        channel.send_method(amqp.spec.Basic.Cancel, "sb", (tag, False))
    except amqp.AMQPError:
        return  # the connection is gone, and the consumer with it
    with eventlet.Timeout(GOODBYE_SECONDS, exception=False):
        cancelled.wait()


class Link(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """Connects, reconnects (after at most 2 s), reads; others attach to each new connection.

    Whatever goes wrong on any channel ends the connection: there is one way to recover.
    """

    def __init__(self) -> None:
        """Start with nobody attached."""
        super().__init__()
        self.attached: list[tuple[Callable[[Any], None], Callable[[], None]]] = []
        self.connection: Any = None
        self.writer: Any = None
        self.ready = Event()
        self.stopping = False
        self.reader: Any = None

    def attach(self, connected: Callable[[Any], None], lost: Callable[[], None]) -> None:
        """Have ``connected(connection)`` called on each connection and ``lost()`` at its end."""
        self.attached.append((connected, lost))

    @property
    def is_up(self) -> bool:
        """Say whether the broker is connected and everything attached is in place."""
        return bool(self.ready.ready())

    def start(self) -> None:
        """Start the reader and return once connected: a process waits for the broker."""
        # Managed: should the reader itself end, so does the process, which is then started anew.
        self.reader = self.container.spawn_managed_thread(self._run, identifier="broker-reader")
        self.ready.wait()

    def stop(self) -> None:
        """Close the connection after everything that used it has stopped.

        The broker's word for it means that it has read the last answers and acknowledgements.
        """
        self.stopping = True
        if self.connection is not None:
            self.connection.send_method(amqp.spec.Connection.Close, "BsBB", (0, "", 0, 0))
            with eventlet.Timeout(GOODBYE_SECONDS, exception=False):
                self.reader.wait()
        if self.reader is not None:
            self.reader.kill()

    def push(self) -> None:
        """Send what was published so far, now; not for callbacks, which must not block."""
        if self.writer is not None:
            self.writer.flush()

    def drop(self) -> None:
        """End a connection that cannot be relied on; the reader makes a new one."""
        if self.connection is not None:
            self.writer.end()

    def _run(self) -> None:
        back_off = 0.1
        while not self.stopping:
            try:
                self._connect()
                back_off = 0.1
                while self.connection.connected:
                    self.connection.drain_events()
            except Exception as error:  # noqa: BLE001 (whatever ends a connection: reconnect)
                self._lose(error)
                eventlet.sleep(back_off)
                back_off = min(back_off * 2, LONGEST_BACK_OFF)

    def _connect(self) -> None:
        self.connection = open_connection(self.container.config["amqp_uri"], HEARTBEAT_SECONDS)
        self.writer = _JoinedWriter(self.connection)
        eventlet.spawn_n(self._beat, self.connection)
        for connected, _lost in self.attached:
            connected(self.connection)
        self.ready.send(None)
        log.info("broker.connected")

    def _lose(self, error: Exception) -> None:
        if self.stopping:
            return
        if self.ready.ready():
            log.warning("broker.lost", error=repr(error))
            self.ready = Event()
        else:
            log.warning("broker.waiting", error=repr(error))
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.collect()
        for _connected, lost in self.attached:
            lost()

    def _beat(self, connection: Any) -> None:  # noqa: ANN401
        while connection is self.connection:
            try:
                connection.heartbeat_tick()
            except amqp.AMQPError:  # the broker was silent for two heartbeats
                self.drop()
                return
            eventlet.sleep(HEARTBEAT_SECONDS / 4)
