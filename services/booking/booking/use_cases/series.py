"""Recurring visits: booking a series, and calling it off."""

from dataclasses import replace

from booking.domain import recurrence
from booking.domain.series import BY_HAND, Occurrence, Part, Series
from booking.ports import Desk
from booking.use_cases import appointments
from booking.use_cases.keeping import (
    TRIES,
    check_conflicts,
    current,
    get_series,
    occurrences,
    one_of,
    outcomes,
    standing,
    written,
)
from booking.use_cases.offering import in_room, offering_of
from booking.use_cases.overriding import keep_changing
from booking.use_cases.placing import Going, plan
from booking.use_cases.series_views import proposed, view
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import series as s


def book_series(request: s.BookSeries, desk: Desk) -> s.SeriesView:
    """Book recurring visits in one write, or return what a first try of the operation booked.

    Raises NotFound, Invalid, NotBookable; SeriesConflicts when none, or not all, can be had.
    """
    id_ = desk.derived_id("ser", desk.context.operation_id)
    for _ in range(TRIES):
        if not request.dry_run and (done := desk.series.get(id_)) is not None:
            return view(desk, done)
        wanted = _wanted(request, id_, desk)
        goings = [_going(wanted, number, request) for number in range(len(wanted.occurrences))]
        placed = plan(desk, wanted, goings)
        series = wanted.with_outcomes(outcomes(wanted, placed))
        if request.dry_run:
            return proposed(series, placed)
        check_conflicts(series, placed, request.conflicts)
        if written(desk, series, placed, new=True):
            return view(desk, series, placed)
    raise keep_changing()


def cancel_series(request: s.CancelSeries, desk: Desk) -> s.SeriesView:
    """Call off one visit, or all still to come from one on, each under its own policy."""
    if request.scope == "this":
        series = get_series(request.series_id, desk)
        _, id_ = one_of(series, request.appointment_id)
        one = r.CancelAppointment(appointment_id=id_, reason=request.reason)
        appointments.cancel_appointment(one, desk)
        return view(desk, series)
    for _ in range(TRIES):
        series, done = current(desk, request.series_id, None)
        if done:
            return view(desk, series)
        ended, changed, told = {}, [], []
        for each in standing(desk, series, request.scope, request.appointment_id):
            if each.visit is None:
                ended[each.number] = each.occurrence.without("called_off")
            elif each.left in {None, BY_HAND} and desk.now < each.visit.start:
                changed.append(each.visit.cancel(request.reason, desk.now, waive_fee=False))
                told.append(each.changed("cancelled"))
            else:
                told.append(each.changed("left", reason=each.left))
        over = series.with_outcomes(ended)
        if written(desk, over, (), changed):
            return view(desk, replace(over, version=over.version + 1), changes=told)
    raise keep_changing()


def _wanted(request: s.BookSeries, id_: str, desk: Desk) -> Series:
    """Return what the rule asks for, nothing of it booked yet."""
    template = request.template
    offering = offering_of(
        desk, template.location_id, template.treatment_id, template.practitioner_id
    )
    there = in_room(offering, template.room_id).location.timezone
    rule = recurrence.parse(request.rrule, there)
    until = None
    if request.until is not None:
        until = recurrence.wall(request.until, there, "until")
    ends = recurrence.ends(rule, request.count, until)
    ons = occurrences(desk, rule, request.local_start, there, ends)
    part = Part(
        first=0,
        rrule=request.rrule,
        practitioner_id=template.practitioner_id,
        room_id=template.room_id,
    )
    return Series(
        id=id_,
        version=1,
        template=template,
        timezone=there,
        on_closure=request.on_closure,
        parts=(part,),
        occurrences=tuple(Occurrence(on=on, outcome="conflict") for on in ons),
    )


def _going(series: Series, number: int, request: s.BookSeries) -> Going:
    template = series.template
    return Going(
        number=number,
        days=series.days_of(number),
        practitioner_id=template.practitioner_id,
        room_id=template.room_id,
        acknowledged=request.acknowledge_alerts,
    )
