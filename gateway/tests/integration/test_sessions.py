"""Who is asking: verified once in five seconds, known at once to be gone where it was ended."""

import functools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import eventlet
import pytest
from pymongo.database import Database

from clinic_contracts.errors import Unauthenticated
from clinic_runtime import mongo
from clinic_runtime.clock import now
from clinic_runtime.ids import ulid
from clinic_runtime.testing import eventually, running
from clinic_runtime.watching import Watch
from gateway.identity.accounts import CACHED_SECONDS, Accounts, ensure
from gateway.identity.sessions import SEEN_SECONDS, Device, digest
from gateway.service import GatewayService

WATCH = Watch()


@pytest.fixture(scope="module")
def gateway(config: dict[str, Any], make_gateway: Any) -> Iterator[Any]:
    """Yield a gateway whose every database command is seen."""
    with pytest.MonkeyPatch.context() as patch:
        connect = functools.partial(mongo.connect, event_listeners=[WATCH])
        patch.setattr("clinic_runtime.mongo.connect", connect)
        with running(GatewayService, config):
            yield make_gateway(config)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Return the time as the accounts see it, to be moved."""
    at = [now()]
    for module in ("accounts", "sessions"):
        monkeypatch.setattr(f"gateway.identity.{module}.now", lambda: at[0])
    return at


def signed_in(accounts: Accounts) -> str:
    accounts.ensure_owner("owner@example.org", "a password for tests")
    found = accounts.staff.by_email("owner@example.org")
    assert found is not None
    return accounts.sessions.open(found.id, Device())[0]


def sign_out(accounts: Accounts, token: str) -> None:
    accounts.sessions.end(digest(token))
    accounts.forget()


def test_neither_a_booking_nor_a_read_asks_the_database_once_the_caller_is_known(
    gateway: Any, desk: Any, visit: Any
) -> None:
    headers = gateway.bearer()
    gateway.send("GET", "/v1/me", headers=headers)
    WATCH.commands.clear()
    for key in (ulid(), ulid()):
        keyed = {**headers, "Idempotency-Key": key}
        assert gateway.send("POST", "/v1/appointments", json=visit, headers=keyed).ok
    assert gateway.send("GET", "/v1/appointments/apt_1", headers=headers).ok
    assert WATCH.commands == []
    arrive = "/v1/appointments/apt_1/arrive"
    gateway.send("POST", arrive, json={}, headers={**headers, "Idempotency-Key": ulid()})
    assert [next(iter(command)) for command in WATCH.commands] == ["insert", "update"]
    assert len(desk.asked) == 4


def test_those_who_ask_together_share_one_look(
    watched: Database[dict[str, Any]], watch: Watch
) -> None:
    accounts = Accounts(watched)
    token = signed_in(accounts)
    watch.commands.clear()
    asking = [eventlet.spawn(accounts.who, token) for _ in range(10)]
    assert len({thread.wait().id for thread in asking}) == 1
    assert [command["find"] for command in watch.commands] == ["sessions", "staff"]
    assert accounts.looks == {}
    strangers = [eventlet.spawn(refused, accounts, "unknown") for _ in range(3)]
    assert all(thread.wait() for thread in strangers)


def refused(accounts: Accounts, token: str) -> bool:
    try:
        accounts.who(token)
    except Unauthenticated:
        return True
    return False


def test_a_session_ended_elsewhere_is_known_within_five_seconds(
    database: Database[dict[str, Any]], clock: list[datetime]
) -> None:
    here, elsewhere = Accounts(database), Accounts(database)
    token = signed_in(here)
    assert here.who(token) == elsewhere.who(token)
    sign_out(elsewhere, token)
    with pytest.raises(Unauthenticated):
        elsewhere.who(token)
    clock[0] += timedelta(seconds=CACHED_SECONDS)
    assert CACHED_SECONDS <= 5
    with pytest.raises(Unauthenticated):
        here.who(token)


def test_a_session_read_while_it_is_ended_is_not_remembered(
    database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = Accounts(database)
    token = signed_in(accounts)
    read = Accounts._session

    def ended_meanwhile(self: Accounts, *asked: Any) -> Any:
        found = read(self, *asked)
        sign_out(self, token)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Accounts, "_session", ended_meanwhile)
        accounts.who(token)
    with pytest.raises(Unauthenticated):
        accounts.who(token)


def test_a_session_is_not_remembered_beyond_its_end(
    database: Database[dict[str, Any]], clock: list[datetime]
) -> None:
    accounts = Accounts(database)
    token = signed_in(accounts)
    database["sessions"].update_one({}, {"$set": {"expires_at": clock[0] + timedelta(seconds=1)}})
    accounts.who(token)
    clock[0] += timedelta(seconds=1)
    with pytest.raises(Unauthenticated):
        accounts.who(token)


def test_an_account_of_old_keeps_its_role(database: Database[dict[str, Any]]) -> None:
    ensure(database)
    old = {"_id": "usr_old", "email": "old@example.org", "name": "Old", "password": "x"}
    database["staff"].insert_one({**old, "role": "manager", "location_ids": ["loc_1"]})
    ensure(database)
    roles = [{"role": "manager", "location_ids": ["loc_1"]}]
    made_new = {**old, "roles": roles, "version": 1, "active": True}
    assert database["staff"].find_one() == made_new


def test_when_a_session_was_used_is_noted_once_a_minute(
    watched: Database[dict[str, Any]], watch: Watch, clock: list[datetime]
) -> None:
    accounts = Accounts(watched)
    token = signed_in(accounts)
    opened = accounts.sessions.find(digest(token))
    assert opened is not None
    watch.commands.clear()
    for _ in range(3):
        accounts.forget()
        accounts.who(token)
    clock[0] += timedelta(seconds=SEEN_SECONDS)
    accounts.who(token)
    used = eventually(lambda: accounts.sessions.of(opened.staff_id)[0].seen_at == clock[0])
    assert used
    assert sum("update" in command for command in watch.commands) == 1
