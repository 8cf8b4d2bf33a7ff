"""The booking service: what it answers. Entrypoints translate; the use cases decide."""

from booking import repository
from booking.domain.appointment import Appointment
from booking.ports import Desk
from booking.use_cases import appointments, lists, settings
from clinic_contracts.booking import operations as op
from clinic_contracts.booking import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.operations import Verification, Verify
from clinic_runtime.clock import now, tzdata_version
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.operations import Operable
from clinic_runtime.outbox import Outbox
from clinic_runtime.process import OneForAll
from clinic_runtime.rpc import command
from clinic_runtime.verify import base_counts


class BookingService(Operable):
    """Locations, practitioners, treatments, availability and appointments."""

    name = "booking"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)
    recent = OneForAll(repository.Recent)

    @command(op.CREATE_LOCATION)
    def create_location(self, request: r.CreateLocation, context: CallContext) -> r.LocationView:
        """Open a location."""
        return settings.create_location(request, self._desk(context))

    @command(op.CHANGE_LOCATION)
    def change_location(self, request: r.ChangeLocation, context: CallContext) -> r.LocationView:
        """Change a location."""
        return settings.change_location(request, self._desk(context))

    @command(op.GET_LOCATION)
    def get_location(self, request: r.GetLocation, context: CallContext) -> r.LocationView:
        """Return a location."""
        return settings.get(r.LocationView, request.location_id, self._desk(context))

    @command(op.LIST_LOCATIONS)
    def list_locations(self, request: r.ListAll, context: CallContext) -> r.LocationPage:
        """Return a page of the locations the caller may see."""
        items, following = settings.list_of(r.LocationView, request, self._desk(context))
        return r.LocationPage(items=items, next=following)

    @command(op.CREATE_PRACTITIONER)
    def create_practitioner(
        self, request: r.CreatePractitioner, context: CallContext
    ) -> r.PractitionerView:
        """Take on a practitioner."""
        return settings.create_practitioner(request, self._desk(context))

    @command(op.CHANGE_PRACTITIONER)
    def change_practitioner(
        self, request: r.ChangePractitioner, context: CallContext
    ) -> r.PractitionerView:
        """Change a practitioner."""
        return settings.change_practitioner(request, self._desk(context))

    @command(op.GET_PRACTITIONER)
    def get_practitioner(
        self, request: r.GetPractitioner, context: CallContext
    ) -> r.PractitionerView:
        """Return a practitioner."""
        return settings.get(r.PractitionerView, request.practitioner_id, self._desk(context))

    @command(op.LIST_PRACTITIONERS)
    def list_practitioners(self, request: r.ListAll, context: CallContext) -> r.PractitionerPage:
        """Return a page of the practitioners the caller may see."""
        items, following = settings.list_of(r.PractitionerView, request, self._desk(context))
        return r.PractitionerPage(items=items, next=following)

    @command(op.CREATE_TREATMENT)
    def create_treatment(self, request: r.CreateTreatment, context: CallContext) -> r.TreatmentView:
        """Offer a treatment."""
        return settings.create_treatment(request, self._desk(context))

    @command(op.CHANGE_TREATMENT)
    def change_treatment(self, request: r.ChangeTreatment, context: CallContext) -> r.TreatmentView:
        """Change a treatment."""
        return settings.change_treatment(request, self._desk(context))

    @command(op.GET_TREATMENT)
    def get_treatment(self, request: r.GetTreatment, context: CallContext) -> r.TreatmentView:
        """Return a treatment."""
        return settings.get(r.TreatmentView, request.treatment_id, self._desk(context))

    @command(op.LIST_TREATMENTS)
    def list_treatments(self, request: r.ListAll, context: CallContext) -> r.TreatmentPage:
        """Return a page of treatments."""
        items, following = settings.list_of(r.TreatmentView, request, self._desk(context))
        return r.TreatmentPage(items=items, next=following)

    @command(op.FIND_AVAILABILITY)
    def find_availability(
        self, request: r.FindAvailability, context: CallContext
    ) -> r.Availability:
        """Return free slots."""
        return appointments.find_availability(request, self._desk(context))

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
        return appointments.change_status(request, desk, Appointment.fulfil).view()

    @command(op.MARK_NO_SHOW)
    def mark_no_show(self, request: r.ChangeStatus, context: CallContext) -> r.AppointmentView:
        """Record that the client did not come."""
        return appointments.mark_no_show(request, self._desk(context)).view()

    @command(op.GET_DAY_SHEET)
    def get_day_sheet(self, request: r.GetDaySheet, context: CallContext) -> r.DaySheet:
        """Return a location's day."""
        return lists.day_sheet(request, self._desk(context))

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Prove that nothing overlaps, from the visits' times alone."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        return Verification(
            service=self.name,
            findings=findings | repository.findings(self.database),
            counts=counts | repository.counts(self.database),
        )

    def _desk(self, context: CallContext) -> Desk:
        return Desk(
            settings=repository.MongoSettings(self.database, self.recent),
            appointments=repository.MongoAppointments(self.database),
            context=context,
            now=now(),
            tzdata=tzdata_version(),
            derived_id=derived_id,
        )
