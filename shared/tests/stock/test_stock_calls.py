"""Calls: the faults for which we do without Nameko's own, each shown on it and not on ours.

Each scenario runs against both kinds: ``stock`` must show the fault, ``ours`` must not.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import eventlet
import pytest
from eventlet.event import Event
from nameko.amqp.publish import Publisher
from nameko.containers import ServiceContainer, WorkerContext
from nameko.rpc import RpcProxy, rpc
from nameko.testing.utils import DummyProvider

from clinic_contracts.context import CallContext
from clinic_contracts.errors import ServiceUnavailable
from clinic_contracts.operations import Operation
from clinic_runtime import topology
from clinic_runtime.link import open_connection
from clinic_runtime.rpc import RpcClient, command
from clinic_runtime.testing import eventually

pytestmark = pytest.mark.parametrize("kind", ["stock", "ours"])
STOCK = "stock"
TIME_OUT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    word: str


class Work:
    """What the workers do, and how often they were asked to; each test sets its own."""

    do: Callable[[], None]
    times = 0

    @classmethod
    def done(cls) -> None:
        cls.times += 1
        cls.do()


class StockAnswerer:
    name = "stock_answerer"

    @rpc  # type: ignore[untyped-decorator]  # nameko's
    def ask(self) -> str:
        Work.done()
        return "here"


class StockCaller:
    name = "stock_caller"
    answerer = RpcProxy("stock_answerer")


ASK = Operation("our_answerer", "ask", Ask, Answer)


class OurAnswerer:
    name = "our_answerer"

    @command(ASK)
    def ask(self, _request: Ask, _context: CallContext) -> Answer:
        Work.done()
        return Answer(word="here")


class OurCaller:
    name = "our_caller"
    rpc = RpcClient()


ANSWERERS = {"stock": StockAnswerer, "ours": OurAnswerer}
CALLERS = {"stock": StockCaller, "ours": OurCaller}


@pytest.fixture(autouse=True)
def fresh(amqp_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a broker that knows nothing of the answerers yet."""
    # Stock's own three tries, but for the seconds between them.
    hasty = {"max_retries": 3, "interval_start": 0.01, "interval_step": 0}
    monkeypatch.setattr(Publisher, "retry_policy", hasty)
    Work.times, Work.do = 0, lambda: None
    connection = open_connection(amqp_uri)
    for name in ("rpc-stock_answerer", topology.rpc_queue("our_answerer").name):
        connection.channel().queue_delete(name)
    connection.collect()


def died(container: ServiceContainer) -> bool:
    """Say whether the container ended by itself, as its process then does."""
    return bool(container._died.ready())


def ask(kind: str, caller: ServiceContainer) -> Any:
    """Ask the kind's answerer from within the caller."""
    if kind == STOCK:
        (proxy,) = caller.dependencies
        return proxy.get_dependency(WorkerContext(caller, None, DummyProvider("asking"))).ask()
    (client,) = caller.dependencies
    context = CallContext(actor="staff:test", correlation_id="1", operation_id="1")
    return client.call(ASK, {}, context, TIME_OUT)["word"]


def test_a_caller_whose_answer_is_lost_waits_for_ever(
    kind: str, config: dict[str, Any], started: Any
) -> None:
    with started(ANSWERERS[kind], config), started(CALLERS[kind], config) as caller:
        over = Event()
        Work.do = over.wait  # it does not come to answering
        asked = eventlet.spawn(ask, kind, caller)
        eventually(lambda: Work.times)
        if kind == STOCK:
            eventlet.sleep(2 * TIME_OUT)
            assert not asked.dead
        else:
            with pytest.raises(ServiceUnavailable), eventlet.Timeout(2 * TIME_OUT):
                asked.wait()
        over.send(None)
        asked.kill()


def test_a_service_that_no_longer_runs_leaves_its_callers_waiting(
    kind: str, config: dict[str, Any], started: Any
) -> None:
    with started(ANSWERERS[kind], config), started(CALLERS[kind], config) as caller:
        assert ask(kind, caller) == "here"
    with started(CALLERS[kind], config) as caller:
        began = time.monotonic()
        asked = eventlet.spawn(ask, kind, caller)
        if kind == STOCK:
            eventlet.sleep(2 * TIME_OUT)
            assert not asked.dead
        else:
            with pytest.raises(ServiceUnavailable):
                asked.wait()
            assert time.monotonic() - began < 0.5
        asked.kill()


def test_an_answer_that_cannot_be_sent_ends_the_process(
    kind: str,
    config: dict[str, Any],
    proxy: Any,
    started: Any,
    config_through_proxy: dict[str, Any],
) -> None:
    with (
        started(ANSWERERS[kind], config_through_proxy) as answerer,
        started(CALLERS[kind], config) as caller,
    ):
        Work.do = proxy.cut
        asked = eventlet.spawn(ask, kind, caller)
        eventually(lambda: Work.times)
        if kind == STOCK:
            assert eventually(lambda: died(answerer))
        else:
            with pytest.raises(ServiceUnavailable):
                asked.wait()
            assert not died(answerer)
            proxy.mend()
            Work.do = lambda: None
            eventually(lambda: answered(kind, caller))
        asked.kill()


def answered(kind: str, caller: ServiceContainer) -> bool:
    try:
        return bool(ask(kind, caller) == "here")
    except ServiceUnavailable:
        return False


def test_what_starts_a_process_needs_a_module_that_newer_pythons_lack(kind: str) -> None:
    module = "nameko.cli.main" if kind == STOCK else "clinic_runtime.runner"
    program = f"import sys; sys.modules['pkg_resources'] = None; import {module}"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ("pkg_resources" in ran.stderr) == (kind == STOCK)
    assert (ran.returncode != 0) == (kind == STOCK)
