"""Many clients want overlapping times, therapists and rooms at once, through the gateway.

``RACE_CLIENTS`` and ``RACE_ATTEMPTS`` (32 and 200 for the full race) make it as large as wished.
"""

import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import requests

CLIENTS = int(os.environ.get("RACE_CLIENTS", "32"))
ATTEMPTS = int(os.environ.get("RACE_ATTEMPTS", "10"))
DAYS = ("2027-03-02", "2027-03-03")
WEEK = ("mon", "tue", "wed", "thu", "fri")
TURNOVER = timedelta(minutes=15)
Document = dict[str, Any]


@dataclass(frozen=True)
class Attempt:
    """One try to book: when it was sent and answered, and what the answer was."""

    sent: float
    answered: float
    status: int
    body: Document


@pytest.fixture(scope="module")
def contested(api: Any) -> Document:
    """Return a location of three rooms where three therapists give a long and a short massage."""
    location = api.post(
        "/locations",
        {
            "name": "Contested",
            "timezone": "America/Vancouver",
            "hours": {day: [["09:00", "17:00"]] for day in WEEK},
            "rooms": [{"name": name} for name in ("One", "Two", "Three")],
        },
    )
    price = {"amount_minor": 9000, "currency": "CAD"}
    treatments = [
        api.post("/treatments", {"name": f"{minutes} minutes", "duration": minutes, "price": price})
        for minutes in (60, 35)
    ]
    shifts = [
        {"location_id": location["id"], "weekday": day, "start": "09:00", "end": "17:00"}
        for day in WEEK
    ]
    people = [
        api.post(
            "/practitioners",
            {
                "name": name,
                "location_ids": [location["id"]],
                "treatment_ids": [treatment["id"] for treatment in treatments],
                "registration": {"college": "CCHPBC", "number": name},
                "shifts": shifts,
            },
        )["id"]
        for name in ("Ann", "Bo", "Cy")
    ]
    return {
        "client": api.post("/clients", {"name": "Ada Sample"})["id"],
        "location": location["id"],
        "rooms": [room["id"] for room in location["rooms"]],
        "treatments": [treatment["id"] for treatment in treatments],
        "people": people,
    }


def wishes(at: Mapping[str, Any], number: int) -> Iterator[Document]:
    """Yield what one client tries to book, one after the other."""
    chance = random.Random(number)  # noqa: S311 (not cryptography)
    for _ in range(ATTEMPTS):
        minutes = chance.randrange(9 * 60, 15 * 60, 5)
        wish = {
            "location_id": at["location"],
            "treatment_id": chance.choice(at["treatments"]),
            "practitioner_id": chance.choice([*at["people"], "any"]),
            "client_id": at["client"],
            "local_start": f"{chance.choice(DAYS)}T{minutes // 60:02}:{minutes % 60:02}",
        }
        room = chance.choice([*at["rooms"], None])
        yield wish if room is None else wish | {"room_id": room}


def book(session: requests.Session, address: str, wish: Document) -> Attempt:
    sent = time.monotonic()
    answer = session.post(f"{address}/v1/appointments", json=wish, timeout=30)
    return Attempt(sent, time.monotonic(), answer.status_code, answer.json())


def span(visit: Document) -> tuple[datetime, datetime]:
    """Return what a visit, or a slot offered, takes."""
    start, end = (datetime.fromisoformat(visit[name]) for name in ("start", "end"))
    return start, end + TURNOVER


def collide(one: Document, other: Document) -> bool:
    (start, end), (begin, finish) = span(one), span(other)
    shared = any(one[name] == other[name] for name in ("practitioner_id", "room_id"))
    return shared and start < finish and begin < end


def overlaps(visits: Sequence[Document], resource: str) -> int:
    rows = sorted(visits, key=lambda visit: (visit[resource], *span(visit)))
    return sum(
        one[resource] == other[resource] and span(other)[0] < span(one)[1]
        for one, other in pairwise(rows)
    )


def test_nobody_gets_what_another_has_and_every_loser_gets_what_can_be_had(
    house: Any, api: Any, contested: Document
) -> None:
    def one_client(number: int) -> list[Attempt]:
        with requests.Session() as session:
            session.headers.update(api.session.headers)
            return [book(session, house.address, wish) for wish in wishes(contested, number)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        attempts = [each for done in pool.map(one_client, range(CLIENTS)) for each in done]

    won = [each for each in attempts if each.status == 201]
    lost = [each for each in attempts if each.status == 409]
    visits = [each.body for each in won]
    assert len(attempts) == len(won) + len(lost) == CLIENTS * ATTEMPTS
    assert won
    assert lost
    assert [overlaps(visits, name) for name in ("practitioner_id", "room_id")] == [0, 0]
    assert api.get("/operations/verify")["overlaps"] == 0
    for loser in lost:
        assert loser.body["code"] == "slot_taken"
        assert len(loser.body["alternatives"]) == 3
        before = [each.body for each in won if each.answered < loser.sent]
        taken = [
            slot for slot in loser.body["alternatives"] if any(collide(slot, v) for v in before)
        ]
        assert not taken
    take_what_was_offered(house, api, lost[-1], visits)


def take_what_was_offered(house: Any, api: Any, loser: Attempt, visits: list[Document]) -> None:
    """Book each alternative of the last loser that nobody has taken since."""
    for slot in loser.body["alternatives"]:
        if not any(collide(slot, visit) for visit in visits):
            wish = {name: slot[name] for name in ("practitioner_id", "room_id", "local_start")} | {
                "location_id": visits[0]["location_id"],
                "treatment_id": treatment_of(slot, visits),
                "client_id": visits[0]["client_id"],
            }
            got = book(api.session, house.address, wish)
            assert got.status == 201, got.body
            visits.append(got.body)


def treatment_of(slot: Document, visits: Sequence[Document]) -> str:
    """Return the treatment that takes as long as the slot."""
    minutes = span(slot)[1] - span(slot)[0]
    return next(str(v["treatment_id"]) for v in visits if span(v)[1] - span(v)[0] == minutes)
