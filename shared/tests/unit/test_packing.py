"""Events into messages and out of them again."""

from typing import Any

import amqp
import orjson
import pytest

from clinic_runtime.packing import (
    BYTES_A_MESSAGE,
    EVENTS_A_MESSAGE,
    SINGLE,
    Document,
    packed,
    single,
    unpacked,
)


def event(id_: str, name: str = "set", subject: str = "", **data: Any) -> Document:
    return {"id": id_, "type": f"source.job_{name}.v1", "subject": subject or id_, "data": data}


def held(events: list[Document]) -> list[list[str]]:
    return [[each.id for each in unpacked(pack.message)] for pack in packed(events)]


def test_events_of_one_type_travel_together() -> None:
    events = [event("1"), event("2", "done"), event("3")]
    assert held(events) == [["1", "3"], ["2"]]
    assert [pack.type for pack in packed(events)] == ["source.job_set.v1", "source.job_done.v1"]


def test_no_event_overtakes_one_of_its_subject() -> None:
    events = [
        event("1", "set", "a"),
        event("2", "done", "a"),
        event("3", "set", "b"),
        event("4", "set", "a"),
        event("5", "set", "a"),
    ]
    assert held(events) == [["1"], ["2"], ["3"], ["4", "5"]]


def test_a_message_is_bounded_in_events_and_in_bytes() -> None:
    many = [event(str(number)) for number in range(2 * EVENTS_A_MESSAGE + 1)]
    assert [len(ids) for ids in held(many)] == [EVENTS_A_MESSAGE, EVENTS_A_MESSAGE, 1]
    half = "x" * (BYTES_A_MESSAGE // 2)
    large = [event(str(number), text=half) for number in range(3)]
    assert held(large) == [["0"], ["1"], ["2"]]
    assert held([event("huge", text=4 * half), event("1")]) == [["huge"], ["1"]]


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        packed([event("1", text="\ud800")])


def test_what_came_alone_is_kept_as_it_came() -> None:
    (delivery,) = unpacked(amqp.Message('{"id": "1",  "type": "a"}', message_id="other"))
    assert delivery.body == '{"id": "1",  "type": "a"}'
    assert (delivery.id, delivery.type) == ("other", "a")
    copy = single(delivery)
    assert (copy.body, copy.content_type) == (delivery.body, SINGLE)


def test_one_of_many_is_sent_on_alone() -> None:
    (pack,) = packed([event("1"), event("2")])
    copy = single(unpacked(pack.message)[1], application_headers={"x-attempt": 1})
    assert orjson.loads(copy.body) == event("2")
    assert (copy.message_id, copy.type) == ("2", "source.job_set.v1")
    assert [each.id for each in unpacked(copy)] == ["2"]


@pytest.mark.parametrize("body", ["", "[]", "nonsense", "7", "null", b"\xff", "[" * 2_000])
def test_whatever_comes_is_at_least_one_delivery_with_an_id(body: str | bytes) -> None:
    (delivery,) = unpacked(amqp.Message(body))
    assert delivery.body == body
    assert delivery.id.startswith("parked_")
    assert not delivery.type
