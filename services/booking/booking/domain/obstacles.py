"""Why visits cannot take place as they stand, by what the settings are now."""

from dataclasses import replace
from datetime import timedelta

from booking.domain.appointment import Appointment
from booking.domain.availability import Offering, Span
from booking.domain.bookable import Board
from booking.domain.calendar import Calendar
from booking.domain.ticks import TICK, Mask
from clinic_contracts.booking.day import Obstacle
from clinic_contracts.booking.requests import LocationView, PractitionerView, TreatmentView
from clinic_contracts.errors import NotBookable


class Review:
    """A look at a location's visits of a period, ``calendar`` that of whoever has them.

    When each could be is known for the whole period at once, so that many visits cost little more
    than a few.
    """

    def __init__(self, location: LocationView, calendar: Calendar, span: Span) -> None:
        self.location = location
        self.calendar = calendar
        self.span = span
        self.rooms = {room.id for room in location.rooms}
        self.starts: dict[tuple[str, str, timedelta], tuple[Board, Mask]] = {}

    def why_not(
        self, visit: Appointment, treatment: TreatmentView, practitioner: PractitionerView
    ) -> tuple[Obstacle, ...]:
        """Return what stands in the way of a booked visit, nothing when it can take place.

        It keeps the length it was booked with, and the unit of equipment that it has.
        """
        found = []
        board, starts = self._starts(visit, treatment, practitioner)
        if not starts & board.line.span(visit.start, visit.start + timedelta(minutes=TICK)):
            found.append(refused(board.why_not(practitioner, visit.start)))
        if visit.room_id not in self.rooms:
            detail = f"its room is not at {self.location.name} any more"
            found.append(Obstacle(reason="room_removed", detail=detail))
        if visit.overlaps:
            found.append(double_booked(visit))
        return tuple(found)

    def _starts(
        self, visit: Appointment, treatment: TreatmentView, practitioner: PractitionerView
    ) -> tuple[Board, Mask]:
        key = treatment.id, practitioner.id, visit.end - visit.start
        if key not in self.starts:
            minutes = (visit.end - visit.start) // timedelta(minutes=1)
            terms = replace(treatment, duration=minutes)
            offering = Offering(self.location, terms, (practitioner,), calendar=self.calendar)
            board = Board(offering, self.span.start, self.span.end)
            self.starts[key] = board, board.starts(practitioner)
        return self.starts[key]


def refused(error: NotBookable) -> Obstacle:
    """Return a refusal as what stands in a visit's way."""
    return Obstacle(reason=error.extra["reason"], detail=error.detail)


def double_booked(visit: Appointment) -> Obstacle:
    """Return the obstacle that other visits have its practitioner, room or equipment too."""
    detail = "it was double-booked on purpose"
    return Obstacle(reason="double_booked", detail=detail, appointment_ids=visit.overlaps)


def outcome_missing(visit: Appointment) -> Obstacle:
    """Return what is not known of a visit whose end has passed."""
    if visit.status == "arrived":
        return Obstacle(reason="not_fulfilled", detail="the client came: was the treatment given?")
    return Obstacle(reason="not_arrived", detail="did the client come?")
