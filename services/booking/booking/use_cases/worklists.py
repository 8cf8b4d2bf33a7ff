"""Worklists: visits that somebody must do something about. Nothing here changes a visit."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from booking.domain import obstacles, wall_time
from booking.domain.appointment import Appointment
from booking.domain.availability import Offering, Span
from booking.domain.obstacles import Review
from booking.ports import AppointmentQuery, Desk, S
from booking.use_cases import claiming, settings
from booking.use_cases.offering import ANY, calendar_of, offering_of
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import worklists as w
from clinic_contracts.booking.day import Obstacle
from clinic_contracts.errors import NotFound

OPEN = ("booked", "arrived")
MOST_EXAMINED = 10_000
"""A month of 300 visits a day; a page may end there, with fewer visits than were asked for."""
EXAMINED_TOGETHER = 1_000
MOST_WITH_ALTERNATIVES = 20


def to_reschedule(request: w.ListToReschedule, desk: Desk) -> w.WorklistPage:
    """Return visits to come that cannot take place as they stand, by the settings of now."""
    location = settings.get(r.LocationView, request.location_id, desk)
    query = _to_come(request, location, desk)
    limit = min(request.limit, MOST_WITH_ALTERNATIVES) if request.alternatives else request.limit
    found, following = [], None
    for examined, (visit, why) in enumerate(_examined(query, request.cursor, location, desk), 1):
        if why:
            found.append((visit, why))
        if len(found) == limit or examined == MOST_EXAMINED:
            following = desk.appointments.cursor_after(visit)
            break
    items = (
        w.WorklistItem(
            appointment=visit.view(),
            why=why,
            alternatives=_three(desk, visit) if request.alternatives else (),
        )
        for visit, why in found
    )
    return w.WorklistPage(items=tuple(items), next=following)


def double_booked(request: w.ListWorklist, desk: Desk) -> w.WorklistPage:
    """Return visits to come that were double-booked on purpose."""
    latest = wall_time.reach(desk.now)[1]
    query = AppointmentQuery(
        location_ids=(request.location_id,),
        statuses=OPEN,
        start=desk.now,
        end=latest,
        double_booked=True,
    )
    return _page(request, query, obstacles.double_booked, desk)


def unconfirmed_outcomes(request: w.ListWorklist, desk: Desk) -> w.WorklistPage:
    """Return visits that have ended, of which nobody has said what became of them."""
    earliest = wall_time.reach(desk.now)[0]
    query = AppointmentQuery(
        location_ids=(request.location_id,),
        statuses=OPEN,
        start=earliest,
        end=desk.now,
        ended_by=desk.now,
    )
    return _page(request, query, obstacles.outcome_missing, desk)


def reviewed(
    visits: Sequence[Appointment],
    location: r.LocationView,
    people: Iterable[r.PractitionerView],
    desk: Desk,
) -> Iterator[tuple[Appointment, tuple[Obstacle, ...]]]:
    """Yield each of a location's visits with what stands in its way; nothing: it can take place.

    ``people`` work there; of others who have visits there each is looked for.
    """
    if not visits:
        return
    here = {person.id: person for person in people}
    calendar = calendar_of(desk, location, sorted({v.practitioner_id for v in visits}))
    span = Span(min(visit.start for visit in visits), max(visit.end for visit in visits))
    review = Review(location, calendar, span)
    for visit in visits:
        treatment = known(desk, r.TreatmentView, visit.treatment_id)
        practitioner = here.get(visit.practitioner_id)
        if practitioner is None:
            practitioner = known(desk, r.PractitionerView, visit.practitioner_id)
        yield visit, review.why_not(visit, treatment, practitioner)


def alternatives(desk: Desk, visit: Appointment, without: str = "") -> Iterator[r.Slot]:
    """Yield times that a visit could be moved to, its own with another first.

    None are of the practitioner ``without``.
    """
    offering = offering_of(desk, visit.location_id, visit.treatment_id, ANY)
    people = tuple(person for person in offering.practitioners if person.id != without)
    # Whom it is double-booked with is in its way here.
    wanted = wanted_for(replace(visit, overlaps=()), replace(offering, practitioners=people))
    return claiming.alternatives(desk, wanted)


def wanted_for(visit: Appointment, offering: Offering) -> claiming.Wanted:
    """Return what a visit wants that is to be moved, at the time it has."""
    return claiming.Wanted(
        offering=visit.terms_in(offering, visit.start),
        local=visit.local_start,
        start=visit.start,
        fold=visit.fold,
        client_id=visit.client_id,
        moving=visit,
    )


def known(desk: Desk, kind: type[S], id_: str) -> S:
    """Return what a visit names, whoever asks; raises NotFound."""
    found = desk.settings.known(kind, id_)
    if found is None:
        raise NotFound(f"there is no {id_}")
    return found


def _to_come(request: w.ListToReschedule, location: r.LocationView, desk: Desk) -> AppointmentQuery:
    start, end = desk.now, wall_time.reach(desk.now)[1]
    first, last = request.from_ or request.to, request.to or request.from_
    if first is not None and last is not None:
        asked, end = wall_time.period(first, last, location.timezone)
        start = max(start, asked)
    return AppointmentQuery(
        location_ids=(location.id,),
        practitioner_id=request.practitioner_id,
        statuses=OPEN,
        start=start,
        end=end,
    )


def _three(desk: Desk, visit: Appointment) -> tuple[r.Slot, ...]:
    return tuple(islice(alternatives(desk, visit), claiming.ALTERNATIVES))


def _examined(
    query: AppointmentQuery, cursor: str | None, location: r.LocationView, desk: Desk
) -> Iterator[tuple[Appointment, tuple[Obstacle, ...]]]:
    visits = desk.appointments.stream(query, cursor)
    people = desk.settings.practitioners_at(location.id)
    while some := tuple(islice(visits, EXAMINED_TOGETHER)):
        yield from reviewed(some, location, people, desk)


def _page(
    request: w.ListWorklist,
    query: AppointmentQuery,
    reason: Callable[[Appointment], Obstacle],
    desk: Desk,
) -> w.WorklistPage:
    settings.get(r.LocationView, request.location_id, desk)
    found, following = desk.appointments.page(query, request.cursor, request.limit)
    items = (w.WorklistItem(appointment=visit.view(), why=(reason(visit),)) for visit in found)
    return w.WorklistPage(items=tuple(items), next=following)
