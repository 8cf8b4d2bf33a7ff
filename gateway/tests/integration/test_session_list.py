"""Where one is signed in, and how a session that was stolen is ended."""

from typing import Any

import pytest

from clinic_runtime.ids import ulid
from gateway.identity.access import Grant
from gateway.identity.accounts import Accounts
from gateway.identity.sessions import Device
from gateway.identity.staff import Member, new_member

PATH = "/v1/sessions"


@pytest.fixture
def accounts(gateway: Any) -> Accounts:
    return Accounts(gateway.database)


def somebody(accounts: Accounts, *grants: Grant) -> Member:
    made = new_member(f"{ulid()}@example.org", "Somebody", grants)
    accounts.staff.add(made)
    return made


def open_session(accounts: Accounts, member: Member, agent: str = "") -> dict[str, str]:
    device = Device(network="192.0.2.0/24", user_agent=agent)
    return {"Authorization": f"Bearer {accounts.sessions.open(member.id, device)[0]}"}


def test_a_session_shows_its_network_and_browser(gateway: Any, owner: dict[str, str]) -> None:
    seen = {"X-Forwarded-For": "198.51.100.77", "User-Agent": "Firefox"}
    token = gateway.send("POST", PATH, json=owner, headers=seen).json()["token"]
    rows = gateway.send("GET", PATH, headers={"Authorization": f"Bearer {token}"}).json()["items"]
    (mine,) = [row for row in rows if row["current"]]
    assert (mine["network"], mine["user_agent"]) == ("198.51.100.0/24", "Firefox")
    assert token not in str(rows)
    assert rows[0] == mine


def test_a_stolen_session_is_ended_by_its_owner(gateway: Any, accounts: Accounts) -> None:
    victim = somebody(accounts, Grant("therapist", ("loc_1",)))
    mine, stolen = (open_session(accounts, victim, name) for name in ("mine", "stolen"))
    assert gateway.send("GET", "/v1/me", headers=stolen).status_code == 200
    listed = gateway.send("GET", PATH, headers=mine).json()["items"]
    (theft,) = [row for row in listed if row["user_agent"] == "stolen"]
    ended = gateway.send("DELETE", f"{PATH}/{theft['id']}", headers=mine)
    assert (ended.status_code, ended.content) == (204, b"")
    assert gateway.send("GET", "/v1/me", headers=stolen).status_code == 401
    assert gateway.send("GET", "/v1/me", headers=mine).status_code == 200
    assert gateway.send("DELETE", f"{PATH}/{theft['id']}", headers=mine).status_code == 404


def test_all_others_are_ended_at_once(gateway: Any, accounts: Accounts) -> None:
    member = somebody(accounts, Grant("therapist", None))
    mine, *others = (open_session(accounts, member) for _ in range(3))
    assert gateway.send("DELETE", PATH, headers=mine).status_code == 204
    assert [gateway.send("GET", "/v1/me", headers=h).status_code for h in others] == [401, 401]
    assert len(gateway.send("GET", PATH, headers=mine).json()["items"]) == 1


def test_only_an_owner_sees_and_ends_those_of_others(gateway: Any, accounts: Accounts) -> None:
    victim = somebody(accounts, Grant("front_desk", ("loc_1",)))
    stolen = open_session(accounts, victim)
    manager = open_session(accounts, somebody(accounts, Grant("manager", None)))
    of_victim = f"{PATH}?staff_id={victim.id}"
    assert gateway.send("GET", of_victim, headers=manager).status_code == 403
    (row,) = gateway.send("GET", of_victim, headers=gateway.bearer()).json()["items"]
    assert gateway.send("DELETE", f"{PATH}/{row['id']}", headers=manager).status_code == 404
    elsewhere = open_session(accounts, somebody(accounts, Grant("owner", ("loc_2",))))
    assert gateway.send("GET", of_victim, headers=elsewhere).status_code == 404
    assert gateway.send("DELETE", f"{PATH}/{row['id']}", headers=elsewhere).status_code == 404
    ended = gateway.send("DELETE", f"{PATH}/{row['id']}", headers=gateway.bearer())
    assert ended.status_code == 204
    assert gateway.send("GET", "/v1/me", headers=stolen).status_code == 401


def test_a_key_has_no_sessions(gateway: Any) -> None:
    key = gateway.bearer("auditor")
    assert gateway.send("GET", PATH, headers=key).status_code == 404
    assert gateway.send("DELETE", PATH, headers=key).status_code == 404
    assert gateway.send("DELETE", f"{PATH}/ses_1", headers=key).status_code == 404
