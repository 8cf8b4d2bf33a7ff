"""The process's one AMQP connection: one reader, joined writes, confirms in the pipeline.

Callbacks run on the reader's green thread and must not block; work is spawned from them.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlparse

import amqp
import eventlet
from eventlet.event import Event
from nameko.extensions import SharedExtension

from clinic_runtime.observability import get_logger

log = get_logger(__name__)
HEARTBEAT_SECONDS = 20
LONGEST_BACK_OFF = 2.0
CONFIRM_SECONDS = 10.0


class BrokerLostError(ConnectionError):
    """The connection went away; what was under way may or may not have happened."""


class _JoinedWriter:
    """Joins all frames written in one turn of the hub into one send.

    Also keeps frames whole: two green threads never interleave inside one ``sendall``.
    """

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 (amqp is untyped)
        self.socket = connection.transport.sock
        self.frames: list[bytes] = []
        self.flushing = False
        connection.transport._write = self.write  # noqa: SLF001 (amqp offers no public hook)

    def write(self, frame: bytes | memoryview) -> None:
        self.frames.append(bytes(frame))
        if not self.flushing:
            self.flushing = True
            eventlet.spawn_n(self.flush)

    def flush(self) -> None:
        try:
            while self.frames:
                joined = b"".join(self.frames)
                self.frames.clear()
                self.socket.sendall(joined)
        except OSError:
            self.socket.close()  # the reader notices and reconnects
        finally:
            self.flushing = False


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
        # With connection.blocked on, each publish would drain the reader's bytes.
        client_properties={"capabilities": {"connection.blocked": False}},
    )
    connection.connect()
    return connection


class Link(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """Connects, reconnects (after at most 2 s), reads; others attach to each new connection."""

    def __init__(self) -> None:
        """Start with nobody attached."""
        super().__init__()
        self.attached: list[tuple[Callable[[Any], None], Callable[[], None]]] = []
        self.connection: Any = None
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
        self.reader = eventlet.spawn(self._run)
        self.ready.wait()

    def stop(self) -> None:
        """Close the connection after everything that used it has stopped."""
        self.stopping = True
        if self.connection is not None:
            eventlet.sleep(0)  # lets joined writes leave
            self.reader.kill()
            self.connection.collect()

    def _run(self) -> None:
        back_off = 0.1
        while not self.stopping:
            try:
                self._connect()
                back_off = 0.1
                while not self.stopping:
                    self.connection.drain_events()
            except Exception as error:  # noqa: BLE001 (whatever ends a connection: reconnect)
                self._lose(error)
                eventlet.sleep(back_off)
                back_off = min(back_off * 2, LONGEST_BACK_OFF)

    def _connect(self) -> None:
        self.connection = open_connection(self.container.config["amqp_uri"])
        for connected, _lost in self.attached:
            connected(self.connection)
        _JoinedWriter(self.connection)
        eventlet.spawn_n(self._beat, self.connection)
        self.ready.send(None)
        log.info("broker.connected")

    def _lose(self, error: Exception) -> None:
        if self.stopping:
            return
        if self.ready.ready():
            log.warning("broker.lost", error=repr(error))
            self.ready = Event()
        else:
            log.info("broker.waiting", error=repr(error))
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.collect()
        for _connected, lost in self.attached:
            lost()

    def _beat(self, connection: Any) -> None:  # noqa: ANN401
        while connection is self.connection and not self.stopping:
            try:
                connection.heartbeat_tick()
            except (amqp.ConnectionError, OSError):
                connection.transport.sock.close()
                return
            eventlet.sleep(HEARTBEAT_SECONDS / 4)


class Publisher(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """Publishes with confirms: ``publish`` returns when the broker has taken every message."""

    link = Link()

    def __init__(self) -> None:
        """Start without a channel."""
        super().__init__()
        self.channel: Any = None
        self.tag = 0
        self.waiting: dict[int, _Batch] = {}

    def setup(self) -> None:
        """Attach to the link."""
        self.link.attach(self._connected, self._lost)

    def _connected(self, connection: Any) -> None:  # noqa: ANN401
        self.tag = 0
        self.channel = connection.channel()
        self.channel.confirm_select()
        self.channel.events["basic_ack"].add(self._acknowledged)
        self.channel.events["basic_nack"].add(self._refused)

    def _lost(self) -> None:
        self.channel = None
        batches, self.waiting = set(self.waiting.values()), {}
        for batch in batches:
            batch.fail(BrokerLostError("lost before the broker confirmed"))

    def _acknowledged(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 (amqp's callback)
        for done in [t for t in self.waiting if t <= tag] if multiple else [tag]:
            batch = self.waiting.pop(done, None)
            if batch is not None:
                batch.confirm()

    def _refused(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 (amqp's callback)
        for done in [t for t in self.waiting if t <= tag] if multiple else [tag]:
            batch = self.waiting.pop(done, None)
            if batch is not None:
                batch.fail(BrokerLostError("the broker refused the message"))

    def publish(self, messages: list[tuple[str, str, Any]]) -> None:
        """Publish ``(exchange, routing key, amqp.Message)`` each; raises BrokerLostError."""
        if self.channel is None:
            message = "not connected to the broker"
            raise BrokerLostError(message)
        batch = _Batch(len(messages))
        for exchange, routing_key, message in messages:
            self.tag += 1
            self.waiting[self.tag] = batch
            self.channel._basic_publish(message, exchange=exchange, routing_key=routing_key)  # noqa: SLF001
        batch.wait()


class _Batch:
    """Messages published together; done when each is confirmed, failed when any is not."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.done = Event()
        if not size:
            self.done.send(None)

    def confirm(self) -> None:
        self.left -= 1
        if not self.left and not self.done.ready():
            self.done.send(None)

    def fail(self, error: Exception) -> None:
        if not self.done.ready():
            self.done.send_exception(error)

    def wait(self) -> None:
        with eventlet.Timeout(CONFIRM_SECONDS, BrokerLostError("the broker did not confirm")):
            self.done.wait()
