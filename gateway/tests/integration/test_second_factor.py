"""An authenticator beside the password: taken into use, asked for, used once, lost, given up."""

import base64
from datetime import datetime, timedelta
from typing import Any

import eventlet
import pytest

from clinic_runtime.clock import now
from clinic_runtime.ids import ulid
from gateway.identity import totp
from gateway.identity.access import Grant
from gateway.identity.accounts import Accounts
from gateway.identity.backoff import ONE_SOURCE
from gateway.identity.staff import new_member

PATH = "/v1/me/totp"
PASSWORD = "a password for tests"


class Person:
    """Somebody with a password, signed in, and the authenticator they have."""

    def __init__(self, gateway: Any) -> None:
        self.gateway = gateway
        self.at = [now()]
        accounts = Accounts(gateway.database)
        member = new_member(f"{ulid()}@example.org", "Robin", (Grant("therapist", ("loc_1",)),))
        accounts.staff.add(member)
        accounts.staff.set_password(member, accounts.passwords.make(PASSWORD))
        self.id, self.email = member.id, member.email
        self.headers = {"Authorization": f"Bearer {self.sign_in().json()['token']}"}
        self.secret = b""

    def sign_in(self, totp: str | None = None, **other: str) -> Any:
        given = {"email": self.email, "password": PASSWORD, **other}
        body = given if totp is None else {**given, "totp": totp}
        return self.gateway.send("POST", "/v1/sessions", json=body)

    def ask(self, method: str, path: str = "", **body: str) -> Any:
        more = {} if method == "GET" else {"json": body}
        return self.gateway.send(method, PATH + path, headers=self.headers, **more)

    def code(self) -> str:
        """Return what the authenticator shows, a step later each time."""
        self.at[0] += timedelta(seconds=totp.STEP_SECONDS)
        return totp.code(self.secret, totp.step_of(self.at[0]))

    def enrol(self) -> list[str]:
        text = self.ask("POST", password=PASSWORD).json()["secret"]
        self.secret = base64.b32decode(text + "=" * (-len(text) % 8))
        codes: list[str] = self.ask("POST", "/confirm", code=self.code()).json()["recovery_codes"]
        return codes


@pytest.fixture
def person(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> Person:
    made = Person(gateway)

    def clock() -> datetime:
        return made.at[0]

    monkeypatch.setattr("gateway.identity.second_factors.now", clock)
    return made


def test_once_confirmed_signing_in_takes_a_code(person: Person) -> None:
    assert person.ask("GET").json() == {"enabled": False, "recovery_codes_left": 0}
    begun = person.ask("POST", password=PASSWORD)
    assert (begun.status_code, begun.json()["secret"] in begun.json()["uri"]) == (201, True)
    assert person.sign_in().status_code == 201
    assert person.ask("POST", "/confirm", code="000000").json()["errors"].keys() == {"code"}
    assert len(person.enrol()) == 10
    assert person.ask("GET").json() == {"enabled": True, "recovery_codes_left": 10}
    missing, wrong = person.sign_in(), person.sign_in("000000")
    assert (missing.status_code, missing.json()["code"]) == (401, "totp_required")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "unauthenticated")
    assert person.sign_in(person.code()).status_code == 201


def test_a_wrong_password_tells_nothing_of_a_second_factor(person: Person) -> None:
    person.enrol()
    wrong = person.sign_in(password="wrong")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "unauthenticated")
    assert (
        person.sign_in(person.code(), password="wrong").json()["detail"] == wrong.json()["detail"]
    )


def test_a_code_is_good_once_however_many_send_it(person: Person) -> None:
    person.enrol()
    code = person.code()
    asking = [eventlet.spawn(person.sign_in, code) for _ in range(4)]
    assert sorted(thread.wait().status_code for thread in asking) == [201, 401, 401, 401]
    assert person.sign_in(code).status_code == 401


def test_the_code_it_was_confirmed_with_is_used(person: Person) -> None:
    person.enrol()
    assert person.sign_in(totp.code(person.secret, totp.step_of(person.at[0]))).status_code == 401


def test_a_recovery_code_is_good_once(person: Person) -> None:
    codes = person.enrol()
    assert person.sign_in(codes[3].upper().replace("-", " ")).status_code == 201
    assert person.sign_in(codes[3]).status_code == 401
    assert person.ask("GET").json()["recovery_codes_left"] == 9
    other = Person(person.gateway)
    other.enrol()
    assert other.sign_in(codes[4]).status_code == 401


def test_guessing_codes_is_slowed(person: Person, gateway: Any) -> None:
    person.enrol()
    answers = [person.sign_in("000000").status_code for _ in range(ONE_SOURCE.free + 1)]
    assert answers == [401] * ONE_SOURCE.free + [429]
    gateway.database["sign_in_failures"].delete_many({})


def test_neither_secret_nor_recovery_codes_can_be_read_at_rest(
    person: Person, gateway: Any
) -> None:
    codes = person.enrol()
    account = gateway.database["staff"].find_one({"_id": person.id})
    assert person.secret not in account["totp"]["sealed"]
    kept = str(account["totp"]["recovery"])
    assert not [code for code in codes if code in kept or totp.plain(code) in kept]


def test_a_stolen_session_changes_nothing_without_the_password(
    person: Person, gateway: Any
) -> None:
    assert person.ask("POST", password="wrong").status_code == 403
    person.enrol()
    assert person.ask("POST", password=PASSWORD).status_code == 409
    assert person.ask("POST", "/confirm", code=person.code()).status_code == 409
    assert person.ask("POST", "/disable", password="wrong", code=person.code()).status_code == 403
    assert person.ask("POST", "/disable", password=PASSWORD, code="000000").status_code == 403
    assert person.ask("GET").json()["enabled"]
    guesses = [person.ask("POST", "/disable", password="wrong", code="1") for _ in range(6)]
    assert guesses[-1].status_code == 429
    gateway.database["sign_in_failures"].delete_many({})
    assert person.ask("POST", "/disable", password=PASSWORD, code=person.code()).status_code == 204
    assert person.sign_in().status_code == 201


def test_an_owner_takes_a_lost_authenticator_away(person: Person, gateway: Any) -> None:
    person.enrol()
    path = f"/v1/staff/{person.id}/totp"
    assert gateway.send("DELETE", path, headers=person.headers).status_code == 403
    assert gateway.send("DELETE", path, headers=gateway.bearer()).status_code == 204
    assert gateway.send("DELETE", path, headers=gateway.bearer()).status_code == 404
    assert person.ask("GET").status_code == 401
    assert person.sign_in().status_code == 201


def test_a_key_has_no_authenticator(gateway: Any) -> None:
    key = gateway.bearer("auditor")
    assert gateway.send("GET", PATH, headers=key).status_code == 404
    body = {"password": PASSWORD}
    assert gateway.send("POST", PATH, json=body, headers=key).status_code == 404
