"""The client_profile service. Entrypoints translate; the use cases decide."""

from typing import Any

import phonenumbers
from nameko.extensions import DependencyProvider

from client_profile import domain, repository, use_cases
from client_profile.ports import Desk
from client_profile.sealing import Sealer
from clinic_contracts.client_profile import operations as op
from clinic_contracts.client_profile import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.operations import Verification, Verify
from clinic_runtime import paging
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import command
from clinic_runtime.verify import base_counts

HOME_REGION = "CA"


class FieldSealer(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """The process's one sealer; a key that is none stops the start."""

    sealer: Sealer

    def setup(self) -> None:
        """Read the keys."""
        self.sealer = Sealer(self.container.config["field_key"])

    def get_dependency(self, worker_ctx: Any) -> Sealer:  # noqa: ANN401, ARG002 (nameko's hook)
        """Return the sealer."""
        return self.sealer


class ClientProfileService:
    """Clients, coverages and consents."""

    name = "client_profile"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)
    sealer = FieldSealer()

    @command(op.REGISTER_CLIENT)
    def register_client(self, request: r.RegisterClient, context: CallContext) -> r.ClientView:
        """Register a client."""
        id_ = derived_id("cli", context.operation_id)
        return use_cases.register_client(request, id_, self._desk(context))

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
        after = paging.decode(request.cursor, str, str)
        found = use_cases.search_clients(request, after, self._desk(context))
        page = found[: request.limit]
        more = len(found) > request.limit
        following = paging.encode([domain.folded(page[-1].name), page[-1].id]) if more else None
        return r.ClientPage(items=tuple(page), next=following)

    @command(op.ADD_COVERAGE)
    def add_coverage(self, request: r.AddCoverage, context: CallContext) -> r.CoverageView:
        """Add a coverage."""
        id_ = derived_id("pol", context.operation_id)
        return use_cases.add_coverage(request, id_, self._desk(context))

    @command(op.LIST_COVERAGES)
    def list_coverages(self, request: r.ListOfClient, context: CallContext) -> r.CoverageList:
        """List a client's coverages."""
        return use_cases.list_coverages(request.client_id, self._desk(context))

    @command(op.RECORD_CONSENT)
    def record_consent(self, request: r.RecordConsent, context: CallContext) -> r.ConsentView:
        """Record a consent."""
        id_ = derived_id("con", request.client_id, request.purpose, request.channel)
        return use_cases.record_consent(request, id_, self._desk(context))

    @command(op.LIST_CONSENTS)
    def list_consents(self, request: r.ListOfClient, context: CallContext) -> r.ConsentList:
        """List a client's consents."""
        return use_cases.list_consents(request.client_id, self._desk(context))

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Check the service's own books."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        counts["clients"] = self.database["clients"].count_documents({})
        return Verification(service=self.name, findings=findings, counts=counts)

    def _desk(self, context: CallContext) -> Desk:
        clients = repository.MongoClients(self.database, self.sealer)
        return Desk(clients, context, now(), normal_phone)


def normal_phone(text: str) -> str | None:
    """Return a phone number as E.164, or None when it cannot be one."""
    try:
        number: Any = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
