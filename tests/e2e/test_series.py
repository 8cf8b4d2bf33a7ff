"""Recurring visits through the gateway."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from clinic_deploy.demo.api import Api, Refused
from clinic_runtime.testing import eventually

LOCAL_AND_UTC = [
    ("2026-10-06T16:00", "2026-10-06T16:00:00-07:00"),
    ("2026-12-01T16:00", "2026-12-01T16:00:00-07:00"),
    ("2027-02-02T16:00", "2027-02-02T16:00:00-07:00"),
    ("2027-04-06T16:00", "2027-04-06T16:00:00-07:00"),
    ("2027-06-01T16:00", "2027-06-01T16:00:00-07:00"),
    ("2027-08-03T16:00", "2027-08-03T16:00:00-07:00"),
    ("2027-10-05T16:00", "2027-10-05T16:00:00-07:00"),
]


@pytest.fixture
def wanted(api: Api, clinic: dict[str, Any]) -> dict[str, Any]:
    client = api.post("/clients", {"name": "Bea Sample"})
    return {
        "template": {**clinic, "client_id": client["id"]},
        "rrule": "FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU",
        "local_start": "2026-10-06T16:00",
        "until": "2027-10-31",
        "on_closure": "skip",
    }


def test_every_second_month_on_the_first_tuesday_at_four(
    api: Api, raw: Callable[..., requests.Response], wanted: dict[str, Any]
) -> None:
    would = api.post("/series", {**wanted, "dry_run": True})
    assert [(v["local_start"], v["start"]) for v in would["appointments"]] == LOCAL_AND_UTC
    assert api.get("/appointments", client_id=wanted["template"]["client_id"])["items"] == []

    answer = raw("POST", "/v1/series", json=wanted)
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/series/{made['id']}"
    assert [(v["local_start"], v["start"]) for v in made["appointments"]] == LOCAL_AND_UTC
    assert api.get("/appointments", series_id=made["id"])["items"] == made["appointments"]
    with pytest.raises(Refused) as refused:
        api.post("/series", wanted)
    assert refused.value.problem["code"] == "series_conflicts"
    assert len(refused.value.problem["conflicts"]) == len(LOCAL_AND_UTC)

    # Of the series' own version, which a visit's arrival leaves as it is, nothing can be told.
    one, headers = f"/v1/series/{made['id']}", {"If-None-Match": answer.headers["ETag"]}
    api.post(f"/appointments/{made['appointments'][0]['id']}/arrive")
    again = raw("GET", one, headers=headers)
    assert (again.status_code, again.headers["ETag"]) == (200, answer.headers["ETag"])
    assert again.json()["appointments"][0]["status"] == "arrived"


def test_what_follows_is_changed_and_all_is_called_off(api: Api, wanted: dict[str, Any]) -> None:
    begins = datetime.now(UTC).date() + timedelta(weeks=60)
    begins -= timedelta(days=begins.weekday() - 1)  # a Tuesday, and no holiday is set
    weekly = {"rrule": "FREQ=WEEKLY", "local_start": f"{begins}T10:00", "until": None, "count": 3}
    made = api.post("/series", {**wanted, **weekly})
    second = made["appointments"][1]
    change = {
        "scope": "following",
        "appointment_id": second["id"],
        "local_start": second["local_start"].replace("10:00", "15:00"),
    }
    moved = api.patch(f"/series/{made['id']}", made["version"], change)
    hours = [visit["local_start"][-5:] for visit in moved["appointments"]]
    assert hours == ["10:00", "15:00", "15:00"]
    assert api.post(f"/series/{made['id']}/reflow", {"dry_run": True})["changes"] == []
    over = api.post(f"/series/{made['id']}/cancel", {"scope": "all", "reason": "moved away"})
    assert {visit["status"] for visit in over["appointments"]} == {"cancelled"}
    assert api.get(f"/series/{made['id']}")["version"] == over["version"]
    eventually(lambda: api.get("/operations/verify")["unpublished_events"] == 0)
    assert api.get("/operations/verify")["overlaps"] == 0


def test_a_series_is_for_a_client_there_is(api: Api, wanted: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        api.post("/series", {**wanted, "template": {**wanted["template"], "client_id": "cli_no"}})
    assert list(refused.value.problem["errors"]) == ["client_id"]
