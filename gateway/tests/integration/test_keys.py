"""API keys: made, listed, replaced without a gap, ended; each within its maker's reach."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from clinic_runtime.clock import now
from clinic_runtime.ids import ulid
from clinic_runtime.testing import eventually
from gateway.identity.access import Grant
from gateway.identity.accounts import Accounts
from gateway.identity.sessions import Device
from gateway.identity.staff import new_member

PATH = "/v1/api-keys"
Headers = dict[str, str]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Return the time as keys are judged by, to be moved."""
    clock = [now()]
    for module in ("accounts", "keys"):
        monkeypatch.setattr(f"gateway.identity.{module}.now", lambda: clock[0])
    return clock


@pytest.fixture
def local_owner(gateway: Any) -> Headers:
    """Return somebody who owns one location's part of the chain."""
    accounts = Accounts(gateway.database)
    member = new_member(f"{ulid()}@example.org", "Local", (Grant("owner", ("loc_1",)),))
    accounts.staff.add(member)
    return {"Authorization": f"Bearer {accounts.sessions.open(member.id, Device())[0]}"}


def make(gateway: Any, by: Headers | None = None, **more: Any) -> Any:
    body = {"name": "books", "role": "billing", "location_ids": ["loc_1"], **more}
    return gateway.send("POST", PATH, json=body, headers=by or gateway.bearer())


def works(gateway: Any, key: str) -> bool:
    headers = {"Authorization": f"Bearer {key}"}
    return bool(gateway.send("GET", "/v1/me", headers=headers).status_code == 200)


def row(gateway: Any, id_: str) -> Any:
    listed = gateway.send("GET", f"{PATH}?limit=200", headers=gateway.bearer()).json()["items"]
    return next((each for each in listed if each["id"] == id_), None)


def rotate(gateway: Any, id_: str, **body: Any) -> Any:
    return gateway.send("POST", f"{PATH}/{id_}/rotate", json=body, headers=gateway.bearer())


def test_a_key_is_shown_once_and_listed_by_its_beginning(gateway: Any) -> None:
    made = make(gateway).json()
    assert works(gateway, made["key"])
    used = eventually(lambda: found if (found := row(gateway, made["id"]))["used_at"] else None)
    assert made["key"].startswith(used["prefix"])
    assert len(used["prefix"]) == 13
    assert (used["role"], used["location_ids"]) == ("billing", ["loc_1"])
    assert made["key"] not in str(used)
    assert gateway.database["api_keys"].count_documents({"_id": made["key"]}) == 0


def test_while_it_is_replaced_both_work_for_a_day(gateway: Any, at: list[datetime]) -> None:
    made = make(gateway).json()
    other = rotate(gateway, made["id"])
    assert (other.status_code, other.json()["id"]) == (200, made["id"])
    assert works(gateway, made["key"])
    assert works(gateway, other.json()["key"])
    assert row(gateway, made["id"])["prefix"] == other.json()["key"][:13]
    at[0] += timedelta(hours=24)
    assert not works(gateway, made["key"])
    assert works(gateway, other.json()["key"])


def test_no_overlap_ends_the_old_one_at_once_and_a_third_the_first(gateway: Any) -> None:
    made = make(gateway).json()
    assert works(gateway, made["key"])
    second = rotate(gateway, made["id"], overlap_hours=0).json()["key"]
    assert [works(gateway, key) for key in (made["key"], second)] == [False, True]
    third = rotate(gateway, made["id"], overlap_hours=168).json()["key"]
    fourth = rotate(gateway, made["id"], overlap_hours=168).json()["key"]
    assert [works(gateway, key) for key in (second, third, fourth)] == [False, True, True]
    assert rotate(gateway, made["id"], overlap_hours=169).status_code == 422


def test_a_revoked_key_is_gone_with_what_it_replaced(gateway: Any) -> None:
    made = make(gateway).json()
    other = rotate(gateway, made["id"]).json()
    path = f"{PATH}/{made['id']}"
    assert gateway.send("DELETE", path, headers=gateway.bearer()).status_code == 204
    assert not works(gateway, made["key"])
    assert not works(gateway, other["key"])
    assert gateway.send("DELETE", path, headers=gateway.bearer()).status_code == 404
    assert rotate(gateway, made["id"]).status_code == 404


def test_a_key_ends_when_it_was_to(gateway: Any, at: list[datetime]) -> None:
    soon = (at[0] + timedelta(hours=1)).isoformat()
    made = make(gateway, expires_at=soon).json()
    assert works(gateway, made["key"])
    # What replaces it does not outlive it, and does not prolong it either.
    other = rotate(gateway, made["id"], overlap_hours=168).json()
    assert other["expires_at"] == made["expires_at"]
    at[0] += timedelta(hours=1)
    assert not works(gateway, made["key"])
    assert not works(gateway, other["key"])
    past = make(gateway, expires_at="2020-01-01T00:00:00Z")
    assert list(past.json()["errors"]) == ["expires_at"]


def test_a_key_reaches_no_further_than_its_maker(gateway: Any, local_owner: Headers) -> None:
    assert make(gateway, local_owner).status_code == 201
    assert make(gateway, local_owner, location_ids=None).status_code == 403
    assert make(gateway, local_owner, location_ids=["loc_1", "loc_2"]).status_code == 403
    assert make(gateway, role="owner").status_code == 422
    beyond = [
        make(gateway, location_ids=locations).json()["id"]
        for locations in (None, ["loc_2"], ["loc_1", "loc_2"])
    ]
    within = make(gateway).json()["id"]
    rows = gateway.send("GET", f"{PATH}?limit=200", headers=local_owner).json()["items"]
    listed = {each["id"] for each in rows}
    assert within in listed
    assert not listed & set(beyond)
    for id_ in beyond:
        path = f"{PATH}/{id_}"
        assert gateway.send("DELETE", path, headers=local_owner).status_code == 404
        rotated = gateway.send("POST", f"{path}/rotate", json={}, headers=local_owner)
        assert rotated.status_code == 404
    for role in ("manager", "auditor"):
        assert gateway.send("GET", PATH, headers=gateway.bearer(role)).status_code == 403


def test_pages_hold_every_key_once(gateway: Any) -> None:
    made = {make(gateway).json()["id"] for _ in range(3)}
    seen: list[str] = []
    cursor = ""
    while True:
        path = f"{PATH}?limit=2{cursor}"
        page = gateway.send("GET", path, headers=gateway.bearer()).json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert made <= set(seen)
    assert len(set(seen)) == len(seen)


def test_a_key_of_old_still_works_and_can_be_replaced(gateway: Any) -> None:
    made = make(gateway).json()
    recent = {"prefix": "", "created_at": "", "used_at": "", "expires_at": ""}
    gateway.database["api_keys"].update_one({"key_id": made["id"]}, {"$unset": recent})
    assert works(gateway, made["key"])
    assert row(gateway, made["id"])["created_at"] is None
    assert works(gateway, rotate(gateway, made["id"]).json()["key"])
