"""Availability, appointments and the day sheet."""

from booking.domain.appointment import Appointment
from booking.entrypoints.base import Entrypoints
from booking.entrypoints.wire import written
from booking.use_cases import appointments, day_sheet, lists
from clinic_contracts.booking import operations as op
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.history import GetHistory, History
from clinic_contracts.context import CallContext
from clinic_contracts.trusted import Written
from clinic_runtime.rpc import command


class Visits(Entrypoints):
    """Finding a time, and the life of a visit."""

    @command(op.FIND_AVAILABILITY)
    def find_availability(self, request: r.FindAvailability, context: CallContext) -> Written:
        """Return free slots, an ``Availability``."""
        return written(appointments.find_availability(request, self._desk(context)))

    @command(op.BOOK_APPOINTMENT)
    def book_appointment(
        self, request: r.BookAppointment, context: CallContext
    ) -> r.AppointmentView:
        """Book a visit."""
        return appointments.book_appointment(request, self._desk(context)).view()

    @command(op.GET_APPOINTMENT)
    def get_appointment(self, request: r.GetAppointment, context: CallContext) -> r.AppointmentView:
        """Return an appointment, as it is or was."""
        id_, desk = request.appointment_id, self._desk(context)
        if request.as_of is not None:
            return appointments.get_appointment_as_of(id_, request.as_of, desk).view()
        return appointments.get_appointment(id_, desk).view()

    @command(op.GET_HISTORY)
    def get_history(self, request: GetHistory, context: CallContext) -> History:
        """Return what became of an appointment."""
        return appointments.get_history(request.appointment_id, self._desk(context))

    @command(op.LIST_APPOINTMENTS)
    def list_appointments(
        self, request: r.ListAppointments, context: CallContext
    ) -> r.AppointmentPage:
        """Return a page of appointments."""
        return lists.list_appointments(request, self._desk(context))

    @command(op.MOVE_APPOINTMENT)
    def move_appointment(
        self, request: r.MoveAppointment, context: CallContext
    ) -> r.AppointmentView:
        """Move a visit."""
        return appointments.move_appointment(request, self._desk(context)).view()

    @command(op.CANCEL_APPOINTMENT)
    def cancel_appointment(
        self, request: r.CancelAppointment, context: CallContext
    ) -> r.AppointmentView:
        """Call a visit off."""
        return appointments.cancel_appointment(request, self._desk(context)).view()

    @command(op.ARRIVE)
    def arrive(self, request: r.ChangeStatus, context: CallContext) -> r.AppointmentView:
        """Record that the client is here."""
        desk = self._desk(context)
        return appointments.change_status(request, desk, Appointment.arrive).view()

    @command(op.UNARRIVE)
    def unarrive(self, request: r.ChangeStatus, context: CallContext) -> r.AppointmentView:
        """Take an arrival back."""
        desk = self._desk(context)
        return appointments.change_status(request, desk, Appointment.unarrive).view()

    @command(op.FULFIL)
    def fulfil(self, request: r.ChangeStatus, context: CallContext) -> r.AppointmentView:
        """Record that the treatment was given."""
        desk = self._desk(context)
        done = appointments.change_status(request, desk, lambda visit: visit.fulfil(desk.now))
        return done.view()

    @command(op.MARK_NO_SHOW)
    def mark_no_show(self, request: r.ChangeStatus, context: CallContext) -> r.AppointmentView:
        """Record that the client did not come."""
        return appointments.mark_no_show(request, self._desk(context)).view()

    @command(op.GET_DAY_SHEET)
    def get_day_sheet(self, request: r.GetDaySheet, context: CallContext) -> r.DaySheet:
        """Return a location's day."""
        return day_sheet.day_sheet(request, self._desk(context))
