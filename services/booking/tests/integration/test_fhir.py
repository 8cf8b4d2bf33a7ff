"""Booking's records as FHIR resources: read by a library of others, and by whom they may be."""

from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from booking.domain.appointment import Appointment
from booking.testing import TEN, Clinic, context, fulfil
from booking.use_cases import fhir
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.fhir import GetResource, ResourceType, SearchSchedules, SearchSlots
from clinic_contracts.errors import Invalid, NotFound
from clinic_contracts.fhir import resource_id
from clinic_runtime import wire

DAY = TEN.date().isoformat()
ELSEWHERE: dict[str, Any] = {"location_scope": ("loc_9",)}


def valid(resource: Any) -> Any:
    """Return a resource as its JSON is read, once R4B's model has taken it."""
    raw = wire.encode(resource)
    get_fhir_model_class(resource["resourceType"]).model_validate_json(raw)
    return wire.decode(raw)


def got(clinic: Clinic, kind: ResourceType, id_: str, **caller: Any) -> Any:
    asked = GetResource(resource_type=kind, resource_id=resource_id(id_))
    return valid(fhir.get_resource(asked, clinic.desk(context(**caller))))


def schedule_id(clinic: Clinic, number: int = 0) -> str:
    return f"{clinic.location.id}.{clinic.therapists[number].id}".replace("_", "-")


def slots(clinic: Clinic, caller: dict[str, Any] | None = None, **more: Any) -> fhir.Found:
    asked = SearchSlots(schedule_id=schedule_id(clinic), from_=DAY, to=DAY, limit=200)
    return fhir.search_slots(replace(asked, **more), clinic.desk(context(**(caller or {}))))


def actors(told: Any) -> list[tuple[str, str]]:
    return [(each["actor"]["reference"], each["status"]) for each in told["participant"]]


def test_a_visit_names_who_comes_who_treats_and_where(clinic: Clinic) -> None:
    booked = clinic.book()
    told = got(clinic, "Appointment", booked.id)
    assert told["id"] == resource_id(booked.id)
    assert told["meta"] == {"versionId": "1"}
    assert told["status"] == "booked"
    seen = booked.view()
    assert (told["start"], told["end"]) == (seen.start.isoformat(), seen.end.isoformat())
    assert actors(told) == [
        ("Patient/cli-1", "accepted"),
        (f"Practitioner/{resource_id(booked.practitioner_id)}", "accepted"),
        (f"Location/{resource_id(clinic.location.id)}", "accepted"),
    ]
    (service,) = told["serviceType"]
    assert service["text"] == "Massage"
    assert service["coding"] == [{"system": "urn:clinicops:treatment", "code": clinic.treatment.id}]


def test_a_hold_is_pending_and_nobodys_yet(clinic: Clinic) -> None:
    held = clinic.hold()
    told = got(clinic, "Appointment", held.id.replace("hold_", "apt_"))
    assert told["status"] == "pending"
    assert {status for _, status in actors(told)} == {"tentative"}
    assert not [who for who, _ in actors(told) if who.startswith("Patient")]


def test_every_status_is_fhirs_own_word(clinic: Clinic) -> None:
    arrived = clinic.change(clinic.book(), Appointment.arrive)
    assert got(clinic, "Appointment", arrived.id)["status"] == "arrived"
    clinic.change(arrived, fulfil)
    assert got(clinic, "Appointment", arrived.id)["status"] == "fulfilled"
    missed = clinic.book(client_id="cli_2")
    clinic.change(missed, lambda visit: visit.mark_no_show("ill", waive_fee=True))
    told = got(clinic, "Appointment", missed.id)
    assert (told["status"], told["cancelationReason"]) == ("noshow", {"text": "ill"})
    off = clinic.cancel(clinic.book(client_id="cli_3"))
    assert got(clinic, "Appointment", off.id)["status"] == "cancelled"


def test_visits_are_found_by_day_and_by_page(clinic: Clinic) -> None:
    first, second = (clinic.book(client_id=f"cli_{number}") for number in (1, 2))
    asked = r.ListAppointments(location_id=clinic.location.id, from_=DAY, to=DAY, limit=1)
    page = fhir.search_appointments(asked, clinic.desk())
    rest = fhir.search_appointments(replace(asked, cursor=page.next), clinic.desk())
    found = [valid(each)["id"] for each in (*page.resources, *rest.resources)]
    assert sorted(found) == sorted(map(resource_id, (first.id, second.id)))
    assert rest.next is None


def test_a_place_a_person_and_their_schedule(clinic: Clinic) -> None:
    robin = clinic.therapists[0]
    place = got(clinic, "Location", clinic.location.id)
    assert (place["name"], place["status"]) == ("Fernwood", "active")
    person = got(clinic, "Practitioner", robin.id)
    assert person["name"] == [{"text": "Robin"}]
    assert person["qualification"][0]["issuer"] == {"display": "CCHPBC"}
    told = got(clinic, "Schedule", f"{clinic.location.id}.{robin.id}")
    assert len(told["id"]) <= 64
    references = [each["reference"] for each in told["actor"]]
    assert references == [f"Practitioner/{person['id']}", f"Location/{place['id']}"]
    assert [each["text"] for each in told["serviceType"]] == ["Massage"]


def test_a_practitioners_schedules_are_those_of_ones_own_locations(clinic: Clinic) -> None:
    there = clinic.new_location("Cook Street")
    kim = clinic.new_therapist("Kim", [clinic.location.id, there.id])

    def ids(**caller: Any) -> list[str]:
        desk = clinic.desk(context(**caller))
        found = fhir.search_schedules(SearchSchedules(practitioner_id=kim.id), desk)
        return [valid(each)["id"] for each in found.resources]

    both = [f"{place}.{kim.id}".replace("_", "-") for place in (clinic.location.id, there.id)]
    assert ids() == both
    assert ids(location_scope=(there.id,)) == both[1:]
    assert ids(**ELSEWHERE) == []


def test_slots_are_what_availability_has(clinic: Clinic) -> None:
    robin = clinic.therapists[0].id
    clinic.book(practitioner_id=robin)
    found = slots(clinic)
    told = [valid(each) for each in found.resources]
    free = [each.start.isoformat() for each in clinic.search(practitioner_id=robin)]
    assert [each["start"] for each in told] == free
    assert {each["status"] for each in told} == {"free"}
    assert {each["schedule"]["reference"] for each in told} == {f"Schedule/{schedule_id(clinic)}"}
    assert len({each["id"] for each in told}) == len(told)
    assert found.next is None


def test_slots_come_by_page(clinic: Clinic) -> None:
    whole = slots(clinic).resources
    found: list[Any] = []
    cursor, pages = None, 0
    while cursor is not None or pages == 0:
        page = slots(clinic, limit=40, cursor=cursor)
        found, cursor, pages = [*found, *page.resources], page.next, pages + 1
    assert found == whole
    assert pages == -(-len(whole) // 40)
    with pytest.raises(Invalid) as refused:
        slots(clinic, cursor="tomorrow")
    assert list(refused.value.extra["errors"]) == ["cursor"]


def test_who_gives_several_treatments_is_asked_for_one(clinic: Clinic) -> None:
    longer = clinic.new_treatment(name="Long massage", duration=90)
    robin = clinic.therapists[0]
    clinic.change_therapist(robin, treatment_ids=[clinic.treatment.id, longer.id])
    with pytest.raises(Invalid) as refused:
        slots(clinic)
    assert list(refused.value.extra["errors"]) == ["treatment_id"]
    (first, *_) = slots(clinic, treatment_id=longer.id).resources
    assert valid(first)["serviceType"][0]["text"] == "Long massage"


def test_what_is_elsewhere_is_not_there(clinic: Clinic) -> None:
    booked, robin = clinic.book(), clinic.therapists[0]
    known: list[tuple[ResourceType, str]] = [
        ("Appointment", booked.id),
        ("Location", clinic.location.id),
        ("Practitioner", robin.id),
        ("Schedule", f"{clinic.location.id}.{robin.id}"),
    ]
    for kind, id_ in known:
        with pytest.raises(NotFound):
            got(clinic, kind, id_, **ELSEWHERE)
        with pytest.raises(NotFound):
            got(clinic, kind, f"{id_}9")
    with pytest.raises(NotFound):
        slots(clinic, ELSEWHERE)
    asked = r.ListAppointments(client_id="cli_1")
    assert fhir.search_appointments(asked, clinic.desk(context(**ELSEWHERE))).resources == []


def test_a_schedule_is_where_the_person_works(clinic: Clinic) -> None:
    there = clinic.new_location("Cook Street")
    with pytest.raises(NotFound):
        got(clinic, "Schedule", f"{there.id}.{clinic.therapists[0].id}")
