"""Staff accounts: who makes and changes which, and that somebody always owns the chain."""

from typing import Any

import eventlet
import pytest

from clinic_runtime.ids import ulid
from gateway.identity.access import Grant
from gateway.identity.accounts import Accounts
from gateway.identity.sessions import Device
from gateway.identity.staff import new_member

PATH = "/v1/staff"
AT_ONE = [{"role": "front_desk", "location_ids": ["loc_1"]}]
Headers = dict[str, str]


@pytest.fixture
def accounts(gateway: Any) -> Accounts:
    return Accounts(gateway.database)


@pytest.fixture
def manager(accounts: Accounts) -> Headers:
    """Return somebody who manages one location, and reads another's figures."""
    return signed_in(accounts, Grant("manager", ("loc_1",)), Grant("auditor", ("loc_2",)))


def signed_in(accounts: Accounts, *grants: Grant) -> Headers:
    member = new_member(f"{ulid()}@example.org", "Somebody", grants)
    accounts.staff.add(member)
    return {"Authorization": f"Bearer {accounts.sessions.open(member.id, Device())[0]}"}


def add(gateway: Any, by: Headers, roles: Any = AT_ONE, **more: Any) -> Any:
    body = {"email": f"{ulid()}@Example.org", "name": "Robin  Sample", "roles": roles, **more}
    return gateway.send("POST", PATH, json=body, headers=by)


def change(gateway: Any, by: Headers, account: Any, **changes: Any) -> Any:
    headers = {**by, "If-Match": f'"{account["version"]}"'}
    return gateway.send("PATCH", f"{PATH}/{account['id']}", json=changes, headers=headers)


def test_an_account_is_made_read_and_changed(gateway: Any) -> None:
    owner = gateway.bearer()
    added = add(gateway, owner, practitioner_id="prac_1")
    made = added.json()
    assert (added.status_code, added.headers["ETag"]) == (201, '"1"')
    assert made["email"] == made["email"].lower()
    assert {**made, "id": "", "email": ""} == {
        "id": "",
        "version": 1,
        "email": "",
        "name": "Robin Sample",
        "roles": AT_ONE,
        "practitioner_id": "prac_1",
        "active": True,
        "invited": True,
        "second_factor": False,
    }
    roles = [*AT_ONE, {"role": "auditor", "location_ids": None}]
    changed = change(gateway, owner, made, roles=roles, practitioner_id=None)
    assert changed.json() == {**made, "version": 2, "roles": roles, "practitioner_id": None}
    read = gateway.send("GET", f"{PATH}/{made['id']}", headers=owner)
    assert added.headers["Location"] == f"{PATH}/{made['id']}"
    assert (read.json(), read.headers["ETag"]) == (changed.json(), '"2"')


def test_a_change_names_the_version_it_is_made_to(gateway: Any) -> None:
    owner = gateway.bearer()
    made = add(gateway, owner).json()
    path = f"{PATH}/{made['id']}"
    assert gateway.send("PATCH", path, json={}, headers=owner).status_code == 428
    assert change(gateway, owner, made, name="Kim").status_code == 200
    stale = change(gateway, owner, made, name="Alex")
    assert (stale.status_code, stale.json()["current"]["name"]) == (412, "Kim")
    anyhow = gateway.send("PATCH", path, json={"name": "Jo"}, headers={**owner, "If-Match": "*"})
    assert anyhow.json()["name"] == "Jo"


def test_an_email_is_one_accounts(gateway: Any) -> None:
    owner = gateway.bearer()
    one, other = add(gateway, owner).json(), add(gateway, owner).json()
    taken = add(gateway, owner, email=one["email"].upper())
    assert (taken.status_code, taken.json()["field"]) == (409, "email")
    assert change(gateway, owner, other, email=one["email"]).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"roles": []}, "roles"),
        ({"roles": [{"role": "gardener"}]}, "roles"),
        ({"roles": [{"role": "therapist", "location_ids": []}]}, "roles"),
        ({"roles": [*AT_ONE, *AT_ONE]}, "roles"),
        ({"password": "chosen for them"}, "password"),
    ],
)
def test_what_cannot_be_an_account_is_named(gateway: Any, body: Any, field: str) -> None:
    refused = add(gateway, gateway.bearer(), **body)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])


def test_a_manager_keeps_to_their_own_locations(gateway: Any, manager: Headers) -> None:
    owner = gateway.bearer()
    mine = add(gateway, manager).json()
    for roles in (
        [{"role": "front_desk", "location_ids": ["loc_2"]}],
        [{"role": "front_desk"}],
        [{"role": "owner", "location_ids": ["loc_1"]}],
    ):
        assert add(gateway, manager, roles).status_code == 403
        assert change(gateway, manager, mine, roles=roles).status_code == 403
    other = add(gateway, owner, [{"role": "therapist", "location_ids": ["loc_2"]}]).json()
    chain = add(gateway, owner, [{"role": "therapist"}]).json()
    for hidden in (other, chain):
        path = f"{PATH}/{hidden['id']}"
        assert gateway.send("GET", path, headers=manager).status_code == 404
        assert change(gateway, manager, hidden, name="Mine").status_code == 404
    # Who works at both is seen, and changed only by who may give all their roles.
    both = add(gateway, owner, [{"role": "therapist", "location_ids": ["loc_1", "loc_2"]}]).json()
    assert gateway.send("GET", f"{PATH}/{both['id']}", headers=manager).json() == both
    assert change(gateway, manager, both, email="mine@example.org").status_code == 403
    listed = gateway.send("GET", f"{PATH}?limit=200", headers=manager).json()["items"]
    ids = {each["id"] for each in listed}
    assert {mine["id"], both["id"]} <= ids
    assert not {other["id"], chain["id"]} & ids


def test_others_see_no_accounts(gateway: Any, accounts: Accounts) -> None:
    therapist = signed_in(accounts, Grant("therapist", None))
    refused = gateway.send("GET", PATH, headers=therapist)
    assert (refused.status_code, refused.json()["roles"]) == (403, ["owner", "manager"])


def test_pages_hold_everybody_once(gateway: Any) -> None:
    owner = gateway.bearer()
    made = {add(gateway, owner).json()["id"] for _ in range(3)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = gateway.send("GET", f"{PATH}?limit=2{cursor}", headers=owner).json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert made <= set(seen)
    assert len(set(seen)) == len(seen)


def test_who_leaves_is_signed_out_and_stays_out(gateway: Any, accounts: Accounts) -> None:
    owner = gateway.bearer()
    made = add(gateway, owner).json()
    member = accounts.staff.find(made["id"])
    assert member is not None
    accounts.staff.set_password(member, accounts.passwords.make("a password of theirs"))
    credentials = {"email": made["email"], "password": "a password of theirs"}
    token = gateway.send("POST", "/v1/sessions", json=credentials).json()["token"]
    theirs = {"Authorization": f"Bearer {token}"}
    assert gateway.send("GET", "/v1/me", headers=theirs).status_code == 200
    gone = change(gateway, owner, made, active=False).json()
    assert gateway.send("GET", "/v1/me", headers=theirs).status_code == 401
    assert gateway.send("POST", "/v1/sessions", json=credentials).status_code == 401
    assert change(gateway, owner, gone, active=True).status_code == 200
    assert gateway.send("GET", "/v1/me", headers=theirs).status_code == 401
    assert gateway.send("POST", "/v1/sessions", json=credentials).status_code == 201


def test_lost_roles_are_lost_at_once(gateway: Any, accounts: Accounts) -> None:
    headers = signed_in(accounts, Grant("manager", None))
    id_ = gateway.send("GET", "/v1/me", headers=headers).json()["id"].removeprefix("staff:")
    assert gateway.send("GET", PATH, headers=headers).status_code == 200
    changed = change(gateway, gateway.bearer(), {"id": id_, "version": 1}, roles=AT_ONE)
    assert changed.status_code == 200
    assert gateway.send("GET", PATH, headers=headers).status_code == 403


def test_somebody_always_owns_the_chain(gateway: Any, accounts: Accounts) -> None:
    everywhere = Grant("owner", None)
    accounts.database["staff"].update_many({}, {"$set": {"active": False}})
    pair = [new_member(f"{ulid()}@example.org", "Owner", (everywhere,)) for _ in range(2)]
    for member in pair:
        accounts.staff.add(member)
        accounts.staff.set_password(member, "a hash")
    sessions = [accounts.sessions.open(member.id, Device())[0] for member in pair]
    one, other = ({"Authorization": f"Bearer {token}"} for token in sessions)
    # An owner who never chose a password cannot be the one who is left.
    accounts.staff.add(new_member(f"{ulid()}@example.org", "Invited", (everywhere,)))
    first, second = ({"id": member.id, "version": 1} for member in pair)
    both = [
        eventlet.spawn(change, gateway, one, second, active=False),
        eventlet.spawn(change, gateway, other, first, roles=AT_ONE),
    ]
    answers = [thread.wait().status_code for thread in both]
    left = accounts.database["staff"].count_documents(
        {"active": True, "password": "a hash", "roles.role": "owner"}
    )
    assert (answers.count(200), left) == (1, 1)
    assert set(answers) - {200} <= {409, 401, 403, 404}


def test_a_service_is_told_what_holds_where(
    gateway: Any, accounts: Accounts, desk: Any, visit: Any
) -> None:
    manager_here = Grant("manager", ("loc_1",))
    both = signed_in(accounts, manager_here, Grant("front_desk", ("loc_2",)))
    assert gateway.send("POST", "/v1/appointments", json=visit, headers=both).ok
    context = desk.asked[-1][2]
    assert context.location_scope == ("loc_1", "loc_2")
    assert context.overrides_at("loc_1")
    assert not context.overrides_at("loc_2")
    assert not context.may_override
    roles = gateway.send("GET", "/v1/me", headers=both).json()["roles"]
    at = {role["role"]: (role["location_ids"], "override" in role["actions"]) for role in roles}
    assert at == {"manager": (["loc_1"], True), "front_desk": (["loc_2"], False)}
