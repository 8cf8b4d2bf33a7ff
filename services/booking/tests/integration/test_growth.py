"""With 20,000 visits at 50 locations, a question reads about what it answers, by an index."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking.entrypoints import base
from booking.testing import NOW, TEN, Clinic, context, service_on
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import worklists as w
from clinic_contracts.context import CallContext
from clinic_contracts.schemas import load
from clinic_contracts.trusted import Written
from clinic_runtime.watching import Watch

Document = dict[str, Any]
VISITS, LOCATIONS = 20_000, 50
SLACK = 40
"""What may be read besides: holds and cancelled visits, and those that began before a period."""


def grow(clinic: Clinic) -> None:
    """Copy one visit: to each location one every two hours, from four weeks back to four ahead."""
    stored = clinic.database["appointments"].find_one({"_id": clinic.book().id})
    assert stored is not None
    stored.pop("claims")
    places = [f"loc_{number}" for number in range(LOCATIONS - 1)] + [clinic.location.id]
    people = [*(person.id for person in clinic.therapists), *(f"prac_{n}" for n in range(98))]

    def copies() -> Iterator[Document]:
        for number in range(VISITS):
            at = number % LOCATIONS
            later = timedelta(hours=2 * (number // LOCATIONS) - 8 * 24 * 4)
            yield {
                **stored,
                "_id": f"apt_{number:05}",
                "location_id": places[at],
                "practitioner_id": people[(2 * at + number // LOCATIONS % 2) % 100 - 98],
                "room_id": stored["room_id"] if at == LOCATIONS - 1 else f"room_{at}",
                "client_id": f"cli_{number % 4_000}",
                "status": "booked" if number % 3 else "fulfilled",
                "start": stored["start"] + later,
                "end": stored["end"] + later,
                "local_start": (TEN + later).isoformat(timespec="minutes"),
                "overlaps": ["apt_1"] if number // LOCATIONS % 20 == 0 else [],
                "outbox": [],
            }

    clinic.database["appointments"].insert_many(copies(), ordered=False)


def test_what_is_read_is_about_what_is_answered(
    database: Database[Document],
    watched: Database[Document],
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clinic, service = Clinic(database), service_on(watched)
    grow(clinic)
    monkeypatch.setattr(base, "now", lambda: NOW)
    here, robin = clinic.location.id, clinic.therapists[0].id
    place = {"location_id": here}
    treatment = {**place, "treatment_id": clinic.treatment.id}
    week = {"from": "2026-12-01", "to": "2026-12-07"}
    moves = {"from_practitioner_id": robin, "to_practitioner_id": "any", "dry_run": True}

    def search(request: r.FindAvailability, caller: CallContext) -> r.Availability:
        return r.Availability(slots=tuple(service.find_availability(request, caller)["slots"]))

    asked: list[tuple[Callable[..., Any], str, Any]] = [
        (search, "slots", load(r.FindAvailability, {**treatment, **week})),
        (
            service.list_appointments,
            "items",
            load(r.ListAppointments, {**place, "date": "2026-12-01"}),
        ),
        (service.list_appointments, "items", r.ListAppointments(client_id="cli_7")),
        (service.get_day_sheet, "columns", r.GetDaySheet(location_id=here, date=TEN.date())),
        (service.list_to_reschedule, "items", w.ListToReschedule(location_id=here, limit=10)),
        (service.list_double_booked, "items", w.ListWorklist(location_id=here, limit=10)),
        (service.list_unconfirmed_outcomes, "items", w.ListWorklist(location_id=here, limit=10)),
        (service.bulk_move, "not_moved", load(w.BulkMove, {**place, **week, **moves})),
    ]
    for answer, found, request in asked:
        watch.commands.clear()
        answered = answer(request, context())
        assert answered[found] if isinstance(answered, Written) else getattr(answered, found)
        for figures in watch.explained(database):
            read, returned = figures["totalDocsExamined"], figures["nReturned"]
            assert read <= 2 * returned + SLACK, (answer.__name__, read, returned)
