"""One request followed across services: what it led to, and what became of each event."""

from collections.abc import Callable
from typing import Any

import requests

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually

Raw = Callable[..., requests.Response]


def book(raw: Raw, clinic: dict[str, str], local_start: str, request_id: str) -> Any:
    """Book a visit in a request of this id, and return the visit."""
    headers = {"X-Request-Id": request_id, "Idempotency-Key": request_id}
    body = {**clinic, "local_start": local_start}
    answer = raw("POST", "/v1/appointments", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_request_is_followed_across_services(raw: Raw, api: Api, clinic: dict[str, str]) -> None:
    visit = book(raw, clinic, "2026-12-10T10:00", "try-1")

    def timeline() -> dict[str, Any]:
        return dict(api.get("/operations/traces/try-1"))

    def told() -> list[tuple[str, str, list[tuple[str, str]]]]:
        return [
            (each["service"], each["type"], [(c["service"], c["state"]) for c in each["consumers"]])
            for each in timeline()["events"]
        ]

    consumers = [("client_profile", "handled"), ("notification", "handled")]
    booked = ("booking", "booking.appointment_booked.v1", consumers)
    eventually(lambda: told()[:1] == [booked], timeout=30)
    found = timeline()
    assert (found["correlation_id"], found["more"], found["unavailable"]) == ("try-1", False, [])
    first = found["events"][0]
    assert (first["subject"], first["location_id"]) == (visit["id"], clinic["location_id"])
    assert first["actor"].startswith("staff:")
    assert "data" not in first


def test_a_request_that_nobody_made_has_no_events(api: Api) -> None:
    assert api.get("/operations/traces/nobody-asked")["events"] == []


def test_of_a_service_that_is_away_it_is_not_known_what_it_did(
    raw: Raw, api: Api, house: Any, clinic: dict[str, str]
) -> None:
    house.kill("notification")
    try:
        book(raw, clinic, "2026-12-10T13:00", "try-2")

        def consumers() -> list[dict[str, str]]:
            events = api.get("/operations/traces/try-2")["events"]
            return [each for event in events for each in event["consumers"]]

        known = {"service": "client_profile", "state": "handled"}
        unknown = {"service": "notification", "state": "unknown"}
        eventually(lambda: consumers() == [known, unknown], timeout=30)
        assert api.get("/operations/traces/try-2")["unavailable"] == ["notification"]
    finally:
        house.start("notification")
    handled = {"service": "notification", "state": "handled"}
    eventually(lambda: consumers()[:2] == [known, handled], timeout=30)
