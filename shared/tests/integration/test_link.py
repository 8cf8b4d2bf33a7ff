"""The process's connection to the broker, and what happens to it and over it."""

import contextlib
import struct
import time
from collections.abc import Iterator
from typing import Any

import amqp
import eventlet
import pytest
from nameko.containers import ServiceContainer
from nameko.extensions import DependencyProvider

from clinic_runtime import link as link_module
from clinic_runtime import publisher as publisher_module
from clinic_runtime.ids import ulid
from clinic_runtime.link import BrokerLostError, Link, open_connection
from clinic_runtime.publisher import Publisher, RefusedError
from clinic_runtime.testing import eventually, running


class Sending(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    publisher = Publisher()


class Sender:
    name = "sender"
    sending = Sending()


def link_of(container: ServiceContainer) -> Link:
    found: Link = next(e for e in container.subextensions if isinstance(e, Link))
    return found


def publisher_of(container: ServiceContainer) -> Publisher:
    found: Publisher = next(e for e in container.subextensions if isinstance(e, Publisher))
    return found


@pytest.fixture
def sender(proxy: Any) -> Iterator[ServiceContainer]:
    with running(Sender, {"amqp_uri": proxy.uri}) as container:
        yield container


@pytest.fixture
def publisher(sender: ServiceContainer) -> Publisher:
    return publisher_of(sender)


@pytest.fixture
def queues(amqp_uri: str) -> Iterator[tuple[str, str]]:
    """Yield the name of a queue that takes all, and of one that takes nothing."""
    connection = open_connection(amqp_uri)
    channel = connection.channel()
    full = {"x-max-length": 0, "x-overflow": "reject-publish"}
    yield (
        channel.queue_declare(exclusive=True).queue,
        channel.queue_declare(exclusive=True, arguments=full).queue,
    )
    connection.close()


def to(queue: str, **properties: Any) -> tuple[str, str, Any]:
    return "", queue, amqp.Message("here", **properties)


def replaced(sender: ServiceContainer, before: Any) -> bool:
    link = link_of(sender)
    return link.is_up and link.connection is not before


def test_publishing_leaves_the_socket_to_the_reader(amqp_uri: str) -> None:
    connection = open_connection(amqp_uri)
    assert "connection.blocked" not in connection.client_properties["capabilities"]
    connection.close()


def test_a_connection_that_went_silent_is_replaced(
    proxy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "HEARTBEAT_SECONDS", 1)
    with running(Sender, {"amqp_uri": proxy.uri}) as sender:
        before = link_of(sender).connection
        proxy.stall()
        assert eventually(lambda: replaced(sender, before))


def test_a_broker_that_goes_silent_while_one_connects_is_left(
    proxy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "HEARTBEAT_SECONDS", 1)
    container = ServiceContainer(Sender, config={"amqp_uri": proxy.uri})
    stalls = iter([proxy.stall])
    link_of(container).attach(lambda _: next(stalls, lambda: None)(), lambda: None)
    with eventlet.Timeout(10):
        container.start()
    assert len(proxy.pairs) == 2
    container.stop()


def test_a_broker_that_stops_reading_ends_the_connection(
    sender: ServiceContainer, proxy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "SEND_SECONDS", 0.3)
    link = link_of(sender)
    before = link.connection
    proxy.stall()
    for _ in range(200):  # more than the sockets on the way hold
        before.frame_writer(8, 0, None, None, None)
        link.writer.write(bytes(100_000))
    assert eventually(lambda: replaced(sender, before))


def test_an_error_in_a_callback_costs_the_connection_alone(
    sender: ServiceContainer, publisher: Publisher, queues: tuple[str, str]
) -> None:
    before = link_of(sender).connection
    publisher.channel.events["basic_ack"].add(lambda *_: 1 / 0)
    with contextlib.suppress(BrokerLostError):
        publisher.publish([to(queues[0])])
    assert eventually(lambda: replaced(sender, before))
    publisher.publish([to(queues[0])])


def test_what_the_broker_will_not_have_on_a_channel_costs_the_connection_alone(
    sender: ServiceContainer, publisher: Publisher, queues: tuple[str, str]
) -> None:
    before = link_of(sender).connection
    with pytest.raises(BrokerLostError):
        publisher.publish([("no such exchange", "", amqp.Message("lost"))])
    assert eventually(lambda: replaced(sender, before))
    publisher.publish([to(queues[0])])


def test_a_confirm_that_does_not_come_ends_the_connection(
    sender: ServiceContainer,
    publisher: Publisher,
    proxy: Any,
    queues: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher_module, "CONFIRM_SECONDS", 0.3)
    before = link_of(sender).connection
    proxy.stall()
    with pytest.raises(BrokerLostError):
        publisher.publish([to(queues[0])])
    assert eventually(lambda: replaced(sender, before))
    publisher.publish([to(queues[0])])
    assert publisher.waiting == {}


def test_of_what_is_published_together_the_refused_are_named(
    publisher: Publisher, queues: tuple[str, str]
) -> None:
    good, full = queues
    with pytest.raises(RefusedError) as refused:
        publisher.publish([to(good), to(full), to(good), to(full)])
    assert sorted(refused.value.positions) == [1, 3]


def test_what_cannot_be_sent_leaves_confirms_in_step(
    publisher: Publisher, queues: tuple[str, str]
) -> None:
    good, full = queues
    with pytest.raises(struct.error):
        publisher.publish([to(good), to(good, message_id="x" * 300), to(good)])
    with pytest.raises(RefusedError) as refused:
        publisher.publish([to(good), to(full)])
    assert refused.value.positions == [1]
    assert publisher.waiting == {}


def test_stopping_waits_until_the_broker_has_read_everything(amqp_uri: str) -> None:
    name = f"unread-{ulid()}"
    other = open_connection(amqp_uri).channel()
    other.queue_declare(name, auto_delete=False)
    with running(Sender, {"amqp_uri": amqp_uri}) as sender:
        channel = publisher_of(sender).channel
        for _ in range(1_000):  # unconfirmed, as answers and acknowledgements are
            channel._basic_publish(amqp.Message("x" * 10_000), routing_key=name)
    assert other.queue_delete(name) == 1_000
    other.connection.close()


def test_a_process_without_a_broker_can_be_stopped(proxy: Any) -> None:
    proxy.cut()
    container = ServiceContainer(Sender, config={"amqp_uri": proxy.uri})
    started = eventlet.spawn(container.start)
    eventlet.sleep(0)
    began = time.monotonic()
    container.stop()
    assert time.monotonic() - began < 2
    started.kill()
