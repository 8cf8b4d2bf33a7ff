"""Locations, practitioners and treatments."""

from booking.entrypoints.base import Entrypoints
from booking.use_cases import settings
from clinic_contracts.booking import operations as op
from clinic_contracts.booking import requests as r
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Settings(Entrypoints):
    """What a location, a practitioner or a treatment is."""

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
