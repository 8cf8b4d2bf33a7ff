"""Booking's records as FHIR R4 resources, each as plain JSON.

FHIR R4: Appointment, Location, Practitioner, Schedule, Slot. A visit's status is FHIR's word
already (AppointmentStatus), so it stands there as it is.
"""

from collections.abc import Mapping
from datetime import UTC

from clinic_contracts.booking.requests import (
    AppointmentView,
    LocationView,
    PractitionerView,
    Slot,
)
from clinic_contracts.fhir import resource_id

Json = dict[str, object]
Names = Mapping[str, str]
TREATMENTS = "urn:clinicops:treatment"
SEPARATOR = "."
"""Between a location and a practitioner in a schedule's id: FHIR's ids may have it, ours not."""


def appointment(visit: AppointmentView, treatments: Names) -> Json:
    """Return a visit; a hold is ``pending``, has no patient yet, and nobody has accepted it."""
    who = [
        ("Patient", visit.client_id),
        ("Practitioner", visit.practitioner_id),
        ("Location", visit.location_id),
    ]
    agreed = "tentative" if visit.status == "pending" else "accepted"
    reason = {"cancelationReason": {"text": visit.reason}} if visit.reason else {}
    return {
        **_resource("Appointment", visit.id, visit.version),
        "status": visit.status,
        **reason,
        "serviceType": [_treatment(visit.treatment_id, treatments)],
        "start": visit.start.isoformat(),
        "end": visit.end.isoformat(),
        "participant": [
            {"actor": _reference(kind, id_), "status": agreed} for kind, id_ in who if id_
        ],
    }


def location(place: LocationView) -> Json:
    """Return a location of the chain."""
    address = {"address": {"text": place.address}} if place.address else {}
    return {
        **_resource("Location", place.id, place.version),
        "status": "active",
        "name": place.name,
        "mode": "instance",
        **address,
    }


def practitioner(person: PractitionerView) -> Json:
    """Return who treats, with the registration that allows it."""
    licence = person.registration
    end = {"period": {"end": licence.valid_to.isoformat()}} if licence.valid_to else {}
    qualification = {
        "identifier": [{"value": licence.number}],
        "code": {"text": "Registration"},
        **end,
        "issuer": {"display": licence.college},
    }
    return {
        **_resource("Practitioner", person.id, person.version),
        "name": [{"text": person.name}],
        "qualification": [qualification],
    }


def schedule(place: LocationView, person: PractitionerView, treatments: Names) -> Json:
    """Return a practitioner's schedule at a location, and what can be booked in it."""
    return {
        "resourceType": "Schedule",
        "id": schedule_id(place.id, person.id),
        "active": True,
        "serviceType": [_treatment(id_, treatments) for id_ in person.treatment_ids],
        "actor": [
            {**_reference("Practitioner", person.id), "display": person.name},
            {**_reference("Location", place.id), "display": place.name},
        ],
    }


def slot(free: Slot, schedule_id: str, treatment_id: str, treatments: Names) -> Json:
    """Return a free time; its id says whose and when it is, and it cannot be read by it."""
    start = free.start.astimezone(UTC)
    return {
        "resourceType": "Slot",
        "id": f"{resource_id(free.practitioner_id)}{SEPARATOR}{start:%Y%m%dT%H%MZ}",
        "serviceType": [_treatment(treatment_id, treatments)],
        "schedule": {"reference": f"Schedule/{schedule_id}"},
        "status": "free",
        "start": free.start.isoformat(),
        "end": free.end.isoformat(),
    }


def schedule_id(location_id: str, practitioner_id: str) -> str:
    """Return a schedule's id, at most 64 characters as FHIR wants."""
    return f"{resource_id(location_id)}{SEPARATOR}{resource_id(practitioner_id)}"


def _resource(kind: str, id_: str, version: int) -> Json:
    meta = {"versionId": str(version)}
    return {"resourceType": kind, "id": resource_id(id_), "meta": meta}


def _treatment(id_: str, names: Names) -> Json:
    coding = [{"system": TREATMENTS, "code": id_}]
    return {"coding": coding, **({"text": names[id_]} if id_ in names else {})}


def _reference(kind: str, id_: str) -> Json:
    return {"reference": f"{kind}/{resource_id(id_)}"}
