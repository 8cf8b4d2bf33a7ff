"""A series as callers see it: its visits, what has none, and what a call did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from booking.domain.appointment import Appointment
from booking.domain.series import Occurrence, Refusal, Series
from booking.ports import Desk
from booking.use_cases.placing import Placed, Put, Refused
from clinic_contracts.booking import series as s


def view(
    desk: Desk,
    series: Series,
    placed: Sequence[Placed] = (),
    changes: Iterable[s.SeriesChange] = (),
) -> s.SeriesView:
    """Return a series as it is kept; of what was just ``placed`` the refusals are told whole."""
    ids = [each.appointment_id for each in series.occurrences if each.appointment_id is not None]
    found = desk.series.visits(ids).values()
    warned = {put.visit.id: put.visit.warnings for put in placed if isinstance(put, Put)}
    seen = [
        replace(visit, warnings=warned.get(visit.id, ()))
        for visit in found
        if desk.context.sees(visit.location_id)
    ]
    return _view(series, seen, conflicts(series, placed), changes)


def proposed(series: Series, placed: Sequence[Placed]) -> s.SeriesView:
    """Return a series that is kept nowhere, with the visits that would be."""
    would = [each.visit for each in placed if isinstance(each, Put)]
    shown = _view(series, would, conflicts(series, placed), ())
    items = tuple(replace(visit, status="proposed") for visit in shown.appointments)
    return replace(shown, id=None, version=0, appointments=items)


def conflicts(series: Series, placed: Iterable[Placed]) -> dict[int, s.SeriesConflict]:
    """Return what cannot be had, by number; what is skipped, as it was asked for, is none."""
    return {
        each.going.number: _conflict(series, each)
        for each in placed
        if isinstance(each, Refused) and not is_skipped(series, each)
    }


def is_skipped(series: Series, refused: Refused) -> bool:
    """Say whether a closure has an occurrence without a visit skipped."""
    skips = series.on_closure == "skip" and refused.going.visit is None
    return skips and refused.refusal.is_closure


def _conflict(series: Series, refused: Refused) -> s.SeriesConflict:
    error, visit = refused.error, refused.going.visit
    return s.SeriesConflict(
        on=series.occurrences[refused.going.number].on,
        local_start=refused.local,
        code=error.code,
        detail=error.detail,
        reason=error.extra.get("reason"),
        appointment_id=None if visit is None else visit.id,
        blocked_by=tuple(error.extra.get("blocked_by", ())),
        alternatives=tuple(error.extra.get("alternatives", ())),
    )


def _view(
    series: Series,
    visits: Iterable[Appointment],
    told: Mapping[int, s.SeriesConflict],
    changes: Iterable[s.SeriesChange],
) -> s.SeriesView:
    kept = {
        number: _kept(each, each.refusal)
        for number, each in enumerate(series.occurrences)
        if each.outcome == "conflict" and each.refusal is not None
    }
    both = {**kept, **told}
    return s.SeriesView(
        id=series.id,
        version=series.version,
        template=series.template,
        parts=tuple(
            s.SeriesPart(
                from_=series.occurrences[part.first].on,
                rrule=part.rrule,
                practitioner_id=part.practitioner_id,
                room_id=part.room_id,
            )
            for part in series.parts
        ),
        timezone=series.timezone,
        on_closure=series.on_closure,
        appointments=tuple(
            visit.view() for visit in sorted(visits, key=lambda visit: (visit.start, visit.id))
        ),
        conflicts=tuple(both[number] for number in sorted(both)),
        skipped=tuple(
            s.SkippedVisit(on=each.on, reason=each.refusal.reason or "", detail=each.refusal.detail)
            for each in series.occurrences
            if each.outcome == "skipped" and each.refusal is not None
        ),
        changes=tuple(changes),
    )


def _kept(occurrence: Occurrence, refusal: Refusal) -> s.SeriesConflict:
    return s.SeriesConflict(
        on=occurrence.on,
        local_start=occurrence.on,
        code=refusal.code,
        detail=refusal.detail,
        reason=refusal.reason,
    )
