"""Booking's records in FHIR."""

import base64

from booking.entrypoints.base import Entrypoints
from booking.use_cases import fhir
from booking.use_cases.fhir import Found
from clinic_contracts.booking import fhir as f
from clinic_contracts.booking import operations as op
from clinic_contracts.booking import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.fhir import Resource, ResourcePage
from clinic_runtime import wire
from clinic_runtime.rpc import command


class Fhir(Entrypoints):
    """Resources by their ids; visits, schedules and free times by what they are about."""

    @command(op.GET_FHIR_RESOURCE)
    def get_fhir_resource(self, request: f.GetResource, context: CallContext) -> Resource:
        """Return a record as a resource."""
        return Resource(content_base64=_carried(fhir.get_resource(request, self._desk(context))))

    @command(op.SEARCH_FHIR_APPOINTMENTS)
    def search_fhir_appointments(
        self, request: r.ListAppointments, context: CallContext
    ) -> ResourcePage:
        """Return a page of visits."""
        return _page(fhir.search_appointments(request, self._desk(context)))

    @command(op.SEARCH_FHIR_SCHEDULES)
    def search_fhir_schedules(
        self, request: f.SearchSchedules, context: CallContext
    ) -> ResourcePage:
        """Return a practitioner's schedules."""
        return _page(fhir.search_schedules(request, self._desk(context)))

    @command(op.SEARCH_FHIR_SLOTS)
    def search_fhir_slots(self, request: f.SearchSlots, context: CallContext) -> ResourcePage:
        """Return a page of free times."""
        return _page(fhir.search_slots(request, self._desk(context)))


def _page(found: Found) -> ResourcePage:
    return ResourcePage(content_base64=_carried(list(found.resources)), next=found.next)


def _carried(document: object) -> str:
    return base64.b64encode(wire.encode(document)).decode()
