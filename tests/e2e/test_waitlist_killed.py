"""A freed time goes to one of those who wait for it, in the declared order, whoever is killed.

``WAITING`` (200 for the full line) says how many wait.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from clinic_contracts.booking.offer_token import offer_token
from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually

WAITING = int(os.environ.get("WAITING", "9"))
URGENCIES = ("routine", "soon", "urgent")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Document = dict[str, Any]


@pytest.fixture
def places(api: Api, clinic: Document) -> list[Document]:
    """Return three locations that never close, each with a therapist of its own."""
    found = []
    for name in ("North", "Middle", "South"):
        location = api.post(
            "/locations",
            {
                "name": f"Waiting {name}",
                "timezone": "UTC",
                "hours": {day: [["00:00", "24:00"]] for day in WEEK},
                "rooms": [{"name": "One"}],
            },
        )
        shifts = [
            {"location_id": location["id"], "weekday": day, "start": "00:00", "end": "24:00"}
            for day in WEEK
        ]
        therapist = api.post(
            "/practitioners",
            {
                "name": f"Therapist {name}",
                "location_ids": [location["id"]],
                "treatment_ids": [clinic["treatment_id"]],
                "registration": {"college": "CCHPBC", "number": name},
                "shifts": shifts,
            },
        )
        found.append({"location_id": location["id"], "practitioner_id": therapist["id"]})
    return found


def wait_for(api: Api, treatment: str, places: list[Document], day: str) -> list[Document]:
    """Have them wait, for the first location's times and others'; return them in turn."""
    entries = []
    for number in range(WAITING):
        client = api.post("/clients", {"name": f"Waits {number}"})
        here = [place["location_id"] for place in places]
        entries.append(
            api.post(
                "/waitlist",
                {
                    "client_id": client["id"],
                    "treatment_id": treatment,
                    "location_ids": here if number % 2 else [here[number % 3], here[0]],
                    "windows": [{"from": day, "to": day}],
                    "urgency": URGENCIES[number % 3],
                },
            )
        )
    return sorted(entries, key=lambda entry: -URGENCIES.index(entry["urgency"]))


def test_killed_in_the_middle_one_has_it_and_the_first_were_asked_first(
    api: Api, house: Any, clinic: Document, places: list[Document]
) -> None:
    start = datetime.now(UTC).replace(minute=0) + timedelta(hours=3)
    wanted = {**places[0], "treatment_id": clinic["treatment_id"]}
    wanted["local_start"] = f"{start:%Y-%m-%dT%H:00}"
    visit = api.post("/appointments", {**wanted, "client_id": clinic["client_id"]})
    in_turn = wait_for(api, clinic["treatment_id"], places, wanted["local_start"][:10])

    api.post(f"/appointments/{visit['id']}/cancel")
    house.kill("booking")  # perhaps before the event left it, perhaps within the round
    house.start("booking")
    first = [entry["id"] for entry in in_turn[:3]]
    eventually(lambda: waiting(api, first, "offered"), timeout=30)

    offers = [api.get(f"/waitlist/{id_}")["offers"][-1]["offer_id"] for id_ in first]
    secret = house.environment["CLINIC_OFFER_SECRET"]
    with ThreadPoolExecutor(3) as pool:
        answers = pool.map(accepting(house.address), [offer_token(secret, id_) for id_ in offers])
        house.kill("booking")
        house.start("booking")
        statuses = list(answers)

    assert sorted(statuses) == [201, 409, 409]
    winner = in_turn[statuses.index(201)]
    there = api.get("/appointments", location_id=wanted["location_id"], status="booked")["items"]
    assert [each["client_id"] for each in there] == [winner["client_id"]]
    after = [api.get(f"/waitlist/{entry['id']}")["status"] for entry in in_turn]
    assert after.count("booked") == 1
    assert after.count("waiting") == WAITING - 1
    assert api.get("/operations/verify")["overlaps"] == 0
    api.post(f"/appointments/{there[0]['id']}/cancel")


def waiting(api: Api, ids: list[str], status: str) -> bool:
    return all(api.get(f"/waitlist/{id_}")["status"] == status for id_ in ids)


def accepting(address: str) -> Callable[[str], int]:
    """Return what accepts by a link, as often as it takes to be told yes or no."""

    def accept(token: str) -> int:
        def told() -> int | None:
            answer = requests.post(f"{address}/v1/offers/{token}/accept", timeout=15)
            return answer.status_code if answer.status_code in {201, 409} else None

        found: int = eventually(told, timeout=40)
        return found

    return accept
