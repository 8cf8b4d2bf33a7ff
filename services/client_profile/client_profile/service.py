"""The client_profile service. Entrypoints translate; the use cases decide."""

import base64
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from client_profile import repository, resources
from client_profile.phones import normal_phone
from client_profile.ports import Desk
from client_profile.use_cases import access_log, alerts, clients, referrals
from clinic_contracts.booking.events import AppointmentBooked, AppointmentMoved
from clinic_contracts.client_profile import access_log as g
from clinic_contracts.client_profile import alerts as a
from clinic_contracts.client_profile import fhir
from clinic_contracts.client_profile import operations as op
from clinic_contracts.client_profile import referrals as f
from clinic_contracts.client_profile import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.fhir import Resource, record_id
from clinic_contracts.operations import Verification, Verify
from clinic_runtime import wire
from clinic_runtime.clock import now
from clinic_runtime.events import handles
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.operations import Operable
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import command
from clinic_runtime.sealing import FieldSealer
from clinic_runtime.verify import base_counts

T = TypeVar("T")


class ClientProfileService(Operable):
    """Clients, their coverages, consents, alerts and referrals."""

    name = "client_profile"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)
    sealer = FieldSealer()

    @handles(AppointmentBooked, AppointmentMoved)
    def follow_visit(self, event: Event) -> None:
        """Make a client one of the location they have a visit at."""
        visit = event.data.visit
        desk = self._desk(event.caused())
        clients.follow_visit(visit.client_id, visit.location_id, event.occurred_at, desk)

    @command(op.REGISTER_CLIENT)
    def register_client(self, request: r.RegisterClient, context: CallContext) -> r.ClientView:
        """Register a client."""
        return clients.register_client(request, self._desk(context))

    @command(op.CHANGE_CLIENT)
    def change_client(self, request: r.ChangeClient, context: CallContext) -> r.ClientView:
        """Change a client."""
        return clients.change_client(request, self._desk(context))

    @command(op.GET_CLIENT)
    def get_client(self, request: r.GetClient, context: CallContext) -> r.ClientView:
        """Return a client."""
        look = partial(clients.get_client, request.client_id)
        return self._viewed("client", request.client_id, look, context)

    @command(op.GET_FHIR_RESOURCE)
    def get_fhir_resource(self, request: fhir.GetResource, context: CallContext) -> Resource:
        """Return a client as a Patient: the same look at a chart as ``get_client``."""
        client_id = record_id(request.resource_id)
        look = partial(clients.get_client, client_id)
        patient = resources.patient(self._viewed("client", client_id, look, context), context)
        return Resource(content_base64=base64.b64encode(wire.encode(patient)).decode())

    @command(op.SEARCH_CLIENTS)
    def search_clients(self, request: r.SearchClients, context: CallContext) -> r.ClientPage:
        """Find clients as one types."""
        return clients.search_clients(request, self._desk(context))

    @command(op.NAME_CLIENTS)
    def name_clients(self, request: r.NameClients, context: CallContext) -> r.ClientNames:
        """Say what clients are called."""
        return clients.name_clients(request, self._desk(context))

    @command(op.ADD_COVERAGE)
    def add_coverage(self, request: r.AddCoverage, context: CallContext) -> r.CoverageView:
        """Add a coverage."""
        return clients.add_coverage(request, self._desk(context))

    @command(op.GET_COVERAGE)
    def get_coverage(self, request: r.GetCoverage, context: CallContext) -> r.CoverageView:
        """Return a coverage."""
        return clients.get_coverage(request, self._desk(context))

    @command(op.CHANGE_COVERAGE)
    def change_coverage(self, request: r.ChangeCoverage, context: CallContext) -> r.CoverageView:
        """Change a coverage."""
        return clients.change_coverage(request, self._desk(context))

    @command(op.LIST_COVERAGES)
    def list_coverages(self, request: r.ListOfClient, context: CallContext) -> r.CoverageList:
        """List a client's coverages."""
        look = partial(clients.list_coverages, request.client_id)
        return self._viewed("coverages", request.client_id, look, context)

    @command(op.RECORD_CONSENT)
    def record_consent(self, request: r.RecordConsent, context: CallContext) -> r.ConsentView:
        """Record a consent."""
        return clients.record_consent(request, self._desk(context))

    @command(op.LIST_CONSENTS)
    def list_consents(self, request: r.ListOfClient, context: CallContext) -> r.ConsentList:
        """List a client's consents."""
        look = partial(clients.list_consents, request.client_id)
        return self._viewed("consents", request.client_id, look, context)

    @command(op.RAISE_ALERT)
    def raise_alert(self, request: a.RaiseAlert, context: CallContext) -> a.AlertView:
        """Raise an alert."""
        return alerts.raise_alert(request, self._desk(context))

    @command(op.LIST_ALERTS)
    def list_alerts(self, request: r.ListOfClient, context: CallContext) -> a.AlertList:
        """List a client's alerts."""
        look = partial(alerts.list_alerts, request)
        return self._viewed("alerts", request.client_id, look, context)

    @command(op.GET_ALERT)
    def get_alert(self, request: a.GetAlert, context: CallContext) -> a.AlertView:
        """Return an alert."""
        look = partial(alerts.get_alert, request)
        return self._viewed("alerts", request.client_id, look, context)

    @command(op.CHANGE_ALERT)
    def change_alert(self, request: a.ChangeAlert, context: CallContext) -> a.AlertView:
        """Change an alert."""
        return alerts.change_alert(request, self._desk(context))

    @command(op.LIFT_ALERT)
    def lift_alert(self, request: a.LiftAlert, context: CallContext) -> a.AlertView:
        """Lift an alert."""
        return alerts.lift_alert(request, self._desk(context))

    @command(op.ADD_REFERRAL)
    def add_referral(self, request: f.AddReferral, context: CallContext) -> f.ReferralView:
        """Add a referral."""
        return referrals.add_referral(request, self._desk(context))

    @command(op.LIST_REFERRALS)
    def list_referrals(self, request: r.ListOfClient, context: CallContext) -> f.ReferralList:
        """List a client's referrals."""
        look = partial(referrals.list_referrals, request)
        return self._viewed("referrals", request.client_id, look, context)

    @command(op.READ_ACCESS_LOG)
    def read_access_log(self, request: g.ReadAccessLog, context: CallContext) -> g.AccessPage:
        """Say who looked at a client's record."""
        return access_log.read_access_log(request, self._desk(context), self._access_log())

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Check the service's own books."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        counts |= repository.counts(self.database)
        return Verification(service=self.name, findings=findings, counts=counts)

    def _viewed(
        self, what: g.Viewed, client_id: str, look: Callable[[Desk], T], context: CallContext
    ) -> T:
        return access_log.viewed(client_id, what, look, self._desk(context), self._access_log())

    def _access_log(self) -> repository.MongoAccessLog:
        return repository.MongoAccessLog(self.database)

    def _desk(self, context: CallContext) -> Desk:
        return Desk(
            clients=repository.MongoClients(self.database, self.sealer),
            charts=repository.MongoCharts(self.database, self.sealer),
            context=context,
            now=now(),
            normal_phone=normal_phone,
            derived_id=derived_id,
        )
