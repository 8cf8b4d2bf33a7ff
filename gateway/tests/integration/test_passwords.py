"""A password forgotten, chosen by the link of a letter, and changed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import eventlet
import pytest

from clinic_contracts.context import CallContext
from clinic_contracts.notification import operations as op
from clinic_contracts.notification.letters import AccountLetterSent, SendAccountLetter
from clinic_runtime.clock import now
from clinic_runtime.ids import ulid
from clinic_runtime.responder import command
from clinic_runtime.testing import eventually, running
from gateway.identity import resets
from gateway.identity.access import Grant
from gateway.identity.accounts import Accounts
from gateway.identity.backoff import ALL_SOURCES
from gateway.identity.staff import Member, new_member

PATH = "/v1/password-resets"
OLD, NEW = "the password of old", "four words of mine"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LETTERS: list[SendAccountLetter] = []


class Notification:
    """Stands in for the notification service."""

    name = "notification"

    @command(op.SEND_ACCOUNT_LETTER)
    def send_account_letter(
        self, request: SendAccountLetter, _context: CallContext
    ) -> AccountLetterSent:
        LETTERS.append(request)
        return AccountLetterSent(message_id="msg_1")


@pytest.fixture(scope="module", autouse=True)
def notification(amqp_uri: str) -> Iterator[None]:
    with running(Notification, {"amqp_uri": amqp_uri}):
        yield


@pytest.fixture(autouse=True)
def nothing_counted_yet(gateway: Any) -> None:
    LETTERS.clear()
    gateway.database["sign_in_failures"].delete_many({})


@pytest.fixture
def accounts(gateway: Any) -> Accounts:
    return Accounts(gateway.database)


@pytest.fixture
def member(accounts: Accounts) -> Member:
    made = new_member(f"{ulid()}@example.org", "Robin", (Grant("therapist", ("loc_1",)),))
    accounts.staff.add(made)
    accounts.staff.set_password(made, accounts.passwords.make(OLD))
    return made


def ask(gateway: Any, email: str, source: str = "192.0.2.9") -> Any:
    seen = {"X-Forwarded-For": source}
    return gateway.send("POST", PATH, json={"email": email}, headers=seen)


def letter_to(gateway: Any, email: str) -> SendAccountLetter:
    assert ask(gateway, email).status_code == 202
    return eventually(lambda: [each for each in LETTERS if each.to == email])[-1]


def choose(gateway: Any, token: str, password: str = NEW, source: str = "192.0.2.9") -> Any:
    seen = {"X-Forwarded-For": source}
    return gateway.send("POST", f"{PATH}/{token}", json={"password": password}, headers=seen)


def sign_in(gateway: Any, email: str, password: str, source: str = "192.0.2.9") -> Any:
    body = {"email": email, "password": password}
    return gateway.send("POST", "/v1/sessions", json=body, headers={"X-Forwarded-For": source})


def test_a_link_lets_its_owner_choose_once(gateway: Any, member: Member) -> None:
    token = sign_in(gateway, member.email, OLD).json()["token"]
    session = {"Authorization": f"Bearer {token}"}
    letter = letter_to(gateway, member.email)
    assert (letter.kind, letter.name, letter.minutes) == ("password_reset", "Robin", 30)
    weak = choose(gateway, letter.token, "password1234")
    assert (weak.status_code, list(weak.json()["errors"])) == (422, ["password"])
    assert choose(gateway, letter.token).status_code == 204
    assert gateway.send("GET", "/v1/me", headers=session).status_code == 401
    assert sign_in(gateway, member.email, OLD).status_code == 401
    assert sign_in(gateway, member.email, NEW).status_code == 201
    assert choose(gateway, letter.token, "another of these").status_code == 404


def test_of_several_who_use_a_link_at_once_one_does(gateway: Any, member: Member) -> None:
    token = letter_to(gateway, member.email).token
    passwords = [f"password number {n}" for n in range(3)]
    asking = [eventlet.spawn(choose, gateway, token, each) for each in passwords]
    statuses = [thread.wait().status_code for thread in asking]
    assert sorted(statuses) == [204, 404, 404]
    assert sign_in(gateway, member.email, passwords[statuses.index(204)]).status_code == 201


def test_nobody_learns_who_has_an_account(gateway: Any, accounts: Accounts, member: Member) -> None:
    unknown, known = ask(gateway, "nobody@example.org"), ask(gateway, member.email.upper())
    assert (unknown.status_code, unknown.json()) == (known.status_code, known.json())
    eventually(lambda: LETTERS)
    before = accounts.staff.find(member.id)
    assert before is not None
    accounts.database["staff"].update_one({"_id": member.id}, {"$set": {"active": False}})
    assert ask(gateway, member.email).status_code == 202
    other = letter_to(gateway, "owner@example.org")
    assert [each.to for each in LETTERS] == [member.email, other.to]


def test_a_link_ends_by_itself_and_by_a_change(
    gateway: Any, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (letter_to(gateway, member.email).token for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setattr(resets, "now", lambda: now() + timedelta(minutes=30, seconds=1))
        assert choose(gateway, first).status_code == 404
    assert choose(gateway, second).status_code == 204
    assert choose(gateway, first, "another of these").status_code == 404


def test_a_link_that_was_altered_is_nobodys(gateway: Any, member: Member) -> None:
    token = letter_to(gateway, member.email).token
    id_, until, signature = token[:26], token[26:34], token[34:]
    later = f"{int(until, 16) + 3600:08x}"
    other = Accounts(gateway.database).staff.by_email("owner@example.org")
    assert other is not None
    for forged in (
        f"{id_}{later}{signature}",
        f"{other.id.removeprefix('usr_')}{until}{signature}",
        f"{id_}{until}{signature[:-1]}",
        f"{id_}{until}{'A' * 22}",
        "x",
    ):
        assert choose(gateway, forged).status_code == 404
    assert len(token) <= 64


def test_who_asks_for_many_letters_waits_and_the_account_gets_few(
    gateway: Any, member: Member
) -> None:
    answers = [ask(gateway, member.email).status_code for _ in range(11)]
    assert answers == [202] * 10 + [429]
    letter_to_other = eventually(
        lambda: (
            ask(gateway, "owner@example.org", "192.0.2.200").ok
            and [each for each in LETTERS if each.to == "owner@example.org"]
        )
    )
    assert letter_to_other
    assert 3 <= sum(each.to == member.email for each in LETTERS) <= 5


def test_a_reset_lets_the_owner_in_while_others_guess(gateway: Any, member: Member) -> None:
    sign_in(gateway, member.email, "guess", "203.0.113.1")
    failures = gateway.database["sign_in_failures"]
    failures.update_many({}, {"$set": {"count": ALL_SOURCES.free + 9}})
    assert sign_in(gateway, member.email, OLD, "198.51.100.9").status_code == 429
    letter = letter_to(gateway, member.email)
    assert choose(gateway, letter.token, source="198.51.100.9").status_code == 204
    sign_in(gateway, member.email, "guess", "203.0.113.3")
    failures.update_many({}, {"$set": {"count": ALL_SOURCES.free + 9}})
    assert sign_in(gateway, member.email, NEW, "203.0.113.2").status_code == 429
    assert sign_in(gateway, member.email, NEW, "198.51.100.9").status_code == 201


def test_who_is_added_is_invited(gateway: Any) -> None:
    email = f"{ulid()}@example.org".lower()
    roles = [{"role": "therapist", "location_ids": ["loc_1"]}]
    body = {"email": email, "name": "Kim", "roles": roles}
    added = gateway.send("POST", "/v1/staff", json=body, headers=gateway.bearer()).json()
    letter = eventually(lambda: [each for each in LETTERS if each.to == email])[0]
    assert (letter.kind, letter.minutes) == ("invitation", 7 * 24 * 60)
    assert choose(gateway, letter.token).status_code == 204
    assert sign_in(gateway, email, NEW).status_code == 201
    read = gateway.send("GET", f"/v1/staff/{added['id']}", headers=gateway.bearer()).json()
    assert not read["invited"]


def test_a_password_is_changed_by_who_knows_it(gateway: Any, member: Member) -> None:
    here, elsewhere = (
        {"Authorization": f"Bearer {sign_in(gateway, member.email, OLD).json()['token']}"}
        for _ in range(2)
    )
    path = "/v1/me/password"

    def change(current: str, password: str) -> int:
        body = {"current": current, "password": password}
        return int(gateway.send("POST", path, json=body, headers=here).status_code)

    assert change("wrong", NEW) == 403
    assert change(OLD, "short") == 422
    assert change(OLD, NEW) == 204
    assert gateway.send("GET", "/v1/me", headers=here).status_code == 200
    assert gateway.send("GET", "/v1/me", headers=elsewhere).status_code == 401
    assert sign_in(gateway, member.email, NEW).status_code == 201


def test_another_sites_page_asks_for_nothing(gateway: Any, member: Member) -> None:
    foreign = {"Origin": "https://evil.example"}
    body = {"email": member.email}
    assert gateway.send("POST", PATH, json=body, headers=foreign).status_code == 403
    assert gateway.send("POST", PATH, data=b"email=x", headers=FORM).status_code == 415
