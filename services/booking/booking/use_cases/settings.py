"""Locations, practitioners and treatments: one function per command or question."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from booking.domain import settings as rules
from booking.domain.invalid import invalid
from booking.ports import Desk, S
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.events import LocationChanged, PractitionerChanged
from clinic_contracts.constraints import Unset
from clinic_contracts.errors import Forbidden, Invalid, NotFound, StaleVersion
from clinic_contracts.trusted import dump


def create_location(request: r.CreateLocation, desk: Desk) -> r.LocationView:
    """Open a location; raises Forbidden for a caller who would not see it."""
    if desk.context.location_scope is not None:
        raise Forbidden("only somebody whose role holds at every location opens another")
    view = r.LocationView(
        id=desk.derived_id("loc", desk.context.operation_id),
        version=1,
        name=request.name,
        timezone=request.timezone,
        address=request.address,
        hours=request.hours,
        rooms=(),
        equipment=request.equipment,
        tax_region=request.tax_region,
        clients_in_one_place=request.clients_in_one_place,
        special_hours=request.special_hours,
        holiday_region=request.holiday_region,
        travel=request.travel,
        online=request.online,
        policy=request.policy,
        require_referral=request.require_referral,
    )
    view = rules.with_rooms(view, (), request.rooms, _room_ids(desk))
    return _add(desk, view, _check_location(view, desk))


def change_location(request: r.ChangeLocation, desk: Desk) -> r.LocationView:
    """Change a location; a room named by its id stays the same room.

    Raises Invalid when a room to be removed has visits to come. A visit booked at that very moment
    can slip past: it keeps its room and its column in the day sheet.
    """
    current, done = _current(r.LocationView, request.location_id, request.expected_version, desk)
    if done:
        return current
    changed = rules.changed(current, request)
    if not isinstance(request.rooms, Unset):
        changed = rules.with_rooms(changed, current.rooms, request.rooms, _room_ids(desk))
        if removed := rules.removed_rooms(current, changed):
            visits = desk.appointments.to_come([room.id for room in removed], desk.now)
            rules.check_removal(removed, visits)
    return _save(desk, changed, _check_location(changed, desk, _destinations(current)))


def create_practitioner(request: r.CreatePractitioner, desk: Desk) -> r.PractitionerView:
    """Take on a practitioner."""
    view = r.PractitionerView(
        id=desk.derived_id("prac", desk.context.operation_id),
        version=1,
        name=request.name,
        location_ids=request.location_ids,
        treatment_ids=request.treatment_ids,
        registration=request.registration,
        gst_registered=request.gst_registered,
        gst_number=request.gst_number,
        msp_opted_out=request.msp_opted_out,
        shifts=request.shifts,
        shift_exceptions=request.shift_exceptions,
    )
    event = _check_practitioner(view, desk)
    if not rules.seen_by(desk.context, view):
        detail = "give at least one of your locations"
        raise Invalid(detail, errors={"location_ids": [detail]})
    return _add(desk, view, event)


def change_practitioner(request: r.ChangePractitioner, desk: Desk) -> r.PractitionerView:
    """Change a practitioner."""
    id_, expected = request.practitioner_id, request.expected_version
    current, done = _current(r.PractitionerView, id_, expected, desk)
    if done:
        return current
    changed = rules.changed(current, request)
    rules.check_elsewhere(current, changed, desk.context)
    return _save(desk, changed, _check_practitioner(changed, desk, current.location_ids))


def create_treatment(request: r.CreateTreatment, desk: Desk) -> r.TreatmentView:
    """Offer a treatment."""
    view = r.TreatmentView(
        id=desk.derived_id("trt", desk.context.operation_id),
        version=1,
        name=request.name,
        duration=request.duration,
        turnover=request.turnover,
        discipline=request.discipline,
        room_kind=request.room_kind,
        equipment_kind=request.equipment_kind,
        price=request.price,
        prices=request.prices,
        online=request.online,
        new_clients=request.new_clients,
        policy=request.policy,
    )
    _check_prices(view, desk)
    return _add(desk, view, rules.check_treatment(view))


def change_treatment(request: r.ChangeTreatment, desk: Desk) -> r.TreatmentView:
    """Change a treatment; visits already booked keep their terms."""
    current, done = _current(r.TreatmentView, request.treatment_id, request.expected_version, desk)
    if done:
        return current
    changed = rules.changed(current, request)
    _check_prices(changed, desk, current)
    return _save(desk, changed, rules.check_treatment(changed))


def get(kind: type[S], id_: str, desk: Desk) -> S:
    """Return one the caller may see; raises NotFound."""
    found = desk.settings.get(kind, id_)
    if found is None or not rules.seen_by(desk.context, found):
        raise NotFound(f"there is no {id_}")
    return found


def check_known(field: str, kind: type[S], ids: Iterable[str], desk: Desk) -> None:
    """Raise Invalid, naming the field, for an id of none that the caller may see."""
    for id_ in ids:
        try:
            get(kind, id_, desk)
        except NotFound as error:
            raise invalid(field, error.detail) from error


def list_of(kind: type[S], request: r.ListAll, desk: Desk) -> tuple[tuple[S, ...], str | None]:
    """Return a page of those the caller may see, by name, and the cursor of the next."""
    scope = desk.context.location_scope
    return desk.settings.page(kind, request.cursor, request.limit, scope)


def _room_ids(desk: Desk) -> Callable[[str], str]:
    return partial(desk.derived_id, "room", desk.context.operation_id)


def _add(desk: Desk, view: S, event: Any) -> S:  # noqa: ANN401
    return desk.settings.add(view, event, desk.context)  # type: ignore[return-value]


def _current(kind: type[S], id_: str, expected: int | None, desk: Desk) -> tuple[S, bool]:
    """Return one as it is, and whether this very operation made it so; raises StaleVersion."""
    found = desk.settings.get_for_change(kind, id_, desk.context.operation_id)
    if found is None or not rules.seen_by(desk.context, found[0]):
        raise NotFound(f"there is no {id_}")
    current, done = found
    if not done and expected is not None and expected != current.version:
        raise _stale(current)
    return current, done


def _save(desk: Desk, changed: S, event: Any) -> S:  # noqa: ANN401
    if desk.settings.save(changed, event, desk.context):
        return replace(changed, version=changed.version + 1)
    # The same operation, delivered twice at once, is no conflict with itself.
    latest, done = _current(type(changed), changed.id, None, desk)
    if not done:
        raise _stale(latest)
    return latest


def _stale(current: S) -> StaleVersion:
    return StaleVersion(f"{current.id} changed meanwhile", current=dump(current))


def _check_location(view: r.LocationView, desk: Desk, had: Collection[str] = ()) -> LocationChanged:
    """Return the event of a location whose neighbours and holidays are known; else Invalid.

    Of neighbours the caller does not see, only those it ``had`` exist.
    """
    if view.holiday_region is not None and not desk.holidays.has(view.holiday_region):
        raise invalid("holiday_region", f"the holidays of {view.holiday_region} are not known")
    ways = _destinations(view)
    named = [id_ for id_ in ways if desk.context.sees(id_) or id_ in had]
    if missing := ways - set(desk.settings.names(r.LocationView, named)) if ways else ():
        raise invalid("travel", f"there is no {min(missing)}")
    return rules.check_location(view)


def _destinations(view: r.LocationView) -> set[str]:
    return {way.location_id for way in view.travel}


def _check_practitioner(
    view: r.PractitionerView, desk: Desk, had: Collection[str] = ()
) -> PractitionerChanged:
    """Return the event; of locations the caller does not see, only those it ``had`` exist."""
    named = [id_ for id_ in view.location_ids if desk.context.sees(id_) or id_ in had]
    locations = desk.settings.names(r.LocationView, named)
    treatments = desk.settings.names(r.TreatmentView, view.treatment_ids)
    return rules.check_practitioner(view, set(locations), set(treatments))


def _check_prices(
    treatment: r.TreatmentView, desk: Desk, before: r.TreatmentView | None = None
) -> None:
    """Refuse new prices of locations and practitioners that there are not."""
    new = set(treatment.prices) - set(() if before is None else before.prices)
    for price in sorted(new, key=repr):
        place, who = price.location_id, price.practitioner_id
        if place is not None and desk.settings.get(r.LocationView, place) is None:
            raise invalid("prices", f"there is no {place}")
        if who is not None and desk.settings.get(r.PractitionerView, who) is None:
            raise invalid("prices", f"there is no {who}")
