"""The event stream: live, resumed from any place, of what its client may see."""

import json
from typing import Any

import pytest
import requests

from clinic_runtime.testing import eventually


def source(told: tuple[str, str]) -> str:
    return told[0]


def test_events_come_as_they_happen_and_as_the_feed_gives_them(
    gateway: Any, house: Any, follow: Any
) -> None:
    stream = follow(gateway.bearer("front_desk"))
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["cache-control"] == "no-store"
    assert stream.headers["x-accel-buffering"] == "no"
    assert "content-length" not in stream.headers
    stream.is_open()
    assert stream.blocks[0]["retry"] == "3000"
    told = [house.tell(), house.tell(), house.tell()]
    stream.has(*told)
    assert set(stream.kinds) == {"billing.day_reopened.v1"}
    feed = gateway.send("GET", "/v1/events", headers=gateway.bearer("front_desk")).json()
    assert feed["events"][-3:] == stream.events


def test_a_client_that_takes_chunks_gets_each_event_whole(gateway: Any, house: Any) -> None:
    address = f"http://127.0.0.1:{gateway.port}/v1/events/stream"
    with requests.get(address, headers=gateway.bearer(), stream=True, timeout=20) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        lines = answer.iter_lines()
        assert next(lines) == b"retry: 3000"
        told = house.tell()
        data = next(line for line in lines if line.startswith(b"data: "))
        assert json.loads(data[len("data: ") :])["subject"] == told


@pytest.mark.usefixtures("house")
def test_a_stream_is_for_who_may_read(gateway: Any) -> None:
    assert gateway.send("GET", "/v1/events/stream").status_code == 401
    bad = gateway.send("GET", "/v1/events/stream?after=x", headers=gateway.bearer())
    assert (bad.status_code, list(bad.json()["errors"])) == (422, ["after"])
    head = gateway.send("HEAD", "/v1/events/stream", headers=gateway.bearer())
    assert head.headers["Content-Type"] == "text/event-stream"


def test_a_stream_resumes_where_it_was_cut_wherever_that_was(
    gateway: Any, house: Any, follow: Any
) -> None:
    first = follow(gateway.bearer()).is_open()
    start = first.cursor
    told = [house.tell(by) for by in house.names * 3]
    eventually(lambda: len(first.events) == len(told))
    whole = first.subjects
    assert sorted(whole) == sorted(told)
    ids = [start, *(block["id"] for block in first.blocks if "event" in block)]
    for number, cursor in enumerate(ids):
        rest = follow(gateway.bearer(), after=cursor)
        eventually(lambda: len(rest.events) >= len(whole) - number)  # noqa: B023 (asked at once)
        by_service = [(each["source"], each["subject"]) for each in rest.events]
        expected = [(each["source"], each["subject"]) for each in first.events[number:]]
        assert sorted(by_service, key=source) == sorted(expected, key=source)
    page = gateway.send("GET", f"/v1/events?after={ids[5]}", headers=gateway.bearer()).json()
    assert sorted(each["subject"] for each in page["events"]) == sorted(whole[5:])
