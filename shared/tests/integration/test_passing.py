"""Events seen as they pass: by each process, while it is connected, and nothing is left behind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import amqp
import pytest

from clinic_runtime.ids import ulid
from clinic_runtime.link import open_connection
from clinic_runtime.passing import Passing
from clinic_runtime.testing import eventually, running


@dataclass
class Seen:
    events: list[dict[str, Any]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def seen(self, event: dict[str, Any]) -> None:
        self.events.append(event)

    def connected(self) -> None:
        self.states.append("connected")

    def lost(self) -> None:
        self.states.append("lost")


class Onlooker:
    name = "onlooker"
    passing = Passing(Seen, "parade")


@pytest.fixture
def channel(amqp_uri: str) -> Iterator[Any]:
    connection = open_connection(amqp_uri)
    made = connection.channel()
    made.exchange_declare("parade.events", "topic", durable=True, auto_delete=False)
    yield made
    made.exchange_delete("parade.events")
    connection.close()


def provider(container: Any) -> Passing:
    (found,) = (each for each in container.dependencies if isinstance(each, Passing))
    return found


def test_each_process_sees_what_passes_and_again_after_a_lost_connection(
    amqp_uri: str, channel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []

    def noted() -> str:
        names.append(ulid())
        return names[-1]

    monkeypatch.setattr("clinic_runtime.passing.ulid", noted)
    config = {"amqp_uri": amqp_uri}
    with running(Onlooker, config) as one, running(Onlooker, config) as two:
        seen = [provider(each).shown_to for each in (one, two)]
        for body in ('{"id": "1"}', "not JSON"):
            channel.basic_publish(amqp.Message(body), "parade.events", "parade.float_passed.v1")
        eventually(lambda: seen[0].events == seen[1].events == [{"id": "1"}, {}])
        assert seen[0].states == seen[1].states == ["connected"]
        provider(one).link.drop()
        eventually(lambda: seen[0].states == ["connected", "lost", "connected"])
        channel.basic_publish(amqp.Message("{}"), "parade.events", "parade.float_passed.v1")
        eventually(lambda: len(seen[0].events) == len(seen[1].events) == 3)
    assert len(names) == 3
    for each in names:
        with pytest.raises(amqp.NotFound):
            channel.connection.channel().queue_declare(f"onlooker.passing.{each}", passive=True)


def test_an_exchange_that_is_not_there_yet_is_made(amqp_uri: str) -> None:
    with running(Onlooker, {"amqp_uri": amqp_uri}) as container:
        assert provider(container).shown_to.states == ["connected"]
    connection = open_connection(amqp_uri)
    connection.channel().exchange_delete("parade.events")
    connection.close()
