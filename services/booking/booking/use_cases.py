"""What booking does about visits, one function each; settings stand in ``manage``."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from booking.domain import appointment as visits
from booking.domain import availability, wall_time
from booking.domain.appointment import Appointment
from booking.domain.availability import Busy, Candidate, Setting
from booking.ports import ClaimTakenError, Desk
from clinic_contracts.booking import requests as r
from clinic_contracts.constraints import Unset
from clinic_contracts.errors import Invalid, NotBookable, NotFound, SlotTaken, StaleVersion
from clinic_contracts.schemas import dump

ANY = "any"
ALTERNATIVES = 3
ALTERNATIVE_DAYS = 14
TRIES = 20


def find_availability(request: r.FindAvailability, desk: Desk) -> r.Availability:
    """Return the free slots of a period."""
    setting = _setting(desk, request.location_id, request.treatment_id, request.practitioner_id)
    start, end = wall_time.period(request.from_, request.to, setting.location.timezone)
    busy = _busy(desk, setting, start, end)
    return r.Availability(slots=tuple(availability.slots(setting, start, end, busy)))


def book_appointment(request: r.BookAppointment, id_: str, desk: Desk) -> Appointment:
    """Book, or return what a first try of the same operation booked.

    Raises NotBookable, NonexistentTime, Invalid; SlotTaken with what blocks and alternatives.
    """
    done = desk.appointments.get(id_)
    if done is not None:
        return done
    setting = _setting(desk, request.location_id, request.treatment_id, request.practitioner_id)
    setting = _in_room(setting, request.room_id)
    start = wall_time.instant(request.local_start, setting.location.timezone, request.fold)

    def attempt(found: Candidate) -> Appointment:
        made, event = visits.book(
            id_=id_,
            client_id=request.client_id,
            setting=setting,
            found=found,
            local=request.local_start,
            start=start,
            tzdata=desk.tzdata,
        )
        desk.appointments.add(made, event, desk.context)
        return made

    try:
        return _claim(desk, setting, request.local_start, start, attempt)
    except SlotTaken:
        done = desk.appointments.get(id_)  # taken by this very request, sent twice at once
        if done is None:
            raise
        return done


def move_appointment(request: r.MoveAppointment, desk: Desk) -> Appointment:
    """Move in one conditional write; what was claimed stays claimed when the move is refused."""
    current, done = _current(desk, request.appointment_id, request.expected_version)
    if done:
        return current
    setting = _setting(
        desk,
        _given(request.location_id, current.location_id),
        current.treatment_id,
        _given(request.practitioner_id, current.practitioner_id),
    )
    minutes = int((current.end - current.start).total_seconds()) // 60
    terms = replace(setting.treatment, duration=minutes, turnover=current.turnover)
    stays = current.room_id if request.location_id in (Unset.UNSET, current.location_id) else None
    setting = replace(setting, treatment=terms)
    local = _given(request.local_start, current.local_start)
    start = wall_time.instant(local, setting.location.timezone, request.fold)
    if not isinstance(request.room_id, Unset):
        setting = _in_room(setting, request.room_id)

    def attempt(found: Candidate) -> Appointment:
        moved, event = current.move(setting, found, local, start, desk.tzdata)
        return _save(desk, moved, event)

    return _claim(desk, setting, local, start, attempt, mine=current.id, room_first=stays)


def cancel_appointment(request: r.CancelAppointment, desk: Desk) -> Appointment:
    """Call a visit off; its time is free at once."""

    def change(current: Appointment) -> tuple[Appointment, Any]:
        return current.cancel(request.reason, desk.now, waive_fee=request.waive_fee)

    return change_status(request, desk, change)


def mark_no_show(request: r.ChangeStatus, desk: Desk) -> Appointment:
    """Record that the client did not come."""

    def change(current: Appointment) -> tuple[Appointment, Any]:
        return current.mark_no_show(request.reason, waive_fee=request.waive_fee)

    return change_status(request, desk, change)


def change_status(
    request: r.ChangeStatus | r.CancelAppointment,
    desk: Desk,
    change: Callable[[Appointment], tuple[Appointment, Any]],
) -> Appointment:
    """Apply a transition and save it with its event; a repeated operation changes nothing."""
    current, done = _current(desk, request.appointment_id, request.expected_version)
    if done:
        return current
    changed, event = change(current)
    return _save(desk, changed, event)


def get_appointment(id_: str, desk: Desk) -> Appointment:
    """Return an appointment the caller may see; raises NotFound."""
    found = desk.appointments.get(id_)
    if found is None or not desk.context.sees(found.location_id):
        raise NotFound(f"there is no appointment {id_}")
    return found


def _current(desk: Desk, id_: str, expected: int | None) -> tuple[Appointment, bool]:
    current = get_appointment(id_, desk)
    done = desk.context.operation_id in current.operations
    if not done and expected is not None and expected != current.version:
        raise _stale(current)
    return current, done


def _save(desk: Desk, changed: Appointment, event: Any) -> Appointment:  # noqa: ANN401
    if not desk.appointments.save(changed, event, desk.context):
        raise _stale(get_appointment(changed.id, desk))
    return replace(changed, version=changed.version + 1)


def _stale(current: Appointment) -> StaleVersion:
    return StaleVersion("the appointment changed meanwhile", current=dump(current.view()))


def _claim(  # noqa: PLR0913 (the facts of one attempt)
    desk: Desk,
    setting: Setting,
    local: datetime,
    start: datetime,
    attempt: Callable[[Candidate], Appointment],
    *,
    mine: str | None = None,
    room_first: str | None = None,
) -> Appointment:
    _refuse_if_nobody_could(setting, local)
    span = setting.span(start)
    busy = [b for b in _busy(desk, setting, span.start, span.end) if b.appointment_id != mine]
    free = availability.candidates(setting, local, start, busy)
    ordered = sorted(islice(free, TRIES), key=lambda found: found.room_id != room_first)
    for found in ordered:
        try:
            return attempt(found)
        except ClaimTakenError:
            continue  # lost the race for this pair; another may be free
    raise _taken(desk, setting, start, mine)


def _refuse_if_nobody_could(setting: Setting, local: datetime) -> None:
    if not setting.practitioners:
        raise NotBookable(
            f"nobody gives {setting.treatment.name} at {setting.location.name}",
            reason="not_offered",
        )
    if not setting.rooms:
        raise NotBookable("no room there suits the treatment", reason="no_room")
    refusals = [availability.refusal(setting, p, local) for p in setting.practitioners]
    if None not in refusals and refusals[0] is not None:
        raise refusals[0]


def _taken(desk: Desk, setting: Setting, start: datetime, mine: str | None) -> SlotTaken:
    horizon = start + timedelta(days=ALTERNATIVE_DAYS)
    busy = [b for b in _busy(desk, setting, start, horizon) if b.appointment_id != mine]
    span = setting.span(start)
    blocked = [_blocker(b) for b in busy if b.span.overlaps(span)]
    free = islice(availability.slots(setting, start, horizon, busy), ALTERNATIVES)
    return SlotTaken(
        "that time is taken", blocked_by=blocked, alternatives=[dump(slot) for slot in free]
    )


def _blocker(taken: Busy) -> dict[str, str]:
    return {
        "appointment_id": taken.appointment_id,
        "practitioner_id": taken.practitioner_id,
        "room_id": taken.room_id,
        "start": taken.span.start.isoformat(),
        "end": taken.span.end.isoformat(),
    }


def _setting(desk: Desk, location_id: str, treatment_id: str, practitioner_id: str) -> Setting:
    location = desk.settings.get(r.LocationView, location_id)
    if location is None or not desk.context.sees(location_id):
        raise _unknown("location_id", location_id)
    treatment = desk.settings.get(r.TreatmentView, treatment_id)
    if treatment is None:
        raise _unknown("treatment_id", treatment_id)
    if practitioner_id == ANY:
        people = desk.settings.practitioners_for(location_id, treatment_id)
    else:
        one = desk.settings.get(r.PractitionerView, practitioner_id)
        if one is None:
            raise _unknown("practitioner_id", practitioner_id)
        people = [one]
    return Setting(location, treatment, tuple(people))


def _in_room(setting: Setting, room_id: str | None) -> Setting:
    if room_id is None:
        return setting
    rooms = tuple(room for room in setting.location.rooms if room.id == room_id)
    if not rooms:
        raise _unknown("room_id", room_id)
    return replace(setting, location=replace(setting.location, rooms=rooms))


def _busy(desk: Desk, setting: Setting, start: datetime, end: datetime) -> list[Busy]:
    people = [person.id for person in setting.practitioners]
    rooms = [room.id for room in setting.rooms]
    return desk.appointments.busy(people, rooms, start, end)


def _given(value: Any, otherwise: Any) -> Any:  # noqa: ANN401 (a field of any type)
    return otherwise if isinstance(value, Unset) else value


def _unknown(field: str, id_: str) -> Invalid:
    detail = f"there is no {id_}"
    return Invalid(f"{field}: {detail}", errors={field: [detail]})
