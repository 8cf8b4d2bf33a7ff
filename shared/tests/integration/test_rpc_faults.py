"""Questions and answers when the service, the broker or the caller fails."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import amqp
import eventlet
import pytest
import structlog
from nameko.containers import ServiceContainer

from clinic_contracts.context import CallContext
from clinic_contracts.errors import InternalError, ServiceUnavailable
from clinic_contracts.operations import Operation
from clinic_runtime import link as link_module
from clinic_runtime import topology
from clinic_runtime.ids import ulid
from clinic_runtime.link import Link, open_connection
from clinic_runtime.rpc import RpcClient, command
from clinic_runtime.testing import eventually, running


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    words: Any = ""
    after: str = "at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    words: Any


SAY = Operation("echo", "say", Say, Said)
QUEUE = topology.rpc_queue("echo")


class Echo:
    name = "echo"

    @command(SAY)
    def say(self, request: Say, _context: CallContext) -> Any:
        if request.after == "a while":
            eventlet.sleep(0.3)
        if request.after == "no answer":
            return "not what was promised"
        if request.after == "no JSON":
            return Said(words=object())
        if request.after == "logging":
            return Said(words=structlog.contextvars.get_contextvars())
        return Said(words=request.words)


class Caller:
    name = "caller"
    rpc = RpcClient()


def client_of(container: ServiceContainer) -> RpcClient:
    found: RpcClient = next(e for e in container.dependencies if isinstance(e, RpcClient))
    return found


def link_of(container: ServiceContainer) -> Link:
    found: Link = next(e for e in container.subextensions if isinstance(e, Link))
    return found


@pytest.fixture
def rpc(amqp_uri: str) -> Iterator[RpcClient]:
    with running(Caller, {"amqp_uri": amqp_uri}) as container:
        yield client_of(container)


@pytest.fixture
def echo(amqp_uri: str) -> Iterator[ServiceContainer]:
    with running(Echo, {"amqp_uri": amqp_uri}) as container:
        yield container


@pytest.fixture
def channel(amqp_uri: str) -> Iterator[Any]:
    connection = open_connection(amqp_uri)
    yield connection.channel()
    connection.close()


def context() -> CallContext:
    return CallContext(actor="staff:test", correlation_id=ulid(), operation_id=ulid())


def say(rpc: RpcClient, words: Any, after: str = "at once", timeout: float = 5.0) -> Any:
    return rpc.call(SAY, {"words": words, "after": after}, context(), timeout)["words"]


@pytest.mark.usefixtures("echo")
@pytest.mark.parametrize("after", ["no answer", "no JSON"])
def test_an_answer_that_cannot_be_sent_is_a_fault_told_to_the_caller(
    rpc: RpcClient, after: str
) -> None:
    with pytest.raises(InternalError):
        say(rpc, "hello", after)
    assert say(rpc, "still here") == "still here"


@pytest.mark.usefixtures("echo")
@pytest.mark.parametrize("body", [b"\xff", "", "[]", "{}", "null", '{"context": 1, "method": []}'])
@pytest.mark.parametrize("properties", [{}, {"reply_to": "nobody", "correlation_id": "1"}])
def test_what_is_no_question_does_no_harm(
    rpc: RpcClient, channel: Any, body: Any, properties: dict[str, str]
) -> None:
    for _ in range(40):  # more than are taken in hand at once
        channel.basic_publish(amqp.Message(body, **properties), routing_key=QUEUE.name)
    assert say(rpc, "still here") == "still here"


@pytest.mark.usefixtures("echo")
def test_large_and_foreign_words_cross_whole(rpc: RpcClient) -> None:
    words = [f"ნინო 🦷 {number} \U0010ffff" * 40 for number in range(1_000)]
    assert sum(len(each.encode()) for each in words) > 1_000_000
    answers = [eventlet.spawn(say, rpc, words) for _ in range(4)]
    small = [eventlet.spawn(say, rpc, number) for number in range(50)]
    assert all(answer.wait() == words for answer in answers)
    assert [answer.wait() for answer in small] == list(range(50))


@pytest.mark.usefixtures("echo")
def test_what_an_operation_logs_carries_its_ids(rpc: RpcClient) -> None:
    asked = replace(context(), traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    told = rpc.call(SAY, {"after": "logging"}, asked)["words"]
    assert told == {
        "operation": "say",
        "correlation_id": asked.correlation_id,
        "traceparent": asked.traceparent,
    }


@pytest.mark.usefixtures("echo")
def test_a_caller_that_gave_up_leaves_nothing_behind(rpc: RpcClient) -> None:
    with pytest.raises(ServiceUnavailable):
        say(rpc, "too late", "a while", timeout=0.1)
    assert rpc.caller.waiting == {}
    assert say(rpc, "the next answer", "a while") == "the next answer"


def test_what_nobody_took_in_time_is_never_begun(
    rpc: RpcClient, amqp_uri: str, channel: Any
) -> None:
    channel.queue_declare(QUEUE.name, durable=True, auto_delete=True, arguments=QUEUE.arguments)
    with pytest.raises(ServiceUnavailable):
        say(rpc, "expired", timeout=0.2)
    eventually(lambda: channel.queue_declare(QUEUE.name, passive=True).message_count == 0)
    with running(Echo, {"amqp_uri": amqp_uri}):
        assert say(rpc, "in time") == "in time"


def test_a_queue_that_nobody_comes_for_goes_and_the_service_counts_as_absent(
    rpc: RpcClient, channel: Any
) -> None:
    """As a restarted broker has it: there, and never consumed since."""
    channel.queue_declare(QUEUE.name, durable=True, auto_delete=True, arguments={"x-expires": 500})

    def absent() -> bool:
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            say(rpc, "anybody?", timeout=1)
        return time.monotonic() - began < 0.5

    assert not absent()
    eventually(absent)


def test_a_service_whose_queue_was_deleted_answers_again(
    echo: ServiceContainer, rpc: RpcClient, channel: Any
) -> None:
    before = link_of(echo).connection
    channel.queue_delete(QUEUE.name)
    eventually(lambda: link_of(echo).is_up and link_of(echo).connection is not before)
    assert say(rpc, "again") == "again"


@pytest.mark.usefixtures("echo")
def test_a_caller_whose_connection_is_silent_is_answered_in_time_and_recovers(
    proxy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "HEARTBEAT_SECONDS", 1)
    with running(Caller, {"amqp_uri": proxy.uri}) as container:
        rpc = client_of(container)
        before = link_of(container).connection
        proxy.stall()
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            say(rpc, "unheard", timeout=0.5)
        assert time.monotonic() - began < 1
        eventually(lambda: link_of(container).connection is not before)
        assert say(rpc, "heard") == "heard"


def test_a_caller_without_a_broker_is_answered_in_time(proxy: Any) -> None:
    with running(Caller, {"amqp_uri": proxy.uri}) as container:
        proxy.cut()
        with pytest.raises(ServiceUnavailable):
            say(client_of(container), "unheard", timeout=0.5)


def test_when_processes_are_exchanged_every_question_is_answered(
    rpc: RpcClient, amqp_uri: str
) -> None:
    def asking() -> None:
        while not over:
            number = ulid()
            answers.append(say(rpc, number, "a while" if len(answers) % 3 else "at once") == number)

    answers: list[bool] = []
    over: list[bool] = []
    with running(Echo, {"amqp_uri": amqp_uri}):
        askers = [eventlet.spawn(asking) for _ in range(40)]
        eventually(lambda: answers)
        for _ in range(4):
            with running(Echo, {"amqp_uri": amqp_uri}):
                eventlet.sleep(0.1)  # both answer for a while
        over.append(True)
        for asker in askers:
            asker.wait()
    assert all(answers)


def test_many_starts_and_stops_of_a_service_leave_it_answering(
    rpc: RpcClient, amqp_uri: str
) -> None:
    def restart() -> None:
        for _ in range(5):
            with running(Echo, {"amqp_uri": amqp_uri}) as container:
                eventually(lambda: link_of(container).is_up)

    for each in [eventlet.spawn(restart) for _ in range(4)]:
        each.wait()
    with running(Echo, {"amqp_uri": amqp_uri}):
        assert say(rpc, "here") == "here"
