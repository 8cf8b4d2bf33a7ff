"""When the zone data changes: which visits move, and moving them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from booking.domain import tzdb, wall_time
from booking.domain.appointment import Appointment
from booking.domain.invalid import invalid
from booking.domain.tzdb import Shift
from booking.ports import ClaimTakenError, Desk, Outdated
from clinic_contracts.booking import tzdb as t

EARLIER, LATER = "earlier", "later"
"""Two passes. Neighbours that move earlier are moved from the earliest on, those that move later
from the latest on, so that each finds its new time left by the one before."""
TRIES = 5
ELSEWHERE = "elsewhere"


def preview(request: t.PreviewTzdb, desk: Desk) -> t.TzdbPreview:
    """Return a page of what would move; nothing is changed."""
    found, following = desk.editions.page(_wanted(desk), request.cursor, request.limit)
    shifts = [shift for shift in map(_shift_of, found) if tzdb.is_to_come(shift, desk.now)]
    moving = [shift for shift in shifts if shift.start is None or shift.minutes]
    return t.TzdbPreview(
        edition=desk.tzdata,
        examined=len(found),
        items=_told(desk, moving),
        next=following,
    )


def apply(request: t.ApplyTzdb, desk: Desk) -> t.TzdbApplied:
    """Move a page of visits to what their wall times are now, each in a write of its own.

    What is done carries the edition, so a run that was interrupted is begun again.
    """
    which, cursor = _pass(request.cursor)
    wanted = replace(_wanted(desk), latest_first=which == LATER)
    found, following = desk.editions.page(wanted, cursor, request.limit)
    shifts = [shift for shift in map(_shift_of, found) if tzdb.is_to_come(shift, desk.now)]
    left = [shift for shift in shifts if shift.start is None and which == EARLIER]
    due = [each for each in shifts if each.minutes and (each.minutes > 0) == (which == LATER)]
    alone = [shift for shift in due if not shift.visit.overlaps]
    done = desk.editions.move(tzdb.moved(alone, desk.tzdata), desk.context)
    moved: list[Shift] = []
    for shift in due:
        went = [shift] if shift.visit.id in done else _move(desk, shift)
        moved += went or ()
        left += [shift] if went is None else []
    stay = [shift.visit for shift in shifts if shift.start == shift.visit.start]
    return t.TzdbApplied(
        edition=desk.tzdata,
        examined=len(found),
        moved=tuple(_move_told(shift) for shift in moved),
        left=_told(desk, left),
        confirmed=desk.editions.confirm(stay, desk.tzdata),
        next=_following(which, following),
    )


def _move(desk: Desk, shift: Shift) -> list[Shift] | None:
    """Move a visit, and those it is double-booked with; None when something is in the way.

    Nothing moves when it changed meanwhile so that it need not move any more.
    """
    for _ in range(TRIES):
        together = _together(desk, shift)
        if together is None:
            return None
        try:
            if _saved(desk, together):
                return together
        except ClaimTakenError:
            claims = [key for each in together for key in each.after.claims]
            if not desk.appointments.drop_expired(claims, desk.now):
                return None
        current = desk.appointments.get(shift.visit.id)
        if current is None:
            return []
        shift = _will_be(desk, current)
        if not shift.minutes:
            return []
    return None


def _together(desk: Desk, shift: Shift) -> list[Shift] | None:
    """Return what moves with a visit, in the order of moving; None when part of it does not."""
    found = {shift.visit.id: shift}
    waiting = [*shift.visit.overlaps]
    while waiting:
        id_ = waiting.pop()
        other = None if id_ in found else desk.appointments.get(id_)
        if other is None:
            continue
        its = _will_be(desk, other)
        if its.minutes != shift.minutes or not desk.context.sees(other.location_id):
            return None
        found[id_] = its
        waiting += other.overlaps
    return sorted(found.values(), key=lambda each: each.visit.start, reverse=shift.minutes > 0)


def _saved(desk: Desk, shifts: Sequence[Shift]) -> bool:
    """Save what moves; False when some of it is stale; raises ClaimTakenError."""
    changes = tzdb.moved(shifts, desk.tzdata)
    if len(changes) > 1:
        return desk.appointments.save_together(changes, desk.context)
    visit, event = changes[0]
    return desk.appointments.save(visit, event, desk.context)


def _told(desk: Desk, shifts: Sequence[Shift]) -> tuple[t.TzdbMove, ...]:
    """Return visits as callers see them, each with what would be in its way."""
    claims = {key for shift in shifts for key in shift.after.wanted_claims}
    holding = desk.editions.holding(claims) if claims else []
    live = [visit for visit in holding if visit.is_live(desk.now)]
    others = [_will_be(desk, visit) for visit in live]
    blockers = tzdb.in_the_way(shifts, others)
    return tuple(
        _move_told(each, _seen(desk, [*blockers[each.visit.id], *_staying_behind(desk, each)]))
        for each in shifts
    )


def _staying_behind(desk: Desk, shift: Shift) -> list[Appointment]:
    """Return what a visit is double-booked with, when that does not all move with it."""
    if not shift.minutes or _together(desk, shift) is not None:
        return []
    return [one for one in map(desk.appointments.get, shift.visit.overlaps) if one is not None]


def _move_told(shift: Shift, conflicts: tuple[str, ...] = ()) -> t.TzdbMove:
    visit, known = shift.visit, shift.start is not None
    return t.TzdbMove(
        id=visit.id,
        location_id=visit.location_id,
        client_id=visit.client_id,
        local_start=visit.local_start,
        timezone=visit.timezone,
        tzdata_version=visit.tzdata_version,
        was=visit.start.astimezone(shift.zone_before),
        becomes=wall_time.at_offset(shift.start, visit.timezone) if shift.start else None,
        minutes=shift.minutes if known else None,
        conflicts=conflicts,
    )


def _seen(desk: Desk, visits: Iterable[Appointment]) -> tuple[str, ...]:
    ids = {each.id if desk.context.sees(each.location_id) else ELSEWHERE for each in visits}
    return tuple(sorted(ids))


def _shift_of(visit: Appointment) -> Shift:
    return tzdb.shift_of(visit, wall_time.zone)


def _will_be(desk: Desk, visit: Appointment) -> Shift:
    """Return where a visit will stand once all that are due have moved."""
    due = tzdb.is_due(visit, desk.tzdata, desk.now)
    return _shift_of(visit) if due else tzdb.staying(visit)


def _wanted(desk: Desk) -> Outdated:
    return Outdated(
        edition=desk.tzdata,
        since=desk.now - tzdb.FARTHEST,
        location_ids=desk.context.location_scope,
    )


def _pass(cursor: str | None) -> tuple[str, str | None]:
    """Return which pass a cursor is of, and the cursor within it."""
    which, _, within = (cursor or EARLIER).partition(".")
    if which not in {EARLIER, LATER}:
        raise invalid("cursor", "the cursor is not one that this list gave")
    return which, within or None


def _following(which: str, cursor: str | None) -> str | None:
    if cursor is not None:
        return f"{which}.{cursor}"
    return LATER if which == EARLIER else None
