"""What can be asked of booking in FHIR: the same questions as elsewhere, answered as resources."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking import resources
from booking.domain.invalid import invalid
from booking.ports import Desk
from booking.resources import Json
from booking.use_cases import appointments, lists, settings
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.fhir import GetResource, ResourceType, SearchSchedules, SearchSlots
from clinic_contracts.errors import NotFound
from clinic_contracts.fhir import record_id


@dataclass(frozen=True, slots=True)
class Found:
    """A page of resources, and the cursor of the next, if there is one."""

    resources: Sequence[Json]
    next: str | None


def get_resource(request: GetResource, desk: Desk) -> Json:
    """Return a record the caller may see as a resource; raises NotFound."""
    return READERS[request.resource_type](request.resource_id, desk)


def search_appointments(request: r.ListAppointments, desk: Desk) -> Found:
    """Return a page of visits by start; raises as a list of them does."""
    page = lists.list_appointments(request, desk)
    names = _names({visit.treatment_id for visit in page.items}, desk)
    return Found([resources.appointment(visit, names) for visit in page.items], page.next)


def search_schedules(request: SearchSchedules, desk: Desk) -> Found:
    """Return all schedules of a practitioner; none of one whom the caller may not see."""
    try:
        person = settings.get(r.PractitionerView, request.practitioner_id, desk)
    except NotFound:
        return Found([], None)
    places = [desk.settings.known(r.LocationView, id_) for id_ in person.location_ids]
    names = _names(person.treatment_ids, desk)
    seen = [place for place in places if place is not None and desk.context.sees(place.id)]
    return Found([resources.schedule(place, person, names) for place in seen], None)


def search_slots(request: SearchSlots, desk: Desk) -> Found:
    """Return a page of a schedule's free times, as availability has them, earliest first.

    Raises NotFound, and Invalid when the treatment is to be said and was not.
    """
    place, person = _schedule_of(request.schedule_id, desk)
    treatment_id = request.treatment_id or _only_treatment(person)
    asked = r.FindAvailability(
        location_id=place.id,
        treatment_id=treatment_id,
        from_=request.from_,
        to=request.to,
        practitioner_id=person.id,
    )
    after = _instant(request.cursor)
    free = [
        each
        for each in appointments.find_availability(asked, desk).slots
        if after is None or each.start > after
    ]
    page = free[: request.limit]
    names = _names({treatment_id}, desk)
    told = [resources.slot(each, request.schedule_id, treatment_id, names) for each in page]
    return Found(told, page[-1].start.isoformat() if len(free) > len(page) else None)


def _appointment(id_: str, desk: Desk) -> Json:
    visit = appointments.get_appointment(record_id(id_), desk).view()
    return resources.appointment(visit, _names({visit.treatment_id}, desk))


def _location(id_: str, desk: Desk) -> Json:
    return resources.location(settings.get(r.LocationView, record_id(id_), desk))


def _practitioner(id_: str, desk: Desk) -> Json:
    return resources.practitioner(settings.get(r.PractitionerView, record_id(id_), desk))


def _schedule(id_: str, desk: Desk) -> Json:
    place, person = _schedule_of(id_, desk)
    return resources.schedule(place, person, _names(person.treatment_ids, desk))


READERS: Mapping[ResourceType, Callable[[str, Desk], Json]] = {
    "Appointment": _appointment,
    "Location": _location,
    "Practitioner": _practitioner,
    "Schedule": _schedule,
}


def _schedule_of(id_: str, desk: Desk) -> tuple[r.LocationView, r.PractitionerView]:
    """Return whose schedule it is and where; raises NotFound where they do not work."""
    location_id, _, practitioner_id = record_id(id_).partition(resources.SEPARATOR)
    place = settings.get(r.LocationView, location_id, desk)
    person = settings.get(r.PractitionerView, practitioner_id, desk)
    if place.id not in person.location_ids:
        raise NotFound(f"there is no schedule {id_}")
    return place, person


def _only_treatment(person: r.PractitionerView) -> str:
    if len(person.treatment_ids) != 1:
        raise invalid("treatment_id", f"{person.name} gives several treatments: say which")
    return person.treatment_ids[0]


def _names(ids: Iterable[str], desk: Desk) -> dict[str, str]:
    return desk.settings.names(r.TreatmentView, ids)


def _instant(cursor: str | None) -> datetime | None:
    if cursor is None:
        return None
    try:
        found = datetime.fromisoformat(cursor)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise invalid("cursor", "the cursor is not one that this list gave")
    return found
