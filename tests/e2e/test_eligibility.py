"""A coverage asked about before a visit, of the simulated payer, whatever becomes of billing."""

from typing import Any

import pytest

from clinic_deploy.demo.api import Api, Refused
from clinic_runtime.testing import eventually


def insured(api: Api, member: str, carrier: str) -> str:
    """Return the path of a new client's coverage, once billing has heard of it."""
    client = api.post("/clients", {"name": "Ada Sample"})
    chart = f"/clients/{client['id']}"
    cover = {
        "kind": "extended_health",
        "carrier": carrier,
        "group_number": "G-1",
        "member_id": member,
        "percent": 80,
        "annual_maximum": {"amount_minor": 50000},
    }
    coverage = api.post(f"{chart}/coverages", cover)
    eventually(lambda: api.get(f"{chart}/booking-limits")["coverages"]["items"])
    return f"{chart}/coverages/{coverage['id']}/eligibility"


@pytest.mark.parametrize("carrier", ["Harbour Mutual"])
def test_the_desk_asks_and_is_answered_at_once(
    api: Api, clinic: dict[str, Any], carrier: str
) -> None:
    path = insured(api, "M-1", carrier)
    check = api.post(path, {"location_id": clinic["location_id"]})
    assert (check["state"], check["active"], check["findings"]) == ("answered", "yes", [])
    left = [each for each in check["benefits"] if each["period"] == "remaining"]
    assert [each["visits"] for each in left if each["visits"] is not None] == [5]
    assert [each["amount"]["amount_minor"] for each in left if each["amount"]] == [40000]
    assert check["counted"][0]["left"]["amount_minor"] == 50000
    assert api.get(path)["items"] == [check]
    assert api.get(f"/eligibility/{check['id']}") == check


@pytest.mark.parametrize("carrier", ["Harbour Mutual"])
def test_a_policy_not_in_force_and_one_that_is_not_found(
    api: Api, clinic: dict[str, Any], carrier: str
) -> None:
    where = {"location_id": clinic["location_id"]}
    ended = api.post(insured(api, "M-1-INACTIVE", carrier), where)
    assert (ended["state"], ended["active"]) == ("answered", "no")
    unknown = api.post(insured(api, "M-1-UNKNOWN", carrier), where)
    assert (unknown["state"], unknown["active"]) == ("refused", "unknown")
    assert [each["code"] for each in unknown["findings"]] == ["75"]


@pytest.mark.parametrize("carrier", ["Harbour Mutual"])
def test_an_answer_that_comes_later_is_fetched(
    api: Api, clinic: dict[str, Any], carrier: str
) -> None:
    path = insured(api, "M-1-LATE", carrier)
    check = api.post(path, {"location_id": clinic["location_id"]})
    assert check["state"] == "asked"
    one = f"/eligibility/{check['id']}"
    eventually(lambda: api.get(one)["state"] == "answered", timeout=30)
    assert api.get(one)["active"] == "yes"


def test_a_payer_without_a_tongue_for_it_is_not_asked(api: Api, clinic: dict[str, Any]) -> None:
    path = insured(api, "M-1", "Another Plan")
    with pytest.raises(Refused) as refusal:
        api.post(path, {"location_id": clinic["location_id"]})
    assert refusal.value.problem["code"] == "not_supported"
    assert api.get(path)["items"] == []
