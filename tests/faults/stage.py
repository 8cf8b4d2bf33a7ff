"""The clinic that the load books in, made through the public API."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from clinic_deploy.demo.api import Api

LOCATIONS = 3
PRACTITIONERS_EACH = 12
CLIENTS = 40
DAYS_AHEAD = 7
"""No reminder comes due while the faults last."""
DAYS = 40
FIRST, LAST = 9, 20
MINUTES = 30
AT_ONCE = 4
COVERAGE = {"carrier": "Pacific Example Life", "member_id": "1", "percent": 80}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Stage:
    """Ids, and the wall times at which each practitioner can be booked."""

    treatment: str
    practitioners: tuple[tuple[str, str], ...]
    """Location and practitioner."""
    clients: tuple[str, ...]
    times: tuple[str, ...]


def build(api: Callable[[], Api]) -> Stage:
    """Make locations, a treatment, practitioners and clients; every time is bookable once.

    ``api`` returns a connection of its own for each thread.
    """
    desk = api()
    locations = [str(desk.post("/locations", _location(n))["id"]) for n in range(LOCATIONS)]
    treatment = str(desk.post("/treatments", _treatment())["id"])
    people = [
        _practitioner(location, treatment, number)
        for location in locations
        for number in range(PRACTITIONERS_EACH)
    ]
    made = _all("/practitioners", people, api)
    clients = _all("/clients", [_client(number) for number in range(CLIENTS)], api)
    for id_ in clients[::2]:
        desk.post(f"/clients/{id_}/coverages", COVERAGE)
    practitioners = [
        (str(body["location_ids"][0]), id_) for body, id_ in zip(people, made, strict=True)
    ]
    return Stage(treatment, tuple(practitioners), tuple(clients), _times())


def _all(path: str, bodies: list[dict[str, Any]], api: Callable[[], Api]) -> list[str]:
    def some(start: int) -> list[str]:
        desk = api()
        return [str(desk.post(path, body)["id"]) for body in bodies[start::AT_ONCE]]

    made = [""] * len(bodies)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for start, ids in enumerate(threads.map(some, range(AT_ONCE))):
            made[start::AT_ONCE] = ids
    return made


def _times() -> tuple[str, ...]:
    first = date.today() + timedelta(days=DAYS_AHEAD)  # noqa: DTZ011 (any day ahead will do)
    starts = range(FIRST * 60, LAST * 60, MINUTES)
    return tuple(
        datetime.combine(first + timedelta(days=day), time(*divmod(minute, 60))).strftime(
            "%Y-%m-%dT%H:%M"
        )
        for day in range(DAYS)
        for minute in starts
    )


def _location(number: int) -> dict[str, Any]:
    return {
        "name": f"Clinic {number}",
        "timezone": "America/Vancouver",
        "address": f"{number} Example Street",
        "hours": {day: [["08:00", "21:00"]] for day in WEEKDAYS},
        "rooms": [{"name": f"Room {room}"} for room in range(PRACTITIONERS_EACH)],
        "tax_region": "CA-BC",
    }


def _treatment() -> dict[str, Any]:
    price = {"amount_minor": 7500, "currency": "CAD"}
    return {"name": "Focused massage therapy", "duration": MINUTES, "price": price}


def _practitioner(location: str, treatment: str, number: int) -> dict[str, Any]:
    return {
        "name": f"Therapist {number}",
        "location_ids": [location],
        "treatment_ids": [treatment],
        "registration": {"college": "CCHPBC", "number": f"RMT-{number}"},
        "gst_registered": number % 2 == 0,
        "gst_number": f"{number:09d}RT0001" if number % 2 == 0 else None,
        "shifts": [
            {"location_id": location, "weekday": day, "start": "08:00", "end": "21:00"}
            for day in WEEKDAYS
        ],
    }


def _client(number: int) -> dict[str, Any]:
    return {"name": f"Client Number {number}", "emails": [f"client{number}@example.org"]}
