"""Guessing is slowed and locked, and the right owner still gets in, as the README says."""

import email
import email.policy
import math
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from clinic_deploy.demo.api import Api
from clinic_runtime.ids import ulid
from clinic_runtime.testing import eventually

ATTEMPTS, AT_ONCE = 200, 8
PASSWORD, CHOSEN = "a password for tests", "four words of mine"
HOME, ELSEWHERE = "192.0.2.10", "198.51.100.20"


class Door:
    """A gateway behind a proxy, asked from any address, and somebody's account there."""

    def __init__(self, api: Api, mail: Path) -> None:
        self.api = api
        self.address = api.address
        self.mail = mail
        self.email = f"{ulid()}@example.org".lower()
        roles = [{"role": "therapist", "location_ids": ["loc_1"]}]
        api.post("/staff", {"email": self.email, "name": "Robin", "roles": roles})
        invited = self.link("Your ClinicOps account")
        assert self.choose(invited, PASSWORD, HOME).status_code == 204

    def send(self, method: str, path: str, source: str = HOME, **options: Any) -> Any:
        headers = {"X-Forwarded-For": source, **options.pop("headers", {})}
        return requests.request(
            method, f"{self.address}/v1{path}", headers=headers, timeout=60, **options
        )

    def sign_in(self, password: str, source: str) -> Any:
        body = {"email": self.email, "password": password}
        return self.send("POST", "/sessions", source, json=body)

    def choose(self, token: str, password: str, source: str) -> Any:
        return self.send("POST", f"/password-resets/{token}", source, json={"password": password})

    def guess(self, sources: list[str]) -> tuple[list[Any], float]:
        """Return the answers to wrong passwords, eight asked at a time, and how long they took."""
        begun = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as guessing:
            answers = list(guessing.map(lambda source: self.sign_in("a guess", source), sources))
        return answers, time.monotonic() - begun

    def link(self, subject: str) -> str:
        """Return the token of the link in the letter they got."""

        def look() -> str | None:
            for file in self.mail.glob("*.eml"):
                letter: Any = email.message_from_bytes(
                    file.read_bytes(), policy=email.policy.default
                )
                if (letter["To"], letter["Subject"]) == (self.email, subject):
                    text = letter.get_body(("plain",)).get_content()
                    found = re.search(r"/console/reset\?token=([\w-]+)", text)
                    return None if found is None else found[1]
            return None

        return eventually(look, timeout=30)


def checked(free: int, seconds: float) -> int:
    """Return how many passwords are checked at most: so many, then after 1, 2, 4 … seconds.

    Those that were under way with the last of them are, too.
    """
    return free + AT_ONCE + math.ceil(math.log2(seconds + 2))


@pytest.fixture(scope="module")
def gateway(house: Any) -> Iterator[Api]:
    with house.second_gateway(CLINIC_PROXIES="1") as api:
        yield api


@pytest.fixture
def door(gateway: Api, mail: tuple[Any, int]) -> Door:
    return Door(gateway, mail[0])


def test_guesses_from_one_address_are_slowed_and_the_owner_is_not(door: Door) -> None:
    answers, seconds = door.guess([ELSEWHERE] * ATTEMPTS)
    counted = Counter(answer.status_code for answer in answers)
    assert set(counted) == {401, 429}
    assert counted[401] <= checked(5, seconds)
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in slowed)
    assert {answer.json()["code"] for answer in slowed} == {"too_many_requests"}
    assert door.sign_in(PASSWORD, ELSEWHERE).status_code == 429
    assert door.sign_in(PASSWORD, HOME).status_code == 201
    assert door.sign_in(PASSWORD, "203.0.113.200").status_code == 201


def test_guesses_from_many_addresses_lock_all_but_where_the_owner_was(door: Door) -> None:
    assert door.sign_in(PASSWORD, HOME).status_code == 201
    answers, seconds = door.guess([f"203.0.113.{number}" for number in range(ATTEMPTS)])
    counted = Counter(answer.status_code for answer in answers)
    assert set(counted) == {401, 429}
    assert counted[401] <= checked(100, seconds)
    # From an address that they signed in at before, their owner gets in at once.
    assert door.sign_in(PASSWORD, HOME).status_code == 201
    # Elsewhere they wait like everybody, and get in by the link in a letter.
    wait = eventually(lambda: door.sign_in("no", ELSEWHERE).headers.get("Retry-After"))
    assert int(wait) >= 1
    asked = door.send("POST", "/password-resets", ELSEWHERE, json={"email": door.email})
    assert asked.status_code == 202
    token = door.link("Choose a new password")
    assert door.choose(token, CHOSEN, ELSEWHERE).status_code == 204
    door.guess([f"203.0.113.{number}" for number in range(ATTEMPTS // 10)])
    assert door.sign_in(CHOSEN, ELSEWHERE).status_code == 201
    assert door.sign_in(PASSWORD, HOME).status_code == 401


def test_a_stolen_session_is_seen_and_ended_everywhere(door: Door, house: Any) -> None:
    mine, stolen = (
        {"Authorization": f"Bearer {door.sign_in(PASSWORD, source).json()['token']}"}
        for source in (HOME, ELSEWHERE)
    )
    assert requests.get(f"{house.address}/v1/me", headers=stolen, timeout=30).ok
    rows = door.send("GET", "/sessions", headers=mine).json()["items"]
    (theft,) = [row for row in rows if row["network"] == "198.51.100.0/24"]
    assert door.send("DELETE", f"/sessions/{theft['id']}", headers=mine).status_code == 204
    assert door.send("GET", "/me", headers=stolen).status_code == 401

    def refused_elsewhere() -> bool:
        answer = requests.get(f"{house.address}/v1/me", headers=stolen, timeout=30)
        return answer.status_code == 401

    assert eventually(refused_elsewhere, timeout=6)
    assert door.send("GET", "/me", headers=mine).status_code == 200


def test_the_trail_tells_of_a_flood_in_few_rows(door: Door) -> None:
    door.guess([ELSEWHERE] * ATTEMPTS)
    id_ = door.sign_in(PASSWORD, HOME).json()["actor"]["id"]

    def rows() -> Any:
        return door.api.get(f"/audit?actor={id_}&kind=sign_in_refused")["items"]

    assert 1 <= len(eventually(rows)) <= 2
