"""Three clinics in British Columbia, their therapists, treatments and clients; all invented."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clinic_deploy.demo.api import Api

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLINICS = (
    ("Fernwood Massage Therapy", "100 Example Street, Victoria BC"),
    ("Kitsilano Bodywork", "200 Example Avenue, Vancouver BC"),
    ("Kelowna Lakeside Health", "300 Example Road, Kelowna BC"),
)
THERAPISTS = (
    ("Robin Ames", "Sam Okafor", "Lee Tanaka"),
    ("Noor Haddad", "Alex Moreau", "Kim Larsen"),
    ("Jo Petrov", "Dana Singh", "Chris Wong"),
)
TREATMENTS = (
    ("Focused massage therapy", 30, 7500),
    ("Short massage therapy", 45, 9500),
    ("Massage therapy", 60, 11500),
    ("Extended massage therapy", 90, 16500),
)
GIVEN = ("Ada", "Ben", "Chloe", "Dev", "Elena", "Farid", "Grace", "Hugo", "Imani", "Jonas")
FAMILY = ("Anders", "Bhatt", "Cole", "Dubois", "Evans", "Fong")
CARRIERS = ("Harbour Mutual", "Coast Benefits", "Coastal Example Health")
SIMULATED = CARRIERS[:2]
"""Whom the simulated payer stands for, in X12 and in FHIR."""
ENDS = ("PAY", "PAY", "DENY", "PAY", "SHORT", "PAY", "PEND", "PAY", "REVERSE", "PAY", "DUPLICATE",
        "REJECT")  # fmt: skip
"""What it does to the claims of one client after another, by the end of their policy's number."""
PERCENTS = (80, 80, 50)


@dataclass(frozen=True, slots=True)
class Demo:
    """The ids of what was made, per location where it belongs to one."""

    locations: list[str]
    therapists: dict[str, list[str]]
    treatments: list[str]
    clients: list[str]


def make(api: Api, step: Callable[[], None]) -> Demo:
    """Make everything, or find what an interrupted run made; ``step()`` marks each record."""
    numbers = itertools.count()

    def made(path: str, body: dict[str, Any]) -> str:
        record = api.post(path, body, key=f"demo-{next(numbers)}")
        step()
        return str(record["id"])

    locations = [made("/locations", _location(name, address)) for name, address in CLINICS]
    treatments = [made("/treatments", _treatment(*each)) for each in TREATMENTS]
    therapists = {
        location: [
            made("/practitioners", _therapist(name, location, treatments, 10_000 + 10 * at + n))
            for n, name in enumerate(names)
        ]
        for at, (location, names) in enumerate(zip(locations, THERAPISTS, strict=True))
    }
    clients = []
    for number in range(len(GIVEN) * len(FAMILY)):
        clients.append(made("/clients", _client(number)))
        if _covered(number):
            made(f"/clients/{clients[-1]}/coverages", _coverage(number))
    return Demo(locations, therapists, treatments, clients)


def size() -> int:
    """Return how many records ``make`` makes."""
    clients = len(GIVEN) * len(FAMILY)
    covered = sum(map(_covered, range(clients)))
    return len(CLINICS) + len(TREATMENTS) + sum(map(len, THERAPISTS)) + clients + covered


def _covered(number: int) -> bool:
    """Say whether a client has a policy: two of three do."""
    return number % 3 != 2  # noqa: PLR2004


def _location(name: str, address: str) -> dict[str, Any]:
    return {
        "name": name,
        "address": address,
        "timezone": "America/Vancouver",
        "hours": {day: [["08:00", "20:00"]] for day in DAYS},
        "rooms": [{"name": f"Room {number}", "kinds": ["massage"]} for number in (1, 2, 3)],
        "equipment": [{"kind": "table", "count": 3}],
        "tax_region": "CA-BC",
    }


def _treatment(name: str, minutes: int, price: int) -> dict[str, Any]:
    return {
        "name": name,
        "duration": minutes,
        "turnover": 15,
        "room_kind": "massage",
        "price": {"amount_minor": price, "currency": "CAD"},
        "online": True,
    }


def _therapist(name: str, location: str, treatments: list[str], number: int) -> dict[str, Any]:
    return {
        "name": name,
        "location_ids": [location],
        "treatment_ids": treatments,
        "registration": {"college": "CCHPBC", "number": f"RMT-{number}"},
        "gst_registered": number % 2 == 0,
        "gst_number": f"{number:09d}RT0001" if number % 2 == 0 else None,
        "shifts": [
            {"location_id": location, "weekday": day, "start": "09:00", "end": "18:00"}
            for day in DAYS
        ],
    }


def _client(number: int) -> dict[str, Any]:
    given, family = GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN)]
    return {
        "name": f"{given} {family}",
        "birth_date": f"{1950 + number}-0{1 + number % 9}-15" if number < 50 else None,  # noqa: PLR2004
        "emails": [f"{given}.{family}@example.org".lower()],
        "phones": [f"604-555-01{number:02d}"],
    }


def _coverage(number: int) -> dict[str, Any]:
    return {
        "carrier": CARRIERS[number % len(CARRIERS)],
        "group_number": f"G-{4000 + number}",
        "member_id": f"{880_000 + number}-{ENDS[number // len(CARRIERS) % len(ENDS)]}",
        "percent": PERCENTS[number % len(CARRIERS)],
        "per_visit_cap": {"amount_minor": 12000, "currency": "CAD"},
        "annual_maximum": {"amount_minor": 60000, "currency": "CAD"},
    }
