"""Changing what of a series is still to come: by another rule, or as closures changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from booking.domain import recurrence, wall_time
from booking.domain.invalid import invalid
from booking.domain.series import Part, Series
from booking.ports import Change, Desk
from booking.use_cases import appointments
from booking.use_cases.keeping import (
    TRIES,
    Standing,
    check_conflicts,
    check_time,
    current,
    occurrences,
    one_of,
    outcomes,
    standing,
    written,
)
from booking.use_cases.overriding import keep_changing
from booking.use_cases.placing import Going, Placed, Put, Refused, plan
from booking.use_cases.series_views import view
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import series as s
from clinic_contracts.constraints import UNSET, Unset, given


def change_series(request: s.ChangeSeries, desk: Desk) -> s.SeriesView:
    """Move one visit of a series, or in one write what of it is still to come.

    Raises NotFound, Invalid, NotBookable, StaleVersion; SeriesConflicts, and of one visit alone
    what a move of it raises.
    """
    if request.scope == "this":
        return _change_one(request, desk)
    for _ in range(TRIES):
        series, done = current(desk, request.series_id, request.expected_version)
        if done:
            return view(desk, series)
        asked = standing(desk, series, request.scope, request.appointment_id)
        coming = {each.number: each for each in asked if each.left is None}
        placed: Sequence[Placed] = ()
        if coming:
            series = _edited(series, list(coming.values()), request, desk)
            goings = [_going(series, each, request) for each in coming.values()]
            there = [each for each in goings if each.stands_at(each.days[0])]
            placed = plan(desk, series, [each for each in goings if each not in there])
        if placed:
            check_conflicts(series, placed, request.conflicts)
        left = [each.changed("left", reason=each.left) for each in asked if each.left is not None]
        series = series.with_outcomes(outcomes(series, placed))
        # Also when nothing changes: only then is it sure that what was read belongs together.
        if written(desk, series, placed):
            told = [*left, *_told(coming, placed)]
            return view(desk, replace(series, version=series.version + 1), placed, told)
    raise keep_changing()


def reflow_series(request: s.ReflowSeries, desk: Desk) -> s.SeriesView:
    """Put visits where rule and closures place them by now, or say what that would do."""
    for _ in range(TRIES):
        series, done = current(desk, request.series_id, None)
        if done:
            return view(desk, series)
        coming = {each.number: each for each in standing(desk, series) if _flows(each)}
        goings = [_going(series, each) for each in coming.values()]
        placed = [each for each in plan(desk, series, goings) if not _is_to_stay(series, each)]
        hit = _called_off(series, placed)
        kept = [each for each in placed if each not in hit]
        cancelled = [
            coming[each.going.number].changed("cancelled", reason=each.refusal.reason)
            for each in hit
        ]
        told = sorted([*_told(coming, kept), *cancelled], key=lambda change: change.on)
        if request.dry_run:
            return view(desk, series, kept, told)
        ended = {
            each.going.number: coming[each.going.number].occurrence.without("skipped", each.refusal)
            for each in hit
        }
        after = series.with_outcomes({**outcomes(series, kept), **ended})
        if written(desk, after, kept, _cancelled(hit, desk)):
            return view(desk, replace(after, version=after.version + 1), kept, told)
    raise keep_changing()


def _change_one(request: s.ChangeSeries, desk: Desk) -> s.SeriesView:
    """Move one visit, which counts as moved by hand from then on."""
    if not isinstance(request.rrule, Unset):
        raise invalid("rrule", "goes with the scope following or all")
    series, _ = current(desk, request.series_id, request.expected_version)
    _, id_ = one_of(series, request.appointment_id)
    move = r.MoveAppointment(
        appointment_id=id_,
        expected_version=appointments.get_appointment(id_, desk).version,
        local_start=request.local_start,
        practitioner_id=request.practitioner_id,
        room_id=UNSET if request.room_id is None else request.room_id,
    )
    appointments.move_appointment(move, desk)
    return view(desk, series)


def _edited(
    series: Series, coming: Sequence[Standing], request: s.ChangeSeries, desk: Desk
) -> Series:
    """Return the series as it is to be, nothing of it placed anew yet."""
    one_rule = not isinstance(request.rrule, Unset)
    ons = _ons(series, coming, request, desk)

    def change(part: Part) -> Part:
        return replace(
            part,
            rrule=given(request.rrule, part.rrule),
            practitioner_id=given(request.practitioner_id, part.practitioner_id),
            room_id=given(request.room_id, part.room_id),
        )

    numbers = [each.number for each in coming]
    return series.with_parts(numbers[0], change, one_rule=one_rule).with_occurrences(numbers, ons)


def _ons(
    series: Series, coming: Sequence[Standing], request: s.ChangeSeries, desk: Desk
) -> Sequence[datetime]:
    """Return the wall times that the rule gives the visits to come; raises Invalid."""
    were = [each.occurrence.on for each in coming]
    local = given(request.local_start, were[0])
    if isinstance(request.rrule, Unset):
        check_time(local, series.timezone, desk)
        if local.date() not in {each.on.date() for each in series.occurrences}:
            raise invalid("local_start", "is on another day: give the rrule from then on as well")
        return [datetime.combine(on.date(), local.time()) for on in were]
    rule = recurrence.parse(request.rrule, series.timezone)
    if rule.count is not None or rule.until is not None:
        raise invalid("rrule", "the number of visits stays: leave COUNT and UNTIL out")
    if local <= wall_time.at_offset(desk.now, series.timezone).replace(tzinfo=None):
        raise invalid("local_start", "lies in the past")
    return occurrences(desk, rule, local, series.timezone, (len(were), None))


def _going(series: Series, each: Standing, request: s.ChangeSeries | None = None) -> Going:
    """Return where an occurrence goes; who gives a visit stays, unless somebody else is asked."""
    part = series.part_of(each.number)
    person = part.practitioner_id if each.visit is None else each.visit.practitioner_id
    return Going(
        number=each.number,
        days=series.days_of(each.number),
        practitioner_id=person if request is None else given(request.practitioner_id, person),
        room_id=part.room_id,
        visit=each.visit,
    )


def _told(coming: Mapping[int, Standing], placed: Sequence[Placed]) -> list[s.SeriesChange]:
    puts = [each for each in placed if isinstance(each, Put) and each.event is not None]
    return [
        coming[put.going.number].changed(
            "booked" if put.going.visit is None else "moved", to=put.visit
        )
        for put in puts
    ]


def _flows(each: Standing) -> bool:
    """Say whether closures decide where it is: it has a visit, or has none for one of them."""
    refusal = each.occurrence.refusal
    for_a_closure = refusal is not None and refusal.is_closure
    return each.left is None and (each.visit is not None or for_a_closure)


def _is_to_stay(series: Series, placed: Placed) -> bool:
    """Say whether its visit stays where it is, for a reason that is no closure's doing."""
    if isinstance(placed, Put) or placed.going.visit is None or placed.refusal.is_closure:
        return False
    return placed.local == series.occurrences[placed.going.number].on


def _called_off(series: Series, placed: Sequence[Placed]) -> list[Refused]:
    """Return those whose visit is on a closed day, when the series skips such days."""
    if series.on_closure == "shift":
        return []
    refused = (each for each in placed if isinstance(each, Refused))
    return [each for each in refused if each.going.visit is not None and each.refusal.is_closure]


def _cancelled(hit: Sequence[Refused], desk: Desk) -> list[Change]:
    """Return the visits called off for a closure; the clinic closed, so no fee is due."""
    visits = [(each.going.visit, each.error.detail) for each in hit]
    return [
        visit.cancel(detail, desk.now, waive_fee=True)
        for visit, detail in visits
        if visit is not None
    ]
