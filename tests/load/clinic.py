"""The clinics that are booked in, made through the public API: ten, a large and a searched one."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

from clinic_deploy.demo.api import Api
from tests.load import visits
from tests.load.slots import Pair, Plan, times

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OPENS, CLOSES = "08:00", "20:30"
TIMES = times(OPENS, visits.MINUTES + visits.TURNOVER, 10)
LOCATIONS, PAIRS_EACH, CLIENTS = 10, 5, 20
LARGE_PAIRS = 30
"""Thirty practitioners with ten visits each: the day of 300."""
SEARCHED_ROOMS, SEARCHED_PEOPLE, WEEK = 10, 20, 7
FIRST_DAY_AHEAD, DAYS = 40, 900
"""Far enough ahead that no reminder falls due, and within the three years that can be booked."""


@dataclass(frozen=True, slots=True)
class Clinics:
    """``visits``: the supply of free times; ``day``: 300 of them, on one day of one location.

    ``week``: what half fills the rooms of a location of 20 practitioners and 10 rooms.
    """

    visits: Plan
    day: Plan
    week: tuple[Plan, Plan]

    @property
    def day_path(self) -> str:
        """What a schedule screen asks: one request, the whole day, by practitioner."""
        where = self.day.pairs[0].location_id
        return f"/v1/day-sheet?location_id={where}&date={self.day.first_day}"

    @property
    def worklist_path(self) -> str:
        """Which visits of that day cannot take place: each of the 300 is looked at."""
        where, day = self.day.pairs[0].location_id, self.day.first_day
        return f"/v1/worklists/reschedule?location_id={where}&from={day}&to={day}"

    def search_paths(self, *, alike: bool) -> list[str]:
        """Return searches of that week for anybody; not ``alike``, no two ask for the same."""
        plan = self.week[0]
        first, last = plan.first_day, plan.first_day + timedelta(days=WEEK - 1)
        where = f"/v1/availability?location_id={plan.pairs[0].location_id}"
        what = f"{where}&treatment_id={plan.treatment_id}"
        if alike:
            return [f"{what}&from={first}&to={last}"]
        return [
            f"{what}&from={first}T00:{early:02}&to={last}T23:{late:02}"
            for late, early in product(range(60), range(60))
        ]


def make(api: Api) -> Clinics:
    """Make locations, practitioners, a treatment and clients."""
    treatment = api.post(
        "/treatments",
        {
            "name": "Massage therapy",
            "duration": visits.MINUTES,
            "turnover": visits.TURNOVER,
            "price": visits.PRICE,
        },
    )["id"]
    clients = tuple(
        str(api.post("/clients", {"name": f"Client {number}"})["id"]) for number in range(CLIENTS)
    )
    first = date.today() + timedelta(days=FIRST_DAY_AHEAD)  # noqa: DTZ011 (any day ahead will do)
    small = [
        pair
        for number in range(LOCATIONS)
        for pair in _location(api, f"Clinic {number}", PAIRS_EACH, treatment)
    ]
    large = _location(api, "Large clinic", LARGE_PAIRS, treatment)
    searched = _location(api, "Searched clinic", SEARCHED_ROOMS, treatment)
    where = searched[0].location_id
    more = tuple(
        Pair(where, _practitioner(api, where, SEARCHED_ROOMS + number, treatment), pair.room_id)
        for number, pair in enumerate(searched[: SEARCHED_PEOPLE - SEARCHED_ROOMS])
    )
    return Clinics(
        visits=Plan(tuple(small), first, DAYS, TIMES, treatment, clients),
        day=Plan(large, first, 1, TIMES, treatment, clients),
        week=(
            Plan(searched, first, WEEK, TIMES[0::4], treatment, clients),
            Plan(more, first, WEEK, TIMES[2::4], treatment, clients),
        ),
    )


def _location(api: Api, name: str, pairs: int, treatment: str) -> tuple[Pair, ...]:
    body = {
        "name": name,
        "timezone": visits.TIMEZONE,
        "address": "1 Example Street",
        "hours": {day: [[OPENS, CLOSES]] for day in WEEKDAYS},
        "rooms": [{"name": f"Room {number}"} for number in range(pairs)],
        "tax_region": "CA-BC",
    }
    location = api.post("/locations", body)
    return tuple(
        Pair(location["id"], _practitioner(api, location["id"], number, treatment), room["id"])
        for number, room in enumerate(location["rooms"])
    )


def _practitioner(api: Api, location: str, number: int, treatment: str) -> str:
    shifts: list[dict[str, Any]] = [
        {"location_id": location, "weekday": day, "start": OPENS, "end": CLOSES} for day in WEEKDAYS
    ]
    body = {
        "name": f"Therapist {number}",
        "location_ids": [location],
        "treatment_ids": [treatment],
        "registration": {"college": "CCHPBC", "number": f"RMT-{number}"},
        "shifts": shifts,
    }
    return str(api.post("/practitioners", body)["id"])
