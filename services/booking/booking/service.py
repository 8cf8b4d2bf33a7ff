"""The booking service: what it answers. Entrypoints translate; the use cases decide."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from booking import lists, manage, repository, use_cases
from booking.domain.appointment import Appointment
from booking.ports import Desk
from clinic_contracts.booking import operations as op
from clinic_contracts.booking import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.operations import Verification, Verify
from clinic_runtime import paging
from clinic_runtime.clock import now, tzdata_version
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import command
from clinic_runtime.verify import base_counts

Transition = Callable[[Appointment], tuple[Appointment, Any]]


class BookingService:
    """Locations, practitioners, treatments, availability and appointments."""

    name = "booking"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)

    @command(op.CREATE_LOCATION)
    def create_location(self, request: r.CreateLocation, context: CallContext) -> r.LocationView:
        """Open a location."""
        return manage.create_location(request, _ids(context), self._desk(context))

    @command(op.CHANGE_LOCATION)
    def change_location(self, request: r.ChangeLocation, context: CallContext) -> r.LocationView:
        """Change a location."""
        return manage.change_location(request, _ids(context), self._desk(context))

    @command(op.GET_LOCATION)
    def get_location(self, request: r.GetLocation, context: CallContext) -> r.LocationView:
        """Return a location."""
        return manage.get(r.LocationView, request.location_id, self._desk(context))

    @command(op.LIST_LOCATIONS)
    def list_locations(self, request: r.ListAll, context: CallContext) -> r.LocationPage:
        """Return a page of the locations the caller may see."""
        items, following = self._page(r.LocationView, request, context)
        return r.LocationPage(items=tuple(items), next=following)

    @command(op.CREATE_PRACTITIONER)
    def create_practitioner(
        self, request: r.CreatePractitioner, context: CallContext
    ) -> r.PractitionerView:
        """Take on a practitioner."""
        return manage.create_practitioner(request, _ids(context), self._desk(context))

    @command(op.CHANGE_PRACTITIONER)
    def change_practitioner(
        self, request: r.ChangePractitioner, context: CallContext
    ) -> r.PractitionerView:
        """Change a practitioner."""
        return manage.change_practitioner(request, self._desk(context))

    @command(op.GET_PRACTITIONER)
    def get_practitioner(
        self, request: r.GetPractitioner, context: CallContext
    ) -> r.PractitionerView:
        """Return a practitioner."""
        return manage.get(r.PractitionerView, request.practitioner_id, self._desk(context))

    @command(op.LIST_PRACTITIONERS)
    def list_practitioners(self, request: r.ListAll, context: CallContext) -> r.PractitionerPage:
        """Return a page of the practitioners the caller may see."""
        items, following = self._page(r.PractitionerView, request, context)
        return r.PractitionerPage(items=tuple(items), next=following)

    @command(op.CREATE_TREATMENT)
    def create_treatment(self, request: r.CreateTreatment, context: CallContext) -> r.TreatmentView:
        """Offer a treatment."""
        return manage.create_treatment(request, _ids(context), self._desk(context))

    @command(op.CHANGE_TREATMENT)
    def change_treatment(self, request: r.ChangeTreatment, context: CallContext) -> r.TreatmentView:
        """Change a treatment."""
        return manage.change_treatment(request, self._desk(context))

    @command(op.GET_TREATMENT)
    def get_treatment(self, request: r.GetTreatment, context: CallContext) -> r.TreatmentView:
        """Return a treatment."""
        return manage.get(r.TreatmentView, request.treatment_id, self._desk(context))

    @command(op.LIST_TREATMENTS)
    def list_treatments(self, request: r.ListAll, context: CallContext) -> r.TreatmentPage:
        """Return a page of treatments."""
        items, following = self._page(r.TreatmentView, request, context)
        return r.TreatmentPage(items=tuple(items), next=following)

    @command(op.FIND_AVAILABILITY)
    def find_availability(
        self, request: r.FindAvailability, context: CallContext
    ) -> r.Availability:
        """Return free slots."""
        return use_cases.find_availability(request, self._desk(context))

    @command(op.BOOK_APPOINTMENT)
    def book_appointment(
        self, request: r.BookAppointment, context: CallContext
    ) -> r.AppointmentView:
        """Book a visit."""
        id_ = _ids(context)("apt", "")
        return use_cases.book_appointment(request, id_, self._desk(context)).view()

    @command(op.GET_APPOINTMENT)
    def get_appointment(self, request: r.GetAppointment, context: CallContext) -> r.AppointmentView:
        """Return an appointment."""
        return use_cases.get_appointment(request.appointment_id, self._desk(context)).view()

    @command(op.LIST_APPOINTMENTS)
    def list_appointments(
        self, request: r.ListAppointments, context: CallContext
    ) -> r.AppointmentPage:
        """Return a page of appointments."""
        after = paging.decode(request.cursor, datetime, str)
        found = lists.list_appointments(request, after, self._desk(context))
        page = found[: request.limit]
        following = _cursor(page[-1]) if len(found) > request.limit else None
        return r.AppointmentPage(items=tuple(a.view() for a in page), next=following)

    @command(op.MOVE_APPOINTMENT)
    def move_appointment(
        self, request: r.MoveAppointment, context: CallContext
    ) -> r.AppointmentView:
        """Move a visit."""
        return use_cases.move_appointment(request, self._desk(context)).view()

    @command(op.CANCEL_APPOINTMENT)
    def cancel_appointment(
        self, request: r.CancelAppointment, context: CallContext
    ) -> r.AppointmentView:
        """Call a visit off."""
        return use_cases.cancel_appointment(request, self._desk(context)).view()

    @command(op.ARRIVE)
    def arrive(self, request: r.ChangeStatus, context: CallContext) -> r.AppointmentView:
        """Record that the client is here."""
        return self._change(request, context, Appointment.arrive)

    @command(op.UNARRIVE)
    def unarrive(self, request: r.ChangeStatus, context: CallContext) -> r.AppointmentView:
        """Take an arrival back."""
        return self._change(request, context, Appointment.unarrive)

    @command(op.FULFIL)
    def fulfil(self, request: r.ChangeStatus, context: CallContext) -> r.AppointmentView:
        """Record that the treatment was given."""
        return self._change(request, context, Appointment.fulfil)

    @command(op.MARK_NO_SHOW)
    def mark_no_show(self, request: r.ChangeStatus, context: CallContext) -> r.AppointmentView:
        """Record that the client did not come."""
        return use_cases.mark_no_show(request, self._desk(context)).view()

    @command(op.GET_DAY_SHEET)
    def get_day_sheet(self, request: r.GetDaySheet, context: CallContext) -> r.DaySheet:
        """Return a location's day."""
        return lists.day_sheet(request, self._desk(context))

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Prove that nothing overlaps, from the visits' times alone."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        findings["overlaps"] = repository.overlaps(self.database)
        counts["appointments"] = self.database["appointments"].count_documents({})
        return Verification(service=self.name, findings=findings, counts=counts)

    def _change(
        self, request: r.ChangeStatus, context: CallContext, change: Transition
    ) -> r.AppointmentView:
        return use_cases.change_status(request, self._desk(context), change).view()

    def _desk(self, context: CallContext) -> Desk:
        return Desk(
            settings=repository.MongoSettings(self.database),
            appointments=repository.MongoAppointments(self.database),
            context=context,
            now=now(),
            tzdata=tzdata_version(),
        )

    def _page(
        self,
        kind: Any,  # noqa: ANN401 (a class of settings)
        request: r.ListAll,
        context: CallContext,
    ) -> tuple[list[Any], Any]:
        after = paging.decode(request.cursor, str, str)
        found = self._desk(context).settings.page(
            kind, after, request.limit + 1, context.location_scope
        )
        page: list[Any] = found[: request.limit]
        more = len(found) > request.limit
        return page, paging.encode([page[-1].name.casefold(), page[-1].id]) if more else None


def _ids(context: CallContext) -> manage.NewId:
    def new_id(prefix: str, part: str) -> str:
        return derived_id(prefix, context.operation_id, part)

    return new_id


def _cursor(last: Appointment) -> str:
    return paging.encode([last.start, last.id])
