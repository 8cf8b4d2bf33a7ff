"""Who signed in, was refused or changed something: told to owners and auditors, in few rows."""

from datetime import timedelta
from typing import Any

import pytest

from clinic_runtime import trail
from clinic_runtime.clock import now
from clinic_runtime.ids import ulid
from clinic_runtime.testing import eventually
from gateway.identity import audit
from gateway.identity.access import Grant
from gateway.identity.accounts import Accounts
from gateway.identity.audit import Audit, Sought, new_row
from gateway.identity.sessions import Device
from gateway.identity.staff import Member, new_member

PATH = "/v1/audit"
PASSWORD = "a password for tests"
Headers = dict[str, str]


@pytest.fixture
def accounts(gateway: Any) -> Accounts:
    gateway.database["sign_in_failures"].delete_many({})
    return Accounts(gateway.database)


def somebody(accounts: Accounts, *grants: Grant) -> Member:
    member = new_member(f"{ulid()}@example.org", "Robin", grants)
    accounts.staff.add(member)
    accounts.staff.set_password(member, accounts.passwords.make(PASSWORD))
    return member


def session_of(accounts: Accounts, member: Member) -> Headers:
    return {"Authorization": f"Bearer {accounts.sessions.open(member.id, Device())[0]}"}


def sign_in(gateway: Any, email: str, password: str = PASSWORD, **more: str) -> Any:
    seen = {"X-Forwarded-For": "198.51.100.7", "X-Request-Id": ulid()}
    body = {"email": email, "password": password, **more}
    return gateway.send("POST", "/v1/sessions", json=body, headers=seen)


def rows_of(gateway: Any, by: Headers | None = None, /, **asked: Any) -> Any:
    answer = gateway.send("GET", PATH, params=asked, headers=by or gateway.bearer("auditor"))
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_sign_in_and_a_refusal_say_who_whence_and_why(gateway: Any, accounts: Accounts) -> None:
    member = somebody(accounts, Grant("therapist", ("loc_1",)))
    assert sign_in(gateway, member.email, "wrong").status_code == 401
    right = sign_in(gateway, member.email)
    rows = eventually(
        lambda: found if len(found := rows_of(gateway, actor=member.actor_id)) == 2 else None
    )
    by_kind = {row["kind"]: row for row in rows}
    good, bad = by_kind["signed_in"], by_kind["sign_in_refused"]
    assert (bad["reason"], bad["count"], bad["location_ids"]) == ("unauthenticated", 1, ["loc_1"])
    assert good["request_id"] == right.headers["X-Request-Id"]
    assert (good["actor_name"], good["network"]) == ("Robin", "198.51.100.0/24")
    kept = str(list(trail.trail_of(gateway.database).find()))
    assert member.email not in kept
    assert PASSWORD not in kept
    assert "198.51.100.7" not in kept


def test_an_unknown_email_is_kept_as_a_digest_alone(gateway: Any, accounts: Accounts) -> None:
    assert accounts.staff.by_email("nobody@example.org") is None
    sign_in(gateway, "nobody@example.org")
    row = eventually(lambda: rows_of(gateway, kind="sign_in_refused"))[0]
    assert row["actor"].startswith("nobody:")
    assert row["actor_name"] == "somebody unknown"
    assert "nobody@example.org" not in str(list(trail.trail_of(gateway.database).find()))


def test_what_changes_who_may_what_is_told(gateway: Any, accounts: Accounts) -> None:
    owner = somebody(accounts, Grant("owner", None))
    headers = session_of(accounts, owner)

    def send(method: str, path: str, body: Any = None, /, **more: str) -> Any:
        answer = gateway.send(method, path, json=body, headers={**headers, **more})
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    roles = [{"role": "therapist", "location_ids": ["loc_1"]}]
    added = {"email": f"{ulid()}@example.org", "name": "Kim", "roles": roles}
    made = send("POST", "/v1/staff", added)
    send("PATCH", f"/v1/staff/{made['id']}", {"active": False}, **{"If-Match": "*"})
    key = send("POST", "/v1/api-keys", {"name": "k", "role": "billing", "location_ids": ["loc_2"]})
    send("POST", f"/v1/api-keys/{key['id']}/rotate", {})
    send("DELETE", f"/v1/api-keys/{key['id']}")
    send("POST", "/v1/me/password", {"current": PASSWORD, "password": "four words of mine"})
    send("DELETE", "/v1/sessions")
    send("DELETE", "/v1/sessions/current")
    rows = rows_of(gateway, actor=owner.actor_id)
    assert [(row["kind"], row["about"], row["location_ids"]) for row in reversed(rows)] == [
        ("staff_added", made["id"], ["loc_1"]),
        ("staff_changed", made["id"], ["loc_1"]),
        ("key_made", key["id"], ["loc_2"]),
        ("key_rotated", key["id"], ["loc_2"]),
        ("key_revoked", key["id"], ["loc_2"]),
        ("password_changed", None, None),
        ("session_revoked", None, None),
        ("signed_out", None, None),
    ]


def test_a_refused_call_is_told_with_what_it_needed(gateway: Any, accounts: Accounts) -> None:
    member = somebody(accounts, Grant("therapist", ("loc_1",)))
    headers = session_of(accounts, member)
    assert gateway.send("GET", "/v1/staff", headers=headers).status_code == 403
    (row,) = eventually(lambda: rows_of(gateway, actor=member.actor_id))
    assert (row["kind"], row["about"], row["reason"]) == (
        "refused",
        "GET /v1/staff",
        "needs manage",
    )
    unknown = {"Authorization": "Bearer clinic_made_up"}
    assert gateway.send("GET", "/v1/staff", headers=unknown).status_code == 401
    stranger = eventually(lambda: rows_of(gateway, actor="nobody:token"))[0]
    assert stranger["reason"] == "unauthenticated"


def test_a_flood_is_two_rows(gateway: Any) -> None:
    trail_of_its_own = Audit(gateway.database.client[f"{gateway.database.name}_flood"])
    for number in range(500):
        row = new_row("sign_in_refused", f"nobody:{number}", network="203.0.113.0/24")
        trail_of_its_own.add_beside(row)
    first = eventually(lambda: trail_of_its_own.page(Sought(scope=None), 10))
    assert [each.count for each in first] == [1]
    trail_of_its_own.flush()
    counts = [each.count for each in trail_of_its_own.page(Sought(scope=None), 10)]
    assert sorted(counts) == [1, 499]
    assert trail_of_its_own.counted == {}
    assert trail_of_its_own.pending == {}
    gateway.database.client.drop_database(trail_of_its_own.rows.database.name)


def test_what_is_counted_fits_in_memory(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MOST_COUNTED", 3)
    trail_of_its_own = Audit(gateway.database.client[f"{gateway.database.name}_many"])
    for number in range(20):
        row = new_row("refused", f"staff:{number}", network="203.0.113.0/24")
        trail_of_its_own.add_beside(row)
    assert len(trail_of_its_own.counted) == 4
    trail_of_its_own.flush()
    total = eventually(
        lambda: (
            20
            if sum(each.count for each in trail_of_its_own.page(Sought(scope=None), 50)) == 20
            else None
        )
    )
    assert total == 20
    gateway.database.client.drop_database(trail_of_its_own.rows.database.name)


def test_pages_and_times_leave_nothing_out(gateway: Any, accounts: Accounts) -> None:
    member = somebody(accounts, Grant("therapist", ("loc_1",)))
    begun = now()
    for _ in range(3):
        assert sign_in(gateway, member.email).status_code == 201
    asked = {"actor": member.actor_id, "kind": "signed_in"}
    everything = rows_of(gateway, **asked)
    assert len(everything) == 3
    path, seen, cursor = PATH, [], None
    while True:
        page_asked = {**asked, "limit": 2, **({"cursor": cursor} if cursor else {})}
        answer = gateway.send("GET", path, params=page_asked, headers=gateway.bearer()).json()
        seen += answer["items"]
        if (cursor := answer["next"]) is None:
            break
    assert seen == everything
    before = {"to": begun.isoformat()}
    after = {"from": begun.isoformat()}
    later = {"from": (now() + timedelta(seconds=1)).isoformat()}
    assert rows_of(gateway, **asked, **before) == []
    assert rows_of(gateway, **asked, **after) == everything
    assert rows_of(gateway, **asked, **later) == []


def test_only_owners_and_auditors_see_it_and_of_their_locations(
    gateway: Any, accounts: Accounts
) -> None:
    here = somebody(accounts, Grant("therapist", ("loc_1", "loc_3")))
    there = somebody(accounts, Grant("therapist", ("loc_2",)))
    for member in (here, there):
        assert sign_in(gateway, member.email).status_code == 201
    auditor = session_of(accounts, somebody(accounts, Grant("auditor", ("loc_1",))))
    assert len(rows_of(gateway, auditor, actor=here.actor_id)) == 1
    assert rows_of(gateway, auditor, actor=there.actor_id) == []
    for row in rows_of(gateway, auditor, limit=200):
        assert "loc_1" in row["location_ids"]
    for role in ("manager", "front_desk", "therapist", "billing", "integration"):
        assert gateway.send("GET", PATH, headers=gateway.bearer(role)).status_code == 403


def test_every_question_has_an_index(gateway: Any) -> None:
    rows = trail.trail_of(gateway.database)
    for query in ({"actor": "staff:1"}, {"kind": "refused"}, {"location_ids": {"$in": ["a"]}}, {}):
        plan = rows.find(query).sort("_id", -1).explain()["queryPlanner"]["winningPlan"]
        assert "COLLSCAN" not in str(plan), query
    ends = rows.index_information()[trail.AGE]["expireAfterSeconds"]
    assert ends == 2_557 * 24 * 3_600
