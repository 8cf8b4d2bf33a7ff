"""The waitlist as staff keep it: who waits, since when, and what they were offered."""

from booking.domain import waitlist, wall_time
from booking.domain.invalid import invalid
from booking.ports import Desk
from booking.use_cases import rounds
from booking.use_cases.appointments import get_appointment
from booking.use_cases.lists import WESTERNMOST
from booking.use_cases.settings import check_known, get
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import waitlist as w
from clinic_contracts.errors import IllegalTransition, NotFound, StaleVersion
from clinic_contracts.trusted import dump

TRIES = 10
SWEPT = 100


def join_waitlist(request: w.JoinWaitlist, desk: Desk) -> w.WaitlistEntry:
    """Have a client wait, or return what a first try of the same operation made.

    Raises Invalid naming what does not exist, AlreadyExists when the client waits for that
    treatment already.
    """
    id_ = desk.derived_id("wl", desk.context.operation_id)
    entry, event = waitlist.join(id_, request, desk.now)
    check_known("location_ids", r.LocationView, entry.location_ids, desk)
    check_known("practitioner_ids", r.PractitionerView, entry.practitioner_ids, desk)
    check_known("treatment_id", r.TreatmentView, (entry.treatment_id,), desk)
    if entry.appointment_id is not None:
        _check_later_visit(entry, entry.appointment_id, desk)
    return desk.waitlist.add(entry, event, desk.context)


def get_entry(id_: str, desk: Desk) -> w.WaitlistEntry:
    """Return an entry with its record; raises NotFound when none of its locations are seen."""
    found = desk.waitlist.get(id_)
    if found is None or not any(map(desk.context.sees, found.location_ids)):
        raise NotFound(f"there is no waitlist entry {id_}")
    return found


def list_waitlist(request: w.ListWaitlist, desk: Desk) -> w.WaitlistPage:
    """Return a page of those who wait, or waited, for a location's times."""
    location = get(r.LocationView, request.location_id, desk)
    found, following = desk.waitlist.page(
        location.id, request.status, request.cursor, request.limit
    )
    return w.WaitlistPage(items=tuple(found), next=following)


def withdraw(request: w.WithdrawWaitlistEntry, desk: Desk) -> w.WaitlistEntry:
    """Have the client wait no longer; who is withdrawn already stays so.

    Raises NotFound, StaleVersion, IllegalTransition.
    """
    for _ in range(TRIES):
        entry = get_entry(request.entry_id, desk)
        if entry.status == "withdrawn":
            return entry
        if request.expected_version not in {None, entry.version}:
            raise _stale(entry)
        if entry.status == "offered":
            done = _take_back(entry, desk)
        else:
            done = desk.waitlist.save(*waitlist.withdraw(entry), desk.context)
        if done:
            return get_entry(request.entry_id, desk)
    raise _stale(get_entry(request.entry_id, desk))


def expire_past(desk: Desk) -> None:
    """Take off the list whose last day is over everywhere."""
    for entry in desk.waitlist.past((desk.now - WESTERNMOST).date(), SWEPT):
        # One that changed meanwhile is looked at again in the next round.
        desk.waitlist.save(*waitlist.expire(entry), desk.context)


def report_waitlist(request: w.ReportWaitlist, desk: Desk) -> w.WaitlistReport:
    """Count what became of the times that were given up; days are the location's, else UTC's."""
    scope, zone_name = desk.context.location_scope, "UTC"
    if request.location_id is not None:
        location = get(r.LocationView, request.location_id, desk)
        scope, zone_name = (location.id,), location.timezone
    start, end = wall_time.period(request.from_, request.to, zone_name)
    return w.WaitlistReport(items=tuple(desk.waitlist.figures(scope, start, end)))


def _take_back(entry: w.WaitlistEntry, desk: Desk) -> bool:
    """Withdraw an entry whose client has an offer to answer, together with the offer."""
    record = entry.offers[-1]
    current = desk.waitlist.get_round(record.round_id)
    if current is None:
        raise IllegalTransition("waitlist entry", entry.status, "withdrawn")
    left = current.take_back(record.offer_id, desk.now)
    return rounds.save(current, left, desk, leaves=entry.id)


def _check_later_visit(entry: w.WaitlistEntry, id_: str, desk: Desk) -> None:
    try:
        visit = get_appointment(id_, desk)
    except NotFound as error:
        raise invalid("appointment_id", error.detail) from error
    if visit.client_id != entry.client_id:
        raise invalid("appointment_id", "is another client's visit")
    if visit.status != "booked" or visit.start <= desk.now:
        raise invalid("appointment_id", "is no visit to come")


def _stale(current: w.WaitlistEntry) -> StaleVersion:
    return StaleVersion("the entry changed meanwhile", current=dump(current))
