from typing import Any

import eventlet
import pytest
from eventlet.event import Event

from clinic_contracts.errors import NotFound, ServiceUnavailable
from gateway import kept as keeping
from gateway.days import Days
from gateway.kept import LONGEST_SECONDS, OVERHEAD

DAY = ("loc_1", "2026-12-01")
NEXT = ("loc_1", "2026-12-02")


class Source:
    """What is fetched from: answers what it holds, when it is let."""

    def __init__(self) -> None:
        self.body = b"one"
        self.asked = 0
        self.gate: Event | None = None
        self.error: BaseException | None = None

    def __call__(self) -> bytes:
        self.asked += 1
        body = self.body
        if self.gate is not None:
            self.gate.wait()
        if self.error is not None:
            raise self.error
        return body


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def kept() -> Days:
    made = Days()
    made.connected()
    return made


def visit(day: tuple[str, str] = DAY, id_: str = "apt_1") -> dict[str, Any]:
    return {"id": id_, "location_id": day[0], "local_start": f"{day[1]}T10:00"}


def test_a_day_is_fetched_once_and_has_a_tag_of_its_bytes(kept: Days, source: Source) -> None:
    first = kept.read(DAY, "key", source)
    assert kept.read(DAY, "key", source) == first
    assert (first[0].body, source.asked) == (b"one", 1)
    assert kept.read(DAY, "another key", source)[0].etag == first[0].etag
    source.body = b"two"
    assert kept.read(NEXT, "key", source)[0].etag != first[0].etag
    assert source.asked == 3


def test_its_age_is_told_and_bounded(source: Source) -> None:
    at = [100.0]
    kept = Days(clock=lambda: at[0])
    kept.connected()
    assert kept.read(DAY, "key", source)[1] == 0
    at[0] += LONGEST_SECONDS - 0.5
    assert kept.read(DAY, "key", source)[1] == int(LONGEST_SECONDS - 0.5)
    at[0] += 0.5
    assert (kept.read(DAY, "key", source)[1], source.asked) == (0, 2)
    assert kept.size == 3 + OVERHEAD


@pytest.mark.parametrize(
    "event",
    [
        {"data": {"visit": visit()}},
        {"data": {"visit": visit(NEXT), "previous": visit()}},
        {"data": {"practitioner_id": "prac_1"}},
        {"data": None},
        {"data": {"visit": {}}},
        {"data": "visit"},
        {},
        [],
    ],
)
def test_an_event_drops_the_days_it_may_be_about(kept: Days, source: Source, event: Any) -> None:
    kept.read(DAY, "key", source)
    kept.read(("loc_2", DAY[1]), "key", source)
    kept.seen(event)
    source.body = b"two"
    assert kept.read(DAY, "key", source)[0].body == b"two"
    others = kept.read(("loc_2", DAY[1]), "key", source)[0].body
    assert others == (b"one" if visit() in _visits(event) else b"two")


def _visits(event: Any) -> list[Any]:
    data = event.get("data") if isinstance(event, dict) else None
    return list(data.values()) if isinstance(data, dict) else []


def test_a_move_drops_the_day_that_held_the_visit(kept: Days, source: Source) -> None:
    source.body = b'[{"id": "apt_7"}]'
    kept.read(DAY, "key", source)
    source.body = b'[{"id": "apt_8"}]'
    kept.read(("loc_2", DAY[1]), "key", source)
    kept.moved(visit(NEXT, "apt_7"))
    assert list(kept.kept) == [("loc_2", DAY[1])]


def test_those_who_ask_together_share_one_fetch(kept: Days, source: Source) -> None:
    source.gate = Event()
    asking = [eventlet.spawn(kept.read, DAY, "key", source) for _ in range(5)]
    eventlet.sleep(0)
    source.gate.send(None)
    assert {thread.wait()[0].body for thread in asking} == {b"one"}
    assert (source.asked, kept.fetches) == (1, {})


@pytest.mark.parametrize("change", ["seen", "changed", "moved", "lost", "clear"])
def test_what_was_fetched_while_it_changed_is_neither_kept_nor_shared(
    kept: Days, source: Source, change: str
) -> None:
    source.gate = Event()
    before = eventlet.spawn(kept.read, DAY, "key", source)
    eventlet.sleep(0)
    arguments = {"seen": [{"data": {"visit": visit()}}], "lost": [], "clear": []}
    getattr(kept, change)(*arguments.get(change, [visit()]))
    source.body = b"two"
    after = eventlet.spawn(kept.read, DAY, "key", source)
    eventlet.sleep(0)
    source.gate.send(None)
    assert (before.wait()[0].body, after.wait()[0].body) == (b"one", b"two")
    source.gate = None
    assert kept.read(DAY, "key", source)[0].body == b"two"
    assert source.asked == (3 if change == "lost" else 2)


def test_nothing_is_kept_while_nobody_would_tell(kept: Days, source: Source) -> None:
    kept.read(DAY, "key", source)
    kept.lost()
    for _ in range(2):
        kept.read(DAY, "key", source)
    assert (source.asked, kept.size) == (3, 0)
    kept.connected()
    for _ in range(2):
        kept.read(DAY, "key", source)
    assert source.asked == 4


@pytest.mark.parametrize(
    ("error", "told"),
    [(NotFound("none"), NotFound), (eventlet.greenlet.GreenletExit(), ServiceUnavailable)],
)
def test_a_fetch_that_fails_fails_for_all_and_is_not_kept(
    kept: Days, source: Source, error: BaseException, told: type[Exception]
) -> None:
    source.gate, source.error = Event(), error
    first = eventlet.spawn(kept.read, DAY, "key", source)
    eventlet.sleep(0)
    second = eventlet.spawn(kept.read, DAY, "key", source)
    eventlet.sleep(0)
    source.gate.send(None)
    with pytest.raises(told):
        second.wait()
    if isinstance(error, Exception):
        with pytest.raises(told):
            first.wait()
    assert (kept.size, kept.fetches) == (0, {})


def test_the_longest_unused_goes_first(
    kept: Days, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_BYTES", 2 * (OVERHEAD + 3))
    third = ("loc_3", DAY[1])
    for day in (DAY, NEXT, DAY, third):
        kept.read(day, "key", source)
    assert set(kept.kept) == {DAY, third}
    assert kept.size == 2 * (OVERHEAD + 3)
    source.body = b"x" * 10_000
    kept.read(NEXT, "key", source)
    assert (set(kept.kept), kept.size) == (set(), 0)
