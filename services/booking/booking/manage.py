"""Opening and changing locations, practitioners and treatments."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from booking.domain import settings as rules
from booking.ports import Desk
from clinic_contracts.booking import requests as r
from clinic_contracts.constraints import Unset
from clinic_contracts.errors import NotFound, StaleVersion
from clinic_contracts.schemas import dump

S = TypeVar("S", r.LocationView, r.PractitionerView, r.TreatmentView)
NewId = Callable[[str, str], str]
"""Return the id of a part, given its prefix and what tells it from its siblings."""


def create_location(request: r.CreateLocation, new_id: NewId, desk: Desk) -> r.LocationView:
    """Open a location."""
    view = r.LocationView(
        id=new_id("loc", ""),
        version=1,
        name=request.name,
        timezone=request.timezone,
        address=request.address,
        hours=request.hours,
        rooms=_rooms(request.rooms, new_id),
        equipment=request.equipment,
        tax_region=request.tax_region,
    )
    return _add(desk, view, rules.check_location(view))


def change_location(request: r.ChangeLocation, new_id: NewId, desk: Desk) -> r.LocationView:
    """Change a location; a room named by its id stays the same room."""
    current = get(r.LocationView, request.location_id, desk)
    changed = rules.changed(current, request)
    if not isinstance(request.rooms, Unset):
        changed = replace(changed, rooms=_rooms(request.rooms, new_id))
    return _save(desk, current, changed, request.expected_version, rules.check_location)


def create_practitioner(
    request: r.CreatePractitioner, new_id: NewId, desk: Desk
) -> r.PractitionerView:
    """Take on a practitioner."""
    view = r.PractitionerView(
        id=new_id("prac", ""),
        version=1,
        name=request.name,
        location_ids=request.location_ids,
        treatment_ids=request.treatment_ids,
        registration=request.registration,
        gst_registered=request.gst_registered,
        gst_number=request.gst_number,
        shifts=request.shifts,
    )
    return _add(desk, view, _check_practitioner(desk)(view))


def change_practitioner(request: r.ChangePractitioner, desk: Desk) -> r.PractitionerView:
    """Change a practitioner."""
    current = get(r.PractitionerView, request.practitioner_id, desk)
    changed = rules.changed(current, request)
    return _save(desk, current, changed, request.expected_version, _check_practitioner(desk))


def create_treatment(request: r.CreateTreatment, new_id: NewId, desk: Desk) -> r.TreatmentView:
    """Offer a treatment."""
    view = r.TreatmentView(
        id=new_id("trt", ""),
        version=1,
        name=request.name,
        duration=request.duration,
        turnover=request.turnover,
        discipline=request.discipline,
        room_kind=request.room_kind,
        equipment_kind=request.equipment_kind,
        price=request.price,
        online=request.online,
    )
    return _add(desk, view, rules.check_treatment(view))


def change_treatment(request: r.ChangeTreatment, desk: Desk) -> r.TreatmentView:
    """Change a treatment; visits already booked keep their terms."""
    current = get(r.TreatmentView, request.treatment_id, desk)
    changed = rules.changed(current, request)
    return _save(desk, current, changed, request.expected_version, rules.check_treatment)


def get(kind: type[S], id_: str, desk: Desk) -> S:
    """Return one the caller may see; raises NotFound."""
    found = desk.settings.get(kind, id_)
    if found is None or (kind is r.LocationView and not desk.context.sees(id_)):
        raise NotFound(f"there is no {id_}")
    return found


def _add(desk: Desk, view: S, event: Any) -> S:  # noqa: ANN401
    return desk.settings.add(view, event, desk.context)  # type: ignore[return-value]


def _save(desk: Desk, current: S, changed: S, expected: int | None, check: Callable[[S], Any]) -> S:
    if desk.settings.done(type(current), current.id, desk.context.operation_id):
        return current
    if expected is not None and expected != current.version:
        raise StaleVersion(f"{current.id} changed meanwhile", current=dump(current))
    if not desk.settings.save(changed, check(changed), desk.context):
        latest = desk.settings.get(type(current), current.id)
        raise StaleVersion(f"{current.id} changed meanwhile", current=dump(latest))
    return replace(changed, version=changed.version + 1)


def _check_practitioner(desk: Desk) -> Callable[[r.PractitionerView], Any]:
    def check(view: r.PractitionerView) -> Any:  # noqa: ANN401
        locations = desk.settings.known(r.LocationView, view.location_ids)
        treatments = desk.settings.known(r.TreatmentView, view.treatment_ids)
        return rules.check_practitioner(view, locations, treatments)

    return check


def _rooms(specs: tuple[r.RoomSpec, ...], new_id: NewId) -> tuple[r.Room, ...]:
    return tuple(
        r.Room(id=spec.id or new_id("room", spec.name), name=spec.name, kinds=spec.kinds)
        for spec in specs
    )
