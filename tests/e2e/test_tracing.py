"""One trace from the caller's program through every service's events."""

import secrets
from collections.abc import Callable
from typing import Any

import requests

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually

Raw = Callable[..., requests.Response]


def test_a_visit_s_trace_is_in_its_events_of_every_service(
    raw: Raw, api: Api, clinic: dict[str, str]
) -> None:
    trace = secrets.token_hex(16)
    headers = {"traceparent": f"00-{trace}-{'b' * 16}-01"}
    began = api.get("/events", limit=500)
    while began["more"]:
        began = api.get("/events", after=began["next"], limit=500)
    wanted = {**clinic, "local_start": "2027-07-05T10:00"}
    booked = raw("POST", "/v1/appointments", json=wanted, headers=headers)
    assert booked.headers["traceparent"].split("-")[1] == trace
    for verb in ("arrive", "fulfil"):
        path = f"/v1/appointments/{booked.json()['id']}/{verb}"
        assert raw("POST", path, json={}, headers=headers).status_code == 200

    def traced() -> set[str]:
        events: list[dict[str, Any]] = api.get("/events", after=began["next"], limit=500)["events"]
        return {e["type"] for e in events if e.get("traceparent", "").split("-")[1:2] == [trace]}

    expected = {
        "booking.appointment_booked.v1",
        "booking.appointment_fulfilled.v1",
        "billing.invoice_issued.v1",
    }
    eventually(lambda: traced() >= expected, timeout=60)
