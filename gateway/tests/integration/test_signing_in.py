"""Signing in: off the hub, bounded, telling nothing, and slowing the one who guesses."""

import json
from typing import Any

import eventlet
import pytest
from argon2 import PasswordHasher
from eventlet import patcher

from clinic_runtime.testing import eventually
from clinic_runtime.threads import off_the_hub
from gateway.identity import passwords
from gateway.identity.backoff import ALL_SOURCES, ONE_SOURCE

native_threading: Any = patcher.original("threading")
PATH = "/v1/sessions"


@pytest.fixture(autouse=True)
def nobody_failed_yet(gateway: Any) -> None:
    gateway.database["sign_in_failures"].delete_many({})


def sign_in(gateway: Any, who: dict[str, Any], source: str = "192.0.2.1") -> Any:
    """Sign in from an address, as the proxy in front reports it."""
    return gateway.send("POST", PATH, json=who, headers={"X-Forwarded-For": source})


def test_work_off_the_hub_runs_on_a_native_thread_while_green_threads_go_on() -> None:
    order: list[str] = []
    release = native_threading.Event()

    def work() -> str:
        assert release.wait(5), "the hub was held up"
        order.append("worked")
        return str(native_threading.current_thread().name)

    def meanwhile() -> None:
        order.append("meanwhile")
        release.set()

    eventlet.spawn(meanwhile)
    assert off_the_hub(work) != native_threading.current_thread().name
    assert order == ["meanwhile", "worked"]
    with pytest.raises(ZeroDivisionError):
        off_the_hub(divmod, 1, 0)


def test_other_requests_go_on_while_a_password_is_checked(
    gateway: Any, owner: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    entered, release = native_threading.Event(), native_threading.Event()
    verify = PasswordHasher.verify

    def held(self: Any, stored: str, password: str) -> bool:
        entered.set()
        assert release.wait(5), "the hub was held up"
        return bool(verify(self, stored, password))

    monkeypatch.setattr(PasswordHasher, "verify", held)

    def signing_in() -> int:
        status = int(sign_in(gateway, owner).status_code)
        order.append("signed in")
        return status

    thread = eventlet.spawn(signing_in)
    eventually(entered.is_set)
    assert gateway.send("GET", "/healthz").status_code == 200
    order.append("healthy")
    release.set()
    assert thread.wait() == 201
    assert order == ["healthy", "signed in"]


def test_sign_ins_do_not_queue_without_limit(
    gateway: Any, owner: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "MOST_UNDER_WAY", 3)
    release = native_threading.Event()
    started: list[str] = []
    verify = PasswordHasher.verify

    def held(self: Any, stored: str, password: str) -> bool:
        started.append("one")
        assert release.wait(5)
        return bool(verify(self, stored, password))

    monkeypatch.setattr(PasswordHasher, "verify", held)
    waiting = [eventlet.spawn(sign_in, gateway, owner) for _ in range(4)]
    refused = eventually(lambda: [thread for thread in waiting if thread.dead])[0].wait()
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == 1
    assert len(started) == passwords.AT_ONCE
    release.set()
    answers = sorted(thread.wait().status_code for thread in waiting)
    assert answers == [201, 201, 201, 429]
    assert sign_in(gateway, owner).status_code == 201


@pytest.mark.parametrize("totp", ["123456", "0"])
def test_a_second_factor_is_refused_only_once_the_password_is_right(
    gateway: Any, owner: dict[str, str], totp: str
) -> None:
    before = gateway.database["sessions"].count_documents({})
    right = sign_in(gateway, {**owner, "totp": totp})
    assert (right.status_code, list(right.json()["errors"])) == (422, ["totp"])
    assert "Set-Cookie" not in right.headers
    assert gateway.database["sessions"].count_documents({}) == before
    wrong = sign_in(gateway, {**owner, "password": "wrong", "totp": totp})
    nobody = sign_in(gateway, {"email": "no@body.org", "password": "x", "totp": totp})
    assert (wrong.status_code, nobody.status_code) == (401, 401)
    assert wrong.json()["detail"] == nobody.json()["detail"]
    assert sign_in(gateway, {**owner, "totp": None}).status_code == 201


def test_who_guesses_waits_and_the_owner_does_not(gateway: Any, owner: dict[str, str]) -> None:
    wrong = {**owner, "password": "guess"}
    attacker = "198.51.100.7"
    for _ in range(ONE_SOURCE.free):
        assert sign_in(gateway, wrong, attacker).status_code == 401
    locked = sign_in(gateway, wrong, attacker)
    assert (locked.status_code, int(locked.headers["Retry-After"]) >= 1) == (429, True)
    # Saying another address in front of the proxy's does not help.
    assert sign_in(gateway, wrong, f"192.0.2.99, {attacker}").status_code == 429
    assert sign_in(gateway, owner, "192.0.2.1").status_code == 201


def test_many_guessers_are_slowed_and_a_known_address_is_not(
    gateway: Any, owner: dict[str, str]
) -> None:
    home, guess = "192.0.2.55", {**owner, "password": "guess"}
    assert sign_in(gateway, owner, home).status_code == 201
    assert sign_in(gateway, guess, "203.0.113.8").status_code == 401
    # As many failures as it takes, from as many addresses: set rather than made one by one.
    gateway.database["sign_in_failures"].update_many({}, {"$set": {"count": ALL_SOURCES.free + 9}})
    assert sign_in(gateway, guess, "203.0.113.9").status_code == 429
    assert sign_in(gateway, owner, home).status_code == 201


def test_unknown_accounts_are_slowed_alike(gateway: Any) -> None:
    nobody = {"email": "nobody@example.org", "password": "x"}
    answers = [sign_in(gateway, nobody, "203.0.113.77").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_the_cookie_is_kept_from_scripts_and_other_sites(
    gateway: Any, owner: dict[str, str]
) -> None:
    plain = sign_in(gateway, owner).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    tls = gateway.send("POST", PATH, json=owner, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in tls.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "SELF", "Content-Type": "application/json"}, 201),
        ({"Origin": "SELF", "Content-Type": "application/json; charset=utf-8"}, 201),
        ({"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}, 201),
        ({"Content-Type": "application/json"}, 403),
        ({"Origin": "https://evil.example", "Content-Type": "application/json"}, 403),
        ({"Origin": "null", "Content-Type": "application/json"}, 403),
        ({"Origin": "http://[", "Content-Type": "application/json"}, 403),
        ({"Origin": "SELF", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none", "Content-Type": "application/json"}, 403),
        ({"Origin": "SELF", "Content-Type": "text/plain"}, 415),
        ({"Origin": "SELF", "Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Origin": "SELF"}, 415),
    ],
)
def test_a_write_by_cookie_is_json_from_a_page_of_ours(
    gateway: Any, desk: Any, visit: Any, headers: dict[str, str], status: int
) -> None:
    token = gateway.bearer()["Authorization"].removeprefix("Bearer ")
    cookie = {"Cookie": f"clinic_session={token}"}
    own = {k: v.replace("SELF", f"http://127.0.0.1:{gateway.port}") for k, v in headers.items()}
    body = json.dumps(visit).encode()
    answer = gateway.send("POST", "/v1/appointments", data=body, headers={**cookie, **own})
    assert answer.status_code == status
    assert bool(desk.asked) == (status == 201)


def test_with_a_token_a_body_is_json_whatever_it_says(gateway: Any, desk: Any, visit: Any) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = json.dumps(visit).encode()
    for headers in (form, {"Origin": "https://partner.example"}, {}):
        sent = {**gateway.bearer(), **headers}
        answer = gateway.send("POST", "/v1/appointments", data=body, headers=sent)
        assert answer.status_code == 201
    assert len(desk.asked) == 3


def test_signing_in_needs_json_and_no_foreign_page(gateway: Any, owner: dict[str, str]) -> None:
    body = json.dumps(owner).encode()
    form = {"Content-Type": "text/plain"}
    assert gateway.send("POST", PATH, data=body, headers=form).status_code == 415
    foreign = {"Origin": "https://evil.example"}
    assert gateway.send("POST", PATH, json=owner, headers=foreign).status_code == 403


def test_signing_out_by_cookie_needs_no_page_of_its_own(
    gateway: Any, owner: dict[str, str]
) -> None:
    cookie = {"Cookie": f"clinic_session={sign_in(gateway, owner).json()['token']}"}
    foreign = {**cookie, "Origin": "https://evil.example"}
    path = f"{PATH}/current"
    assert gateway.send("DELETE", path, headers=foreign).status_code == 403
    ended = gateway.send("DELETE", path, headers=cookie)
    assert (ended.status_code, ended.content) == (204, b"")
    assert "Content-Type" not in ended.headers
    assert gateway.send("GET", "/v1/me", headers=cookie).status_code == 401


def test_a_key_has_no_session_to_sign_out_of(gateway: Any) -> None:
    key = gateway.bearer("auditor")
    assert gateway.send("DELETE", f"{PATH}/current", headers=key).status_code == 404
    assert gateway.send("GET", "/v1/me", headers=key).status_code == 200


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("owner", "whole"),
        ("manager", "whole"),
        ("front_desk", "whole"),
        ("therapist", "whole"),
        ("billing", "whole"),
        ("integration", "masked"),
        ("auditor", "masked"),
    ],
)
def test_a_role_says_who_sees_health_numbers(gateway: Any, desk: Any, role: str, sees: str) -> None:
    gateway.send("GET", "/v1/appointments/apt_1", headers=gateway.bearer(role))
    assert desk.asked[0][2].sees_health_numbers is (sees == "whole")
