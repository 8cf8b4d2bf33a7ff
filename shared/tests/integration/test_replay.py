"""A consumer fed once more from the journals of two producers, over the real broker."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import amqp
import eventlet
import pytest
from eventlet.event import Event as Gate
from pymongo.database import Database

from clinic_contracts import envelope
from clinic_contracts.envelope import event
from clinic_contracts.errors import Invalid
from clinic_runtime import __main__ as command
from clinic_runtime import events, feed, packing, queues, replay, topology
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import ulid
from clinic_runtime.link import open_connection
from clinic_runtime.mongo import MongoDatabase, connect
from clinic_runtime.operations import Operable
from clinic_runtime.rebuild import rebuild
from clinic_runtime.replay import Progress, Replay, ReplayStopped, hands_of
from clinic_runtime.telling import journalled
from clinic_runtime.testing import eventually, running
from clinic_runtime.timers import every

Documents = Database[dict[str, Any]]
OPEN = Gate()
NOON = now()


@event("left.word_said.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class WordSaid:
    word: str


@event("right.word_heard.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class WordHeard:
    word: str


@event("left.door_closed.v1")
@dataclass(frozen=True, slots=True, kw_only=True)
class DoorClosed:
    pass


class Left(Operable):
    name = "left"


class Right(Operable):
    name = "right"


class Listener(Operable):
    name = "listener"
    database = MongoDatabase(lambda _database: None)
    projections = ("words",)

    @handles(WordSaid, WordHeard)
    def listen(self, received: envelope.Event) -> None:
        OPEN.wait()
        self.database["heard"].insert_one({"event": received.id})
        fields = {"$set": {"word": received.data.word}}
        self.database["words"].update_one({"_id": received.subject}, fields, upsert=True)

    @every(0.01)
    def look(self) -> None:
        self.database["looks"].insert_one({})


class Neighbour(Operable):
    name = "neighbour"
    database = MongoDatabase(lambda _database: None)

    @handles(WordSaid)
    def listen(self, received: envelope.Event) -> None:
        self.database["overheard"].insert_one({"_id": received.id})


class House:
    """Two producers with journals of their own; the listener can be started."""

    def __init__(self, stack: ExitStack, config: dict[str, str], mongo_uri: str) -> None:
        self.config = config
        self.client = connect(mongo_uri, "tests")
        self.journals = {name: self.client[f"{config['database']}_{name}"] for name in SIDES}
        self.database = self.client[config["database"]]
        self.sides = {name: running(cls, self.of(name)) for name, cls in SIDES.items()}
        for side in self.sides.values():
            stack.enter_context(side)

    def of(self, name: str) -> dict[str, str]:
        return {**self.config, "database": self.journals[name].name}

    def say(self, number: int, side: str = "left", data: Any = None) -> str:
        """Record an event of the ``number``-th second after noon."""
        data = data or (WordSaid if side == "left" else WordHeard)(word=f"{side} {number}")
        made = envelope.Event(
            id=f"evt_{ulid()}",
            type=envelope.type_of(type(data)),
            subject=f"word_{side}_{number}",
            seq=1,
            occurred_at=NOON + timedelta(seconds=number),
            data=data,
            actor="staff:test",
            correlation_id="the request",
        )
        journalled(self.journals[side], made)
        return made.id

    def replay(self, start: str = "start") -> list[Progress]:
        begin = command.begin(start, SIDES)
        with hands_of(Listener, self.config) as hands:
            return list(Replay(Listener, hands).run(begin))

    def rebuild(self) -> list[Progress]:
        with hands_of(Listener, self.config) as hands:
            return list(rebuild(Listener, self.config, hands))

    def heard(self) -> list[str]:
        return [row["event"] for row in self.database["heard"].find().sort("_id")]

    def ready(self) -> int:
        with queues.counting(self.config["amqp_uri"]) as counter:
            found = counter.count("listener.events.v1")
        assert found is not None
        return found.ready


SIDES = {"left": Left, "right": Right}


@pytest.fixture
def house(database: Documents, mongo_uri: str, amqp_uri: str) -> Iterator[House]:
    connection = open_connection(amqp_uri)
    for name in ("listener", "neighbour"):
        for queue in topology.consumer_queues(name):  # what one test leaves is not the next one's
            connection.channel().queue_delete(queue.name)
    connection.close()
    if not OPEN.ready():
        OPEN.send(None)
    config = {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}
    with ExitStack() as stack:
        made = House(stack, config, mongo_uri)
        yield made
    for each in made.journals.values():
        made.client.drop_database(each)
    made.client.close()


def test_a_consumer_hears_everything_once_more_in_order_and_nobody_else_does(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "PAGE", 2)
    with running(Listener, {**house.config, "max_workers": 1}), running(Neighbour, house.config):
        expected = [house.say(n, side) for n in range(4) for side in ("left", "right")]
        house.say(9, data=DoorClosed())  # which the listener does not handle
        steps = house.replay()
        eventually(lambda: len(house.heard()) == 8)
    assert house.heard() == expected
    assert [step.handed_over for step in steps] == [2, 4, 6, 8]
    assert [step.ahead for step in steps] == [7, 5, 3, 0]
    assert house.database["overheard"].count_documents({}) == 0


def test_it_goes_on_from_the_cursor_it_gave(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "PAGE", 3)
    with running(Listener, {**house.config, "max_workers": 1}):
        expected = [house.say(n, side) for n in range(4) for side in ("left", "right")]
        with hands_of(Listener, house.config) as hands:
            first = next(Replay(Listener, hands).run({}))
        house.replay(feed.encode(first.reached))
        eventually(lambda: len(house.heard()) == 8)
    assert house.heard() == expected


def test_what_the_broker_dropped_for_want_of_a_queue_comes_by_replay(
    house: House, amqp_uri: str
) -> None:
    house.say(0)
    lost = house.say(60)
    connection = open_connection(amqp_uri)
    channel = connection.channel()
    channel.exchange_declare("left.events", "topic", durable=True, auto_delete=False)
    channel.basic_publish(
        amqp.Message("{}"), exchange="left.events", routing_key="left.word_said.v1"
    )
    connection.close()
    with running(Listener, house.config):
        assert house.heard() == []
        house.replay((NOON + timedelta(seconds=30)).isoformat())
        eventually(lambda: house.heard() == [lost])


def test_a_running_service_is_not_flooded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "PAGE", events.PREFETCH)
    monkeypatch.setattr(packing, "EVENTS_A_MESSAGE", 1)
    OPEN.reset()
    many = 5 * events.PREFETCH
    for number in range(many):
        house.say(number)
    with running(Listener, {**house.config, "max_workers": events.PREFETCH}):
        feeding = eventlet.spawn(house.replay)
        # Beside those in hand: two pages and no more.
        eventually(lambda: house.ready() == events.PREFETCH)
        assert [house.ready() for _ in range(5)] == [events.PREFETCH] * 5
        OPEN.send(None)
        assert feeding.wait()[-1].handed_over == many
        eventually(lambda: len(house.heard()) == many)


def test_a_producer_that_is_away_ends_it_with_its_name(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setitem(SIDES, "gone", Left)
    with running(Listener, house.config), hands_of(Listener, house.config) as hands:
        lost = Replay(Listener, hands)
        lost.feed.services.append("gone")  # type: ignore[attr-defined]  # a list as it is made
        with pytest.raises(ReplayStopped, match="gone: not available"):
            list(lost.run({}))
    assert house.heard() == []


def test_a_broker_that_is_away_ends_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "PATIENCE_SECONDS", 0.5)
    nowhere = {**house.config, "amqp_uri": "amqp://127.0.0.1:1/"}
    with pytest.raises(ReplayStopped, match="does not answer"), hands_of(Listener, nowhere):
        pytest.fail("connected to nothing")


def test_a_consumer_that_never_ran_is_told_to(house: House) -> None:
    with pytest.raises(ReplayStopped, match="start it once"):
        house.replay()


@pytest.mark.parametrize("start", ["2026-12-01T10:00", "yesterday", "eyJhIjogLTF9", "WyJhIl0"])
def test_what_is_no_beginning_is_refused(start: str) -> None:
    with pytest.raises(Invalid):
        command.begin(start, SIDES)


def test_a_rebuild_is_refused_while_the_service_runs(house: House) -> None:
    with running(Listener, house.config):
        house.database["words"].insert_one({"_id": "kept"})
        with pytest.raises(ReplayStopped, match="stop every process of it"):
            house.rebuild()
    assert house.database["words"].find_one({"_id": "kept"})


def test_a_rebuild_clears_nothing_while_a_producer_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(Listener, house.config):
        pass  # makes its queue
    house.database["words"].insert_one({"_id": "kept"})
    house.sides["right"].__exit__(None, None, None)
    monkeypatch.setattr(replay, "PATIENCE_SECONDS", 0.5)
    with pytest.raises(ReplayStopped, match="right: not available"):
        house.rebuild()
    assert house.database["words"].find_one({"_id": "kept"})


def test_a_rebuild_makes_projections_anew_with_the_handlers_alone(house: House) -> None:
    with running(Listener, house.config):
        pass  # makes its queue
    house.database["looks"].delete_many({})
    house.database["words"].insert_many([{"_id": "of nobody"}, {"_id": "word_left_0", "word": "?"}])
    house.say(0)
    house.say(1, "right")
    assert house.rebuild()[-1].handed_over == 2
    words = {row["_id"]: row["word"] for row in house.database["words"].find()}
    assert words == {"word_left_0": "left 0", "word_right_1": "right 1"}
    assert house.database["inbox"].count_documents({}) == 2
    assert house.database["looks"].count_documents({}) == 0, "no timer fires meanwhile"
