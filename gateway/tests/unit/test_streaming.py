"""What a client of the stream is told, over journals in memory: all of it, and nothing twice."""

import json
import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import eventlet
import pytest

from clinic_contracts.errors import Forbidden, ServiceUnavailable
from clinic_runtime import feed
from clinic_runtime.feed import FeedPage, Row
from clinic_runtime.testing import eventually
from gateway.identity.access import Actor, Grant, authorise
from gateway.streaming import blocks, live, stream
from gateway.streaming.live import Live
from gateway.streaming.sight import Sight, sight_of
from gateway.streaming.stream import EventStream

NAMES = ("booking", "billing")
NOON = "2026-12-01T12:00:00Z"
ALL = Sight(None, charts=True)


def event(id_: str, type_: str = "billing.day_closed.v1", location_id: str = "a") -> dict[str, Any]:
    return {"id": id_, "type": type_, "locationid": location_id, "time": NOON, "data": {}}


class Journals:
    """Two services' journals, which can be away."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMES}
        self.away: set[str] = set()

    def tell(self, service: str, id_: str, **how: Any) -> None:
        self.rows[service].append(event(id_, **how))

    def read_one(self, service: str, reached: feed.Reached) -> FeedPage:
        return self.read((service,), reached)

    def read(self, services: tuple[str, ...], reached: feed.Reached, limit: int = 5) -> FeedPage:
        eventlet.sleep(0)  # as a call does
        there = [service for service in services if service not in self.away]
        rows, after = [], dict(reached)
        for service in there:
            at = reached.get(service, 0)
            begin = len(self.rows[service]) if isinstance(at, str) else at
            after[service] = min(begin + limit, len(self.rows[service]))
            found = enumerate(self.rows[service][begin : begin + limit], start=begin + 1)
            rows += [Row(service, position, each) for position, each in found]
        heads = {service: len(self.rows[service]) for service in there}
        return FeedPage(
            rows=rows,
            reached=after,
            heads=heads,
            unavailable=[service for service in services if service in self.away],
        )


class Client:
    """Reads a stream until it is cut."""

    def __init__(self, shared: Live, journals: Any, after: str = "", sight: Sight = ALL) -> None:
        self.may = sight
        self.stream = EventStream(
            shared,
            caller="key:1",
            sight=sight,
            after=feed.decode(after) if after else None,
            everything=journals,
            own=journals,
            sight_now=self.sight_now,
            heartbeat=60.0,
        )
        shared.admit("key:1", 1_000, 1_000)
        self.blocks: list[dict[str, str]] = []
        self.began = after
        self.thread = eventlet.spawn(self._read)

    def sight_now(self) -> Sight:
        return self.may

    def _read(self) -> None:
        for text in self.stream:
            for part in text.decode().split("\n\n")[:-1]:
                block = dict(line.split(":", 1) for line in part.split("\n"))
                self.blocks.append({name: value.strip() for name, value in block.items()})

    @property
    def cursor(self) -> str:
        return next((b["id"] for b in reversed(self.blocks) if "id" in b), self.began)

    @property
    def ids(self) -> list[str]:
        shown = [block["data"] for block in self.blocks if block.get("event", "resync") != "resync"]
        return [json.loads(data)["id"] for data in shown]

    @property
    def was_told_to_resync(self) -> bool:
        return any(block.get("event") == "resync" for block in self.blocks)

    def cut(self, lost: int = 0) -> None:
        """End it; the last blocks, of which so many may be ``lost``, did not arrive."""
        self.thread.kill()
        self.stream.close()
        self.blocks = self.blocks[: max(2, len(self.blocks) - lost)]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "APART_SECONDS", 0.001)


@pytest.fixture
def journals() -> Journals:
    return Journals()


@pytest.fixture
def shared(journals: Journals) -> Iterator[Live]:
    made = Live(NAMES)
    anchor = Client(made, journals)
    eventually(lambda: anchor.cursor)
    eventually(lambda: all(isinstance(at, int) for at in made.reached.values()))
    yield made
    anchor.cut()
    assert not made.threads
    assert not made.open


@pytest.mark.parametrize("seed", range(20))
def test_cut_at_any_moment_a_client_misses_nothing_and_sees_nothing_twice(
    journals: Journals, shared: Live, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 (an order that repeats)
    client = Client(shared, journals)
    eventually(lambda: client.cursor)
    seen: list[str] = []
    for number in range(60):
        service = dice.choice(NAMES)
        for part in range(dice.randrange(1, 4)):
            journals.tell(service, f"{service} {number:02} {part}")
        shared.seen({"source": service})
        for _ in range(dice.randrange(4)):
            eventlet.sleep(0)
        if dice.random() < 0.3:
            client.cut(lost=dice.randrange(4))
            seen += client.ids
            assert not client.was_told_to_resync
            client = Client(shared, journals, client.cursor)
    expected = sorted(each["id"] for rows in journals.rows.values() for each in rows)
    eventually(lambda: len(seen) + len(client.ids) >= len(expected))
    client.cut()
    seen += client.ids
    assert sorted(seen) == expected
    for service in NAMES:
        own = [id_ for id_ in seen if id_.startswith(service)]
        assert own == sorted(own)


def test_who_falls_behind_is_told_so_and_goes_on(
    journals: Journals, shared: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "EVENTS_KEPT", 10)
    client = Client(shared, journals)
    eventually(lambda: client.cursor)
    monkeypatch.setattr(client.stream, "wake", lambda: None)
    for number in range(40):
        journals.tell("billing", f"lost {number}")
    shared.connected()
    eventually(lambda: shared.reached["billing"] == 40)
    assert shared.ring.events <= 10
    monkeypatch.undo()
    client.stream.wake()
    eventually(lambda: client.was_told_to_resync)
    journals.tell("billing", "next")
    shared.connected()
    eventually(lambda: client.ids == ["next"])
    assert feed.decode(client.blocks[-2]["id"])["billing"] == 40
    client.cut()


def test_who_comes_from_far_or_from_nowhere_is_told_so(
    journals: Journals, shared: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_MISSED", 3)
    for number in range(8):
        journals.tell("billing", str(number))
    near, far, ahead = (
        Client(shared, journals, feed.encode({"booking": 0, "billing": at})) for at in (5, 4, 9)
    )
    eventually(lambda: near.ids == ["5", "6", "7"])
    eventually(lambda: far.was_told_to_resync and ahead.was_told_to_resync)
    assert not near.was_told_to_resync
    assert feed.decode(far.cursor) == feed.decode(ahead.cursor) == {"booking": 0, "billing": 8}
    for each in (near, far, ahead):
        each.cut()


def test_of_a_journal_that_cannot_be_asked_it_is_not_said_that_nothing_is_missing(
    journals: Journals,
) -> None:
    journals.away.add("booking")
    made = Live(NAMES)
    fresh = Client(made, journals)
    resumed = Client(made, journals, feed.encode({"booking": 0, "billing": 0}))
    eventually(lambda: resumed.was_told_to_resync)
    since = feed.decode(resumed.cursor)["booking"]
    assert datetime.fromisoformat(str(since)).tzinfo is not None
    journals.tell("billing", "here")
    made.connected()
    eventually(lambda: fresh.ids == resumed.ids == ["here"])
    assert not fresh.was_told_to_resync
    fresh.cut()
    resumed.cut()


def test_a_journal_that_was_put_back_to_an_earlier_state_is_read_on_from_there(
    journals: Journals, shared: Live
) -> None:
    client = Client(shared, journals)
    eventually(lambda: client.cursor)
    for number in range(3):
        journals.tell("billing", str(number))
    shared.connected()
    eventually(lambda: len(client.ids) == 3)
    del journals.rows["billing"][1:]
    shared.connected()
    eventually(lambda: client.was_told_to_resync)
    journals.tell("billing", "anew")
    shared.connected()
    eventually(lambda: client.ids == ["0", "1", "2", "anew"])
    client.cut()


def test_a_client_sees_what_it_may_until_that_changes(journals: Journals, shared: Live) -> None:
    client = Client(shared, journals, sight=Sight(frozenset({"a"}), charts=False))
    eventually(lambda: client.cursor)
    journals.tell("billing", "theirs", location_id="b")
    journals.tell("billing", "ours", location_id="a")
    shared.connected()
    eventually(lambda: client.ids == ["ours"])
    client.may = ALL
    client.stream.due_at = 0.0
    client.stream.wake()
    eventually(lambda: client.thread.dead)
    client.stream.close()


def test_a_visit_that_was_moved_elsewhere_has_its_old_location_read_anew(
    journals: Journals, shared: Live
) -> None:
    ours, theirs = (Sight(frozenset({at}), charts=False) for at in "ac")
    others = Sight(frozenset({"a"}), charts=False, types=frozenset({"billing.day_closed"}))
    sights = (ours, theirs, others)
    here, there, counting = (Client(shared, journals, sight=sight) for sight in sights)
    eventually(lambda: here.cursor and there.cursor and counting.cursor)
    start = here.cursor
    moved = event("moved", "booking.appointment_moved.v1", location_id="b")
    journals.rows["booking"].append({**moved, "data": {"previous": {"location_id": "a"}}})
    journals.tell("booking", "next", location_id="a")
    shared.connected()
    eventually(lambda: here.ids == ["next"])
    assert here.was_told_to_resync
    assert not there.was_told_to_resync
    assert not counting.was_told_to_resync
    resumed = Client(shared, journals, start, ours)
    eventually(lambda: resumed.ids == ["next"])
    assert resumed.was_told_to_resync
    for each in (here, there, counting, resumed):
        each.cut()


def test_a_client_that_may_not_any_more_is_let_go(journals: Journals, shared: Live) -> None:
    client = Client(shared, journals)
    eventually(lambda: client.cursor)

    def ended() -> Sight:
        raise Forbidden("not any more")

    client.stream.sight_now = ended
    client.stream.due_at = 0.0
    client.stream.wake()
    eventually(lambda: client.thread.dead)
    client.stream.close()


def test_no_more_are_open_than_may_be() -> None:
    made = Live(NAMES)
    for caller in ("one", "one", "two"):
        made.admit(caller, 3, 2)
    for caller in ("one", "three"):
        with pytest.raises(ServiceUnavailable):
            made.admit(caller, 3, 2)
    made.dismiss("two")
    with pytest.raises(ServiceUnavailable):
        made.admit("one", 3, 2)
    made.admit("three", 3, 2)


@pytest.mark.parametrize(
    ("role", "location_ids", "type_", "location_id", "shown"),
    [
        ("front_desk", None, "booking.appointment_booked.v1", "b", True),
        ("front_desk", ("a",), "booking.appointment_booked.v1", "a", True),
        ("front_desk", ("a",), "booking.appointment_booked.v1", "b", False),
        ("front_desk", ("a",), "booking.treatment_changed.v1", "", True),
        ("front_desk", ("a",), "booking.practitioner_changed.v1", "", False),
        ("front_desk", ("a",), "client_profile.client_changed.v1", "", False),
        ("front_desk", ("a",), "client_profile.alert_changed.v2", "", False),
        ("front_desk", None, "client_profile.alert_changed.v2", "", True),
        ("integration", None, "client_profile.client_changed.v1", "", True),
        ("integration", None, "client_profile.alert_changed.v1", "", False),
        ("integration", None, "client_profile.referral_changed.v1", "", False),
        ("billing", None, "client_profile.consent_changed.v1", "", False),
        ("integration", ("a",), "some.thing_unheard_of.v1", "", False),
    ],
)
def test_who_is_shown_what(
    role: str, location_ids: tuple[str, ...] | None, type_: str, location_id: str, *, shown: bool
) -> None:
    actor = authorise(Actor("key:1", "k", (Grant(role, location_ids),)), "read")
    assert sight_of(actor).sees(event("1", type_, location_id)) == shown
    assert not sight_of(actor, ("outside.bell_rung",)).sees(event("1", type_, location_id))
    name = type_.rpartition(".")[0]
    assert sight_of(actor, (name,)).sees(event("1", type_, location_id)) == shown
    assert sight_of(actor, (type_,)).sees(event("1", type_, location_id)) == shown
    assert not sight_of(actor, (f"{name}.v9",)).sees(event("1", type_, location_id))
