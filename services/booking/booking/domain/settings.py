"""What locations, practitioners and treatments must be to make sense."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, TypeVar

from booking.domain import policy as policies
from booking.domain import wall_time
from booking.domain.invalid import invalid
from booking.domain.prices import check_prices
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
)
from clinic_contracts.booking.requests import (
    LocationView,
    PractitionerView,
    Room,
    RoomSpec,
    TreatmentView,
)
from clinic_contracts.constraints import UNSET
from clinic_contracts.context import CallContext

V = TypeVar("V", LocationView, PractitionerView, TreatmentView)
FORMER_ROOMS = 100
TAX_REGIONS = frozenset({"CA-BC", "CA-AB", "CA-ON"})
CURRENCY = "CAD"
"""What is charged in every known tax region."""
HIGHEST_PRICE_MINOR = 10_000_000
"""A higher price is a typing error; with tax it still fits in ``Money``."""


def seen_by(context: CallContext, view: V) -> bool:
    """Say whether it is the caller's to see; treatments are the whole chain's."""
    if isinstance(view, PractitionerView):
        return context.location_scope is None or any(map(context.sees, view.location_ids))
    return not isinstance(view, LocationView) or context.sees(view.id)


def changed(view: V, change: Any) -> V:  # noqa: ANN401 (any Change… request)
    """Return the view with what the change gives, the rest as it was."""
    names = {field.name for field in fields(view)}
    given = {
        field.name: getattr(change, field.name)
        for field in fields(change)
        if field.name in names and getattr(change, field.name) is not UNSET
    }
    return replace(view, **given)


def check_location(location: LocationView) -> LocationChanged:
    """Return the event that tells of a sound location; raises Invalid otherwise."""
    wall_time.zone(location.timezone)
    for weekday, spans in location.hours.items():
        _check_spans(f"hours.{weekday}", spans)
    for number, special in enumerate(location.special_hours):
        _check_spans(f"special_hours.{number}", special.hours)
    _check_once("special_hours", [special.date for special in location.special_hours])
    _check_once("travel", [way.location_id for way in location.travel])
    if any(way.location_id == location.id for way in location.travel):
        raise invalid("travel", "lists the way to other locations")
    names = [room.name for room in location.rooms]
    if len(set(names)) != len(names):
        raise invalid("rooms", "two rooms have the same name")
    kinds = [pool.kind for pool in location.equipment]
    if len(set(kinds)) != len(kinds):
        raise invalid("equipment", "a kind is listed twice: give it once with its count")
    if location.tax_region not in TAX_REGIONS:
        raise invalid("tax_region", f"known tax regions are {', '.join(sorted(TAX_REGIONS))}")
    policies.check(location.policy, CURRENCY)
    return LocationChanged(
        location_id=location.id,
        name=location.name,
        timezone=location.timezone,
        address=location.address,
        tax_region=location.tax_region,
    )


def with_rooms(
    location: LocationView,
    had: Sequence[Room],
    specs: Sequence[RoomSpec],
    new_id: Callable[[str], str],
) -> LocationView:
    """Return the location with these rooms; those it had and has no more become former ones.

    ``new_id`` gives a room of that name its id. Raises Invalid for an id that is not one of
    ``had``, or is given twice.
    """
    left = {room.id for room in had}
    for number, spec in enumerate(specs):
        if spec.id is not None:
            if spec.id not in left:
                twice = any(room.id == spec.id for room in had)
                detail = f"{spec.id} is given twice" if twice else f"there is no {spec.id} here"
                raise invalid(f"rooms.{number}.id", detail)
            left.remove(spec.id)
    rooms = tuple(
        Room(id=spec.id or new_id(spec.name), name=spec.name, kinds=spec.kinds) for spec in specs
    )
    former = (*location.former_rooms, *(room for room in had if room.id in left))
    return replace(location, rooms=rooms, former_rooms=former[-FORMER_ROOMS:])


def removed_rooms(before: LocationView, after: LocationView) -> list[Room]:
    """Return the rooms that the location has no more."""
    kept = {room.id for room in after.rooms}
    return [room for room in before.rooms if room.id not in kept]


def check_removal(removed: Iterable[Room], visits: Mapping[str, int]) -> None:
    """Raise Invalid when any of the rooms has ``visits`` to come: they are moved first."""
    booked = [f"{room.name}: {visits[room.id]}" for room in removed if room.id in visits]
    if booked:
        raise invalid(
            "rooms", f"move the visits to come out of the rooms first ({', '.join(booked)})"
        )


def check_practitioner(
    practitioner: PractitionerView, locations: set[str], treatments: set[str]
) -> PractitionerChanged:
    """Return the event of a practitioner whose locations and treatments exist; else Invalid."""
    _check_known("location_ids", practitioner.location_ids, locations)
    _check_known("treatment_ids", practitioner.treatment_ids, treatments)
    for shift in practitioner.shifts:
        if shift.location_id not in practitioner.location_ids:
            raise invalid(
                "shifts", f"{shift.location_id} is not one of the practitioner's locations"
            )
        if shift.from_ and shift.to and shift.to < shift.from_:
            raise invalid("shifts", "a shift's to lies before its from")
        _check_spans("shifts", [(shift.start, shift.end)])
    for number, exception in enumerate(practitioner.shift_exceptions):
        if exception.location_id not in practitioner.location_ids:
            detail = f"{exception.location_id} is not one of the practitioner's locations"
            raise invalid("shift_exceptions", detail)
        _check_spans(f"shift_exceptions.{number}", exception.hours)
    days = [(each.location_id, each.date) for each in practitioner.shift_exceptions]
    _check_once("shift_exceptions", days)
    return PractitionerChanged(
        practitioner_id=practitioner.id,
        name=practitioner.name,
        college=practitioner.registration.college,
        registration_number=practitioner.registration.number,
        registration_valid_to=practitioner.registration.valid_to,
        gst_registered=practitioner.gst_registered,
        gst_number=practitioner.gst_number,
        msp_opted_out=practitioner.msp_opted_out,
        location_ids=practitioner.location_ids,
    )


def check_elsewhere(
    before: PractitionerView, after: PractitionerView, context: CallContext
) -> None:
    """Refuse to change what a practitioner is at locations that are not the caller's."""
    by_place = attrgetter("location_id")
    for field, place in (
        ("location_ids", str),
        ("shifts", by_place),
        ("shift_exceptions", by_place),
    ):
        was, is_now = (
            {each for each in getattr(view, field) if not context.sees(place(each))}
            for view in (before, after)
        )
        if was != is_now:
            raise invalid(field, "what is at locations that are not yours must stay as it is")


def check_treatment(treatment: TreatmentView) -> TreatmentChanged:
    """Return the event that tells of a sound treatment; raises Invalid otherwise."""
    for name, minutes in (("duration", treatment.duration), ("turnover", treatment.turnover)):
        if minutes % wall_time.TICK_MINUTES:
            raise invalid(name, f"must be a multiple of {wall_time.TICK_MINUTES} minutes")
    if not 0 <= treatment.price.amount_minor <= HIGHEST_PRICE_MINOR:
        raise invalid("price", f"amount_minor must lie from 0 to {HIGHEST_PRICE_MINOR}")
    if treatment.price.currency != CURRENCY:
        raise invalid("price", f"prices are in {CURRENCY}")
    check_prices(treatment.prices, HIGHEST_PRICE_MINOR, CURRENCY)
    if treatment.policy is not None:
        policies.check(treatment.policy, CURRENCY)
    return TreatmentChanged(
        treatment_id=treatment.id,
        name=treatment.name,
        discipline=treatment.discipline,
        duration=treatment.duration,
        price=treatment.price,
    )


def _check_spans(field: str, spans: Iterable[tuple[str, str]]) -> None:
    last = -1
    for opens, closes in _minutes(spans):
        if opens % wall_time.TICK_MINUTES or closes % wall_time.TICK_MINUTES:
            raise invalid(field, f"times are on a {wall_time.TICK_MINUTES}-minute tick")
        if closes <= opens:
            raise invalid(field, "must end after it starts")
        if opens < last:
            raise invalid(field, "spans must follow one another without overlap")
        last = closes


def _minutes(spans: Iterable[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    for opens, closes in spans:
        yield wall_time.minutes_of(opens), wall_time.minutes_of(closes)


def _check_once(field: str, keys: Sequence[Any]) -> None:
    if len(set(keys)) != len(keys):
        raise invalid(field, "gives the same twice")


def _check_known(field: str, ids: Iterable[str], known: set[str]) -> None:
    missing = sorted(set(ids) - known)
    if missing:
        raise invalid(field, f"there is no {missing[0]}")
