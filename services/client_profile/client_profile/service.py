"""The client_profile service. Entrypoints translate; the use cases decide."""

from client_profile import repository, use_cases
from client_profile.phones import normal_phone
from client_profile.ports import Desk
from client_profile.sealing import FieldSealer
from clinic_contracts.client_profile import operations as op
from clinic_contracts.client_profile import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.operations import Verification, Verify
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.operations import Operable
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import command
from clinic_runtime.verify import base_counts


class ClientProfileService(Operable):
    """Clients, coverages and consents."""

    name = "client_profile"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)
    sealer = FieldSealer()

    @command(op.REGISTER_CLIENT)
    def register_client(self, request: r.RegisterClient, context: CallContext) -> r.ClientView:
        """Register a client."""
        return use_cases.register_client(request, self._desk(context))

    @command(op.CHANGE_CLIENT)
    def change_client(self, request: r.ChangeClient, context: CallContext) -> r.ClientView:
        """Change a client."""
        return use_cases.change_client(request, self._desk(context))

    @command(op.GET_CLIENT)
    def get_client(self, request: r.GetClient, context: CallContext) -> r.ClientView:
        """Return a client."""
        return use_cases.get_client(request.client_id, self._desk(context))

    @command(op.SEARCH_CLIENTS)
    def search_clients(self, request: r.SearchClients, context: CallContext) -> r.ClientPage:
        """Find clients as one types."""
        return use_cases.search_clients(request, self._desk(context))

    @command(op.ADD_COVERAGE)
    def add_coverage(self, request: r.AddCoverage, context: CallContext) -> r.CoverageView:
        """Add a coverage."""
        return use_cases.add_coverage(request, self._desk(context))

    @command(op.LIST_COVERAGES)
    def list_coverages(self, request: r.ListOfClient, context: CallContext) -> r.CoverageList:
        """List a client's coverages."""
        return use_cases.list_coverages(request.client_id, self._desk(context))

    @command(op.RECORD_CONSENT)
    def record_consent(self, request: r.RecordConsent, context: CallContext) -> r.ConsentView:
        """Record a consent."""
        return use_cases.record_consent(request, self._desk(context))

    @command(op.LIST_CONSENTS)
    def list_consents(self, request: r.ListOfClient, context: CallContext) -> r.ConsentList:
        """List a client's consents."""
        return use_cases.list_consents(request.client_id, self._desk(context))

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Check the service's own books."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        counts |= repository.counts(self.database)
        return Verification(service=self.name, findings=findings, counts=counts)

    def _desk(self, context: CallContext) -> Desk:
        return Desk(
            clients=repository.MongoClients(self.database, self.sealer),
            context=context,
            now=now(),
            normal_phone=normal_phone,
            derived_id=derived_id,
        )
