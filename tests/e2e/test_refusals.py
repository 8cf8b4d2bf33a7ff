"""Every refusal of the API's table, through the gateway: a problem document, never a 500."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from openapi_spec_validator import validate

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually

Raw = Callable[..., requests.Response]


def problem(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "request_id"} <= body.keys()
    assert "Traceback" not in answer.text
    return body


@pytest.fixture(scope="module")
def visit(api: Api, clinic: dict[str, str]) -> dict[str, Any]:
    return dict(api.post("/appointments", {**clinic, "local_start": "2026-12-03T10:00"}))


def test_a_taken_slot_names_its_blocker_and_three_others(
    raw: Raw, clinic: dict[str, str], visit: dict[str, Any]
) -> None:
    wanted = {**clinic, "local_start": "2026-12-03T10:30"}
    body = problem(raw("POST", "/v1/appointments", json=wanted), 409, "slot_taken")
    assert body["blocked_by"][0]["appointment_id"] == visit["id"]
    assert len(body["alternatives"]) == 3


@pytest.mark.parametrize(
    ("local_start", "reason"),
    [
        ("2026-12-03T12:03", "off_tick"),
        ("2026-12-03T07:00", "outside_hours"),
        ("2026-12-06T10:00", "closed"),
    ],
)
def test_what_cannot_be_booked_says_why(
    raw: Raw, clinic: dict[str, str], local_start: str, reason: str
) -> None:
    wanted = {**clinic, "local_start": local_start}
    body = problem(raw("POST", "/v1/appointments", json=wanted), 422, "not_bookable")
    assert body["reason"] == reason


def test_a_skipped_wall_time_does_not_exist(raw: Raw, api: Api, clinic: dict[str, str]) -> None:
    toronto = api.post(
        "/locations",
        {"name": "T", "timezone": "America/Toronto", "hours": {}, "rooms": [{"name": "1"}]},
    )
    wanted = {
        **clinic,
        "practitioner_id": "any",
        "location_id": toronto["id"],
        "local_start": "2027-03-14T02:30",
    }
    problem(raw("POST", "/v1/appointments", json=wanted), 422, "nonexistent_time")


def test_an_ambiguous_wall_time_is_the_earlier_unless_fold_is_given(
    api: Api, clinic: dict[str, str]
) -> None:
    """The clocks of Toronto show half past one twice in the night of 7 November 2027."""
    night = [["00:00", "06:00"]]
    toronto = api.post(
        "/locations",
        {
            "name": "Night",
            "timezone": "America/Toronto",
            "hours": {"sun": night},
            "rooms": [{"name": "1"}],
        },
    )
    at = {"location_id": toronto["id"], "weekday": "sun", "start": "00:00", "end": "06:00"}
    therapist = {
        "name": "Noor Haddad",
        "location_ids": [toronto["id"]],
        "treatment_ids": [clinic["treatment_id"]],
        "registration": {"college": "CMTO", "number": "1"},
        "shifts": [at],
    }
    api.post("/practitioners", therapist)
    wanted = {
        **clinic,
        "location_id": toronto["id"],
        "practitioner_id": "any",
        "local_start": "2027-11-07T01:30",
    }
    later = api.post("/appointments", {**wanted, "fold": 1})
    assert later["start"] == "2027-11-07T01:30:00-05:00"
    api.post(f"/appointments/{later['id']}/cancel", {"reason": "not then"})
    assert api.post("/appointments", wanted)["start"] == "2027-11-07T01:30:00-04:00"


def test_an_illegal_change_names_both_states(raw: Raw, visit: dict[str, Any]) -> None:
    answer = raw("POST", f"/v1/appointments/{visit['id']}/fulfil")
    body = problem(answer, 409, "illegal_transition")
    assert (body["from"], body["to"]) == ("booked", "fulfilled")


def test_a_change_needs_the_version_it_saw(raw: Raw, visit: dict[str, Any]) -> None:
    path, change = f"/v1/appointments/{visit['id']}", {"local_start": "2026-12-03T13:00"}
    problem(raw("PATCH", path, json=change), 428, "precondition_required")
    stale = raw("PATCH", path, json=change, headers={"If-Match": '"7"'})
    assert problem(stale, 412, "stale_version")["current"]["id"] == visit["id"]


def test_an_idempotency_key_gives_the_first_answer_again(raw: Raw, clinic: dict[str, str]) -> None:
    wanted = {**clinic, "local_start": "2026-12-03T15:00"}
    key = {"Idempotency-Key": "one request"}
    first = raw("POST", "/v1/appointments", json=wanted, headers=key)
    again = raw("POST", "/v1/appointments", json=wanted, headers=key)
    assert (first.status_code, again.text) == (201, first.text)
    other = raw("POST", "/v1/appointments", json={**wanted, "fold": 1}, headers=key)
    problem(other, 422, "idempotency_key_reused")


def test_a_clients_answer_is_not_kept_and_still_the_same(raw: Raw, api: Api) -> None:
    wanted = {"name": "Bo Other", "health_number": "9314159277"}
    key = {"Idempotency-Key": "one client"}
    first = raw("POST", "/v1/clients", json=wanted, headers=key)
    again = raw("POST", "/v1/clients", json=wanted, headers=key)
    assert (first.status_code, again.json()) == (201, first.json())
    assert len(api.get("/clients", q="bo other")["items"]) == 1
    other = raw("POST", "/v1/clients", json={"name": "Cy"}, headers=key)
    problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"json": {"surprise": 1}}, 422, "validation_failed"),
        ({"json": {"name": 5}}, 422, "validation_failed"),
        ({"json": [1]}, 422, "validation_failed"),
        ({"data": "{"}, 400, "bad_request"),
        ({"data": '{"name": NaN}'}, 400, "bad_request"),
        ({"data": '{"name": "Ada"}'.encode("utf-16")}, 400, "bad_request"),
        ({"data": '{"name": "\\ud800"}'}, 422, "validation_failed"),
        ({"data": '{"name": "Ada\\u0000"}'}, 422, "validation_failed"),
        ({"data": '{"name": 1e400}'}, 422, "validation_failed"),
        ({"data": '{"name": "Ada", "name": "Bo"}'}, 422, "validation_failed"),
        ({"data": '{"name": ' + "[" * 30 + "]" * 30 + "}"}, 413, "too_large"),
        ({"data": " " * 300_000}, 413, "too_large"),
    ],
)
def test_a_bad_body_is_refused(raw: Raw, options: Any, status: int, code: str) -> None:
    body = problem(raw("POST", "/v1/clients", **options), status, code)
    if code == "validation_failed":
        assert body["errors"]


def test_a_chunked_body_and_four_byte_characters_are_read(raw: Raw) -> None:
    parts = iter([b'{"name": "Ada ', '🙌"}'.encode()])
    made = raw("POST", "/v1/clients", data=parts)
    assert (made.status_code, made.json()["name"]) == (201, "Ada 🙌")


def test_a_second_factor_that_nobody_has_is_refused(house: Any) -> None:
    owner = {"email": "owner@example.org", "password": "a password for tests"}
    answer = requests.post(f"{house.address}/v1/sessions", json={**owner, "totp": "1"}, timeout=5)
    assert list(problem(answer, 422, "validation_failed")["errors"]) == ["totp"]


def test_nobody_gets_nothing(house: Any) -> None:
    problem(requests.get(f"{house.address}/v1/clients", timeout=5), 401, "unauthenticated")
    wrong = {"email": "owner@example.org", "password": "wrong"}
    answer = requests.post(f"{house.address}/v1/sessions", json=wrong, timeout=5)
    problem(answer, 401, "unauthenticated")


def test_location_is_said_only_where_something_is(raw: Raw, clinic: dict[str, str]) -> None:
    made = raw("POST", "/v1/clients", json={"name": "Di"})
    assert raw("GET", made.headers["Location"]).json()["name"] == "Di"
    consent = {"channel": "email", "granted": True}
    path = f"/v1/clients/{clinic['client_id']}/consents"
    answer = raw("POST", path, json=consent)
    assert (answer.status_code, "Location" in answer.headers) == (201, False)


def test_a_role_and_a_location_are_limits(raw: Raw, house: Any, visit: dict[str, Any]) -> None:
    wanted = {"name": "k", "role": "front_desk", "location_ids": ["loc_OTHER"]}
    key = raw("POST", "/v1/api-keys", json=wanted).json()["key"]
    bearer = {"Authorization": f"Bearer {key}"}
    forbidden = requests.post(f"{house.address}/v1/treatments", json={}, headers=bearer, timeout=5)
    problem(forbidden, 403, "forbidden")
    path = f"{house.address}/v1/appointments/{visit['id']}"
    problem(requests.get(path, headers=bearer, timeout=5), 404, "not_found")


def test_a_host_that_is_none(raw: Raw) -> None:
    problem(raw("GET", "/v1/clients", headers={"Host": "a..b"}), 400, "bad_request")


def test_an_unknown_path_and_a_wrong_verb(raw: Raw, visit: dict[str, Any]) -> None:
    problem(raw("GET", "/v1/nothing"), 404, "not_found")
    answer = raw("DELETE", f"/v1/appointments/{visit['id']}")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PATCH"


def test_an_absent_service_is_said_so_and_the_others_work(
    raw: Raw, house: Any, clinic: dict[str, str]
) -> None:
    house.kill("billing")
    try:
        answer = raw("GET", "/v1/invoices")
        problem(answer, 503, "service_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert raw("GET", "/v1/operations/verify").json()["unavailable"] == ["billing"]
        wanted = {**clinic, "local_start": "2026-12-04T10:00"}
        assert raw("POST", "/v1/appointments", json=wanted).status_code == 201
    finally:
        house.start("billing")


def test_the_specification_is_valid_and_complete(raw: Raw) -> None:
    specification = raw("GET", "/openapi.json").json()
    validate(specification)
    assert specification["openapi"] == "3.1.0"
    assert "/v1/appointments/{appointment_id}/cancel" in specification["paths"]
    assert "/v1/receipts/{receipt_id}.pdf" in specification["paths"]


def test_the_front_page_says_what_runs(raw: Raw) -> None:
    def text() -> str | None:
        found = str(raw("GET", "/status").text)
        return None if "away" in found else found

    page = eventually(text)
    for name in ("booking", "client profile", "notification", "billing", "RabbitMQ", "MongoDB"):
        assert f"{name}</b> up" in page


def test_a_read_that_is_still_true_is_not_sent_again(raw: Raw, visit: dict[str, Any]) -> None:
    path = f"/v1/appointments/{visit['id']}"
    tag = raw("GET", path).headers["ETag"]
    assert raw("GET", path, headers={"If-None-Match": tag}).status_code == 304


def test_signing_out_ends_the_session(house: Any) -> None:
    signed_in = requests.Session()
    owner = {"email": "owner@example.org", "password": "a password for tests"}
    signed_in.post(f"{house.address}/v1/sessions", json=owner, timeout=5)
    assert signed_in.get(f"{house.address}/v1/me", timeout=5).json()["roles"][0]["role"] == "owner"
    token = signed_in.cookies["clinic_session"]
    assert signed_in.delete(f"{house.address}/v1/sessions/current", timeout=5).status_code == 204
    bearer = {"Authorization": f"Bearer {token}"}
    problem(
        requests.get(f"{house.address}/v1/me", headers=bearer, timeout=5), 401, "unauthenticated"
    )
