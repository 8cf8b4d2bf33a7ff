"""Closures of locations and absences of practitioners: one function per command or question."""

from dataclasses import dataclass, fields

from booking.domain import closure as rules
from booking.domain.closure import Closure
from booking.domain.invalid import invalid
from booking.ports import Desk
from booking.use_cases import settings
from clinic_contracts.booking import closures as c
from clinic_contracts.booking import requests as r
from clinic_contracts.errors import NotFound

AFFECTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owner:
    """Whose closure it is, and the zone that its wall times are in."""

    location_id: str | None = None
    practitioner_id: str | None = None
    timezone: str = ""


def close_location(request: c.CloseLocation, desk: Desk) -> c.ClosureAnnounced:
    """Close a location for a time; raises NotFound, Invalid, NonexistentTime."""
    return _announce(request, _location(request.location_id, desk), desk)


def record_absence(request: c.RecordAbsence, desk: Desk) -> c.ClosureAnnounced:
    """Have a practitioner be away for a time; raises NotFound, Invalid, NonexistentTime."""
    return _announce(request, _practitioner(request.practitioner_id, desk), desk)


def list_closures(request: c.ListClosures, desk: Desk) -> c.ClosurePage:
    """Return a page of a location's closures, by end."""
    settings.get(r.LocationView, request.location_id, desk)
    return _page(request.location_id, request, desk)


def list_absences(request: c.ListAbsences, desk: Desk) -> c.ClosurePage:
    """Return a page of a practitioner's absences, by end."""
    settings.get(r.PractitionerView, request.practitioner_id, desk)
    return _page(request.practitioner_id, request, desk)


def withdraw_closure(request: c.WithdrawClosure, desk: Desk) -> c.ClosureView:
    """Take a location's closure back; one that is taken back already stays so."""
    settings.get(r.LocationView, request.location_id, desk)
    return _withdraw(request.location_id, request.closure_id, desk)


def withdraw_absence(request: c.WithdrawAbsence, desk: Desk) -> c.ClosureView:
    """Take a practitioner's absence back; one that is taken back already stays so."""
    settings.get(r.PractitionerView, request.practitioner_id, desk)
    return _withdraw(request.practitioner_id, request.closure_id, desk)


def _announce(
    request: c.CloseLocation | c.RecordAbsence, owner: _Owner, desk: Desk
) -> c.ClosureAnnounced:
    """Write the closure, unless a first try of the same operation did; cancel nothing."""
    prefix = "abs" if owner.location_id is None else "clo"
    id_ = desk.derived_id(prefix, desk.context.operation_id)
    stands = desk.closures.get(id_)
    if stands is None:
        bounds = rules.bounds(request.from_, request.to, owner.timezone, desk.now)
        planned = Closure(
            id=id_,
            location_id=owner.location_id,
            practitioner_id=owner.practitioner_id,
            from_=request.from_,
            to=request.to,
            local_start=bounds.local_start,
            local_end=bounds.local_end,
            timezone=owner.timezone,
            start=bounds.start,
            end=bounds.end,
            reason=request.reason,
        )
        rules.check_count(desk.closures.count_upcoming(planned.owner_id))
        stands = desk.closures.add(planned, planned.announce(), desk.context)
    hit = desk.closures.hit_by(stands, desk.context.location_scope, AFFECTED + 1)
    view = stands.view()
    return c.ClosureAnnounced(
        **{field.name: getattr(view, field.name) for field in fields(view)},
        affected=tuple(hit[:AFFECTED]),
        more=len(hit) > AFFECTED,
    )


def _withdraw(owner_id: str, id_: str, desk: Desk) -> c.ClosureView:
    found = desk.closures.get(id_)
    if found is None or found.owner_id != owner_id:
        raise NotFound(f"there is no closure {id_} of {owner_id}")
    if found.withdrawn:
        return found.view()
    taken_back, event = found.withdraw()
    if not desk.closures.save(taken_back, event, desk.context):
        return _withdraw(owner_id, id_, desk)  # somebody else has taken it back
    return taken_back.view()


def _page(owner_id: str, request: c.ListClosures | c.ListAbsences, desk: Desk) -> c.ClosurePage:
    found, following = desk.closures.page(
        owner_id, request.cursor, request.limit, past=request.past
    )
    return c.ClosurePage(items=tuple(each.view() for each in found), next=following)


def _location(id_: str, desk: Desk) -> _Owner:
    location = settings.get(r.LocationView, id_, desk)
    return _Owner(location_id=location.id, timezone=location.timezone)


def _practitioner(id_: str, desk: Desk) -> _Owner:
    person = settings.get(r.PractitionerView, id_, desk)
    first = next(iter(person.location_ids), None)
    location = None if first is None else desk.settings.known(r.LocationView, first)
    if location is None:
        raise invalid("practitioner_id", "works at no location, whose time the absence would be in")
    return _Owner(practitioner_id=person.id, timezone=location.timezone)
