"""If-Match and If-None-Match over a service that compares versions."""

from typing import Any

import pytest

PATH = "/v1/appointments/apt_1"
CHANGE = {"local_start": "2026-12-01T11:00"}


@pytest.mark.parametrize(
    "condition", ['"3"', '"1", "3"', '"1","3"', '"1" , "3"', "*", 'W/"1", "3"', '"x","3"']
)
def test_a_change_goes_through_when_one_tag_is_the_version(
    gateway: Any, desk: Any, condition: str
) -> None:
    desk.version = 3
    headers = {**gateway.bearer(), "If-Match": condition}
    answer = gateway.send("PATCH", PATH, json=CHANGE, headers=headers)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"4"')


@pytest.mark.parametrize(
    "condition", ['"2"', '"1", "2"', 'W/"3"', '"x"', '""', '"99999999999"', 'W/"3", "2"']
)
def test_a_change_is_refused_with_the_record_as_it_is(
    gateway: Any, desk: Any, condition: str
) -> None:
    desk.version = 3
    headers = {**gateway.bearer(), "If-Match": condition}
    answer = gateway.send("PATCH", PATH, json=CHANGE, headers=headers)
    assert (answer.status_code, answer.json()["current"]["version"]) == (412, 3)
    assert desk.version == 3


@pytest.mark.parametrize("condition", ["3", "", '"3', '"3" "4"', "*, *", ", ".join(['"1"'] * 60)])
def test_what_is_no_condition_is_a_bad_request(gateway: Any, desk: Any, condition: str) -> None:
    headers = {**gateway.bearer(), "If-Match": condition}
    assert gateway.send("PATCH", PATH, json=CHANGE, headers=headers).status_code == 400
    assert desk.asked == []


def test_any_version_of_nothing_is_not_found(gateway: Any, desk: Any) -> None:  # noqa: ARG001
    headers = {**gateway.bearer(), "If-Match": "*"}
    assert gateway.send("PATCH", PATH + "0", json=CHANGE, headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ('"1"', 304),
        ('W/"1"', 304),
        ('"7","1"', 304),
        ('"7" ,\t W/"1"', 304),
        ("*", 304),
        ('"2"', 200),
        ("1", 200),
        ('"1', 200),
    ],
)
def test_a_read_is_answered_when_it_changed(
    gateway: Any, desk: Any, condition: str, status: int
) -> None:
    headers = {**gateway.bearer(), "If-None-Match": condition}
    answer = gateway.send("GET", PATH, headers=headers)
    assert (answer.status_code, answer.headers["ETag"]) == (status, '"1"')
    if status == 304:
        assert answer.content == b""
        assert "Content-Type" not in answer.headers
    assert desk.version == 1
