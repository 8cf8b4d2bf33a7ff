"""What is known of a client, asked before a visit is booked or moved, and shown."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from booking.domain import clients, coverages, limits, wall_time
from booking.domain.appointment import Appointment
from booking.domain.clients import Known, Left, Planned
from booking.domain.prices import price_of
from booking.ports import AppointmentQuery, Clients, Desk
from booking.use_cases.claiming import Wanted
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.clients import BookingLimits, BookingWarning
from clinic_contracts.client_profile.events import ReferralChanged
from clinic_contracts.errors import ClinicError

VISITS_COUNTED = 1_000
"""Of one referral, which has 500 visits at most."""
A_DAY = timedelta(days=1)
A_YEAR = timedelta(days=366)


def check_booking(request: r.BookAppointment, id_: str, desk: Desk) -> tuple[BookingWarning, ...]:
    """Return what to know of a visit to be booked, at a location and of a treatment that exist.

    Raises ClientBlocked, ReferralNeeded, NotBookable.
    """
    location = desk.settings.known(r.LocationView, request.location_id)
    treatment = desk.settings.known(r.TreatmentView, request.treatment_id)
    if location is None or treatment is None:  # gone within this very call
        return ()
    planned = Planned(
        id=id_,
        client_id=request.client_id,
        location=location,
        treatment=treatment,
        day=request.local_start.date(),
        price=price_of(treatment, location.id, request.practitioner_id, request.local_start.date()),
        online=request.online,
        acknowledged=request.acknowledge_alerts,
    )
    return _check(planned, desk)


def said_before(request: r.BookAppointment, id_: str, desk: Desk) -> tuple[BookingWarning, ...]:
    """Return what a first try that booked was told, as far as it holds."""
    with suppress(ClinicError):  # a refusal comes too late
        return check_booking(request, id_, desk)
    return ()


def check_wanted(
    wanted: Wanted,
    id_: str,
    desk: Desk,
    acknowledged: Iterable[str] = (),
    together: Sequence[Appointment] = (),
) -> tuple[BookingWarning, ...]:
    """Return what to know of a visit wanted by a client, or to be moved, at the desk.

    ``together`` are visits to be booked in the same write. Raises ClientBlocked, ReferralNeeded.
    """
    treatment, moving = wanted.offering.treatment, wanted.moving
    planned = Planned(
        id=id_,
        client_id=wanted.client_id or "",
        location=wanted.offering.location,
        treatment=treatment,
        day=wanted.local.date(),
        price=price_of(treatment, wanted.offering.location.id, None, wanted.local.date())
        if moving is None
        else moving.price,
        acknowledged=(*(() if moving is None else moving.acknowledged_alerts), *acknowledged),
    )
    return _check(planned, desk, together)


def asking_once(desk: Desk) -> Desk:
    """Return a desk at which what is known of a client is asked for once: for one call's time."""
    return replace(desk, clients=_Asked(desk.clients))


def booking_limits(client_id: str, desk: Desk) -> BookingLimits:
    """Return what bounds a client's bookings, as far as it was heard."""
    known = desk.clients.known(client_id)
    day = limits.today(desk.now)
    referrals = limits.unexpired(known, day)
    visits = _visits(client_id, referrals, desk)
    left = {one.referral_id: _left(one, known, visits, desk) for one in referrals}
    running = limits.running(known, day)
    booked = _visits_within(client_id, running, desk)
    disciplines = _disciplines(booked, desk)
    visits_left = [(one, coverages.left_of(one, booked, disciplines)) for one in running]
    return limits.limits(client_id, known, left, visits_left, day)


class _Asked:
    """Remembers what it was told of each client."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.told: dict[str, Known] = {}

    def known(self, client_id: str) -> Known:
        """Return all that was heard of a client."""
        if client_id not in self.told:
            self.told[client_id] = self.clients.known(client_id)
        return self.told[client_id]


def _check(
    planned: Planned, desk: Desk, together: Sequence[Appointment] = ()
) -> tuple[BookingWarning, ...]:
    known = desk.clients.known(planned.client_id)
    warnings = clients.check_alerts(planned, known)
    if not planned.treatment.new_clients and not _has_been_here(planned.client_id, desk):
        warnings.append(clients.check_first_visit(planned))
    return (
        *warnings,
        *_check_referral(planned, known, desk, together),
        *_check_coverages(planned, known, desk, together),
    )


def _check_referral(
    planned: Planned, known: Known, desk: Desk, together: Sequence[Appointment]
) -> Sequence[BookingWarning]:
    referral = known.referral_for(planned.treatment.discipline, planned.day)
    if referral is None:
        clients.check_no_referral(planned)
        return ()
    others = [
        visit for visit in _visits(planned.client_id, [referral], desk) if visit.id != planned.id
    ]
    left = _left(referral, known, [*others, *together], desk)
    return clients.check_referral(planned, referral, clients.after_one_more(left, planned.price))


def _check_coverages(
    planned: Planned, known: Known, desk: Desk, together: Sequence[Appointment]
) -> Sequence[BookingWarning]:
    limits_then = coverages.limits_for(known, planned.treatment.discipline, planned.day)
    visits = _visits_within(planned.client_id, limits_then, desk)
    others = [*(visit for visit in visits if visit.id != planned.id), *together]
    return coverages.check_coverages(planned, limits_then, others, _disciplines(others, desk))


def _left(
    referral: ReferralChanged, known: Known, visits: Sequence[Appointment], desk: Desk
) -> Left:
    return clients.left_of(referral, known, visits, _disciplines(visits, desk))


def _disciplines(visits: Sequence[Appointment], desk: Desk) -> dict[str, str]:
    """Return the disciplines of the visits' treatments, by id."""
    treatments = {visit.treatment_id for visit in visits}
    found = {id_: desk.settings.known(r.TreatmentView, id_) for id_ in treatments}
    return {id_: "" if one is None else one.discipline for id_, one in found.items()}


def _visits(client_id: str, referrals: Iterable[ReferralChanged], desk: Desk) -> list[Appointment]:
    """Return the client's visits while any of the referrals is good that has a limit."""
    limited = [
        one for one in referrals if one.maximum_visits is not None or one.maximum_amount is not None
    ]
    if not limited:
        return []
    first, last = min(one.issued for one in limited), max(one.expires for one in limited)
    return _visits_from(client_id, first, last, desk)


def _visits_within(
    client_id: str, limited: Sequence[coverages.Limit], desk: Desk
) -> list[Appointment]:
    """Return the client's visits in the periods of limits: a year at most after they begin."""
    counting = [one for one in limited if one.visits_left is not None]
    if not counting:
        return []
    first = min(one.begins for one in counting)
    last = max(one.ends or one.begins + A_YEAR for one in counting)
    return _visits_from(client_id, first, last, desk)


def _visits_from(client_id: str, first: date, last: date, desk: Desk) -> list[Appointment]:
    """Return the client's visits from a day to another; more, by the zones, never fewer."""
    query = AppointmentQuery(
        location_ids=None,
        client_id=client_id,
        start=_midnight(first) - A_DAY,
        end=_midnight(last) + 2 * A_DAY,
    )
    found, _ = desk.appointments.page(query, None, VISITS_COUNTED)
    return found


def _has_been_here(client_id: str, desk: Desk) -> bool:
    query = AppointmentQuery(location_ids=None, client_id=client_id, status="fulfilled")
    found, _ = desk.appointments.page(query, None, 1)
    return bool(found)


def _midnight(day: date) -> datetime:
    """Return the start of a day in UTC, of one that the calendar has."""
    return datetime.combine(wall_time.on_calendar(day), time(), UTC)
