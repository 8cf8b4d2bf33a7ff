"""What client_profile says of a client bounds what booking books; a missed visit costs."""

from typing import Any

import pytest
import requests

from clinic_deploy.demo.api import Api, Refused
from clinic_runtime.testing import eventually
from tests.e2e.conftest import House


def test_an_alert_refuses_until_it_is_lifted_and_a_referral_warns(
    api: Api, clinic: dict[str, Any]
) -> None:
    client = api.post("/clients", {"name": "Bo Sample"})
    chart = f"/clients/{client['id']}"
    wanted = {**clinic, "client_id": client["id"], "local_start": "2026-12-07T10:00"}
    assert api.get(f"{chart}/booking-limits")["alerts"] == {"known": False, "items": []}
    alert = api.post(f"{chart}/alerts", {"level": "block", "kind": "acute infection"})
    referral = {"referrer": "Dr. Ray", "issued": "2026-11-01", "expires": "2027-01-31"}
    api.post(f"{chart}/referrals", {**referral, "maximum_visits": 2})
    eventually(lambda: len(heard(api, chart)) == 2)
    with pytest.raises(Refused) as refused:
        api.post("/appointments", wanted)
    assert (refused.value.problem["status"], refused.value.problem["code"]) == (
        409,
        "client_blocked",
    )
    assert "infection" not in str(refused.value.problem)
    api.post(f"{chart}/alerts/{alert['id']}/lift")
    eventually(lambda: len(heard(api, chart)) == 1)
    visit = api.post("/appointments", wanted)
    assert [each["code"] for each in visit["warnings"]] == ["referral_low"]
    assert api.get(f"{chart}/alerts/{alert['id']}")["lifted"] is True


def heard(api: Api, chart: str) -> list[Any]:
    limits = api.get(f"{chart}/booking-limits")
    return [*limits["alerts"]["items"], *limits["referrals"]["items"]]


def test_a_missed_visit_costs_unless_staff_say_why_not(api: Api, clinic: dict[str, Any]) -> None:
    missed, forgiven = (
        api.post("/appointments", {**clinic, "local_start": f"2026-12-07T{hour}:00"})["id"]
        for hour in (13, 15)
    )
    assert api.post(f"/appointments/{missed}/no-show")["fee"]["amount_minor"] == 11500
    with pytest.raises(Refused) as refused:
        api.post(f"/appointments/{forgiven}/no-show", {"waive_fee": True})
    assert list(refused.value.problem["errors"]) == ["reason"]
    waived = {"waive_fee": True, "reason": "the bus broke down"}
    assert api.post(f"/appointments/{forgiven}/no-show", waived)["fee"] is None
    place = api.get(f"/locations/{clinic['location_id']}")
    with pytest.raises(Refused) as refused:
        api.patch(f"/locations/{place['id']}", place["version"], {"policy": {"window_hours": -1}})
    assert list(refused.value.problem["errors"]) == ["policy"]


def test_a_visit_makes_a_client_one_of_its_location_and_of_nobody_else_s(
    api: Api, house: House, clinic: dict[str, Any]
) -> None:
    client = api.post("/clients", {"name": "Cleo Wanderer"})
    place = {"name": "Elsewhere", "timezone": "America/Vancouver", "hours": {}, "rooms": []}
    elsewhere = api.post("/locations", {**place, "rooms": [{"name": "One"}]})
    names = {"here": clinic["location_id"], "elsewhere": elsewhere["id"]}
    wanted = {"name": "a desk", "role": "front_desk"}
    desks = {
        name: api.post("/api-keys", {**wanted, "location_ids": [id_]})["key"]
        for name, id_ in names.items()
    }

    def found(desk: str) -> tuple[int, list[str]]:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {desks[desk]}"
            one = session.get(f"{house.address}/v1/clients/{client['id']}", timeout=15)
            several = session.get(f"{house.address}/v1/clients?q=cleo+wan", timeout=15)
        return one.status_code, [each["id"] for each in several.json()["items"]]

    assert [found(desk) for desk in desks] == [(200, [client["id"]])] * 2
    api.post(
        "/appointments", {**clinic, "client_id": client["id"], "local_start": "2026-12-10T16:00"}
    )
    eventually(lambda: found("elsewhere") == (404, []))
    assert found("here") == (200, [client["id"]])
    assert api.get(f"/clients/{client['id']}")["location_ids"] == [clinic["location_id"]]
