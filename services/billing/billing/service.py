"""The billing service. Entrypoints translate; the use cases decide."""

from billing import repository
from billing.entrypoints.day_closes import DayCloses
from billing.entrypoints.eligibility import Eligibilities
from billing.entrypoints.fhir import Fhir
from billing.entrypoints.invoices import Invoices
from billing.entrypoints.payer_files import PayerFiles
from billing.entrypoints.payer_rules import PayerRules
from billing.entrypoints.payments import Payments
from billing.entrypoints.prepaid import Prepaid
from billing.entrypoints.reports import Reports
from billing.entrypoints.statements import Statements
from billing.use_cases.coverages import bill_late, tell_left
from clinic_contracts.billing import operations as op
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.operations import Verification, Verify
from clinic_runtime.events import handles
from clinic_runtime.observability import get_logger
from clinic_runtime.rpc import command
from clinic_runtime.verify import base_counts

log = get_logger(__name__)


class BillingService(
    Invoices,
    Payments,
    Prepaid,
    DayCloses,
    Statements,
    Reports,
    Eligibilities,
    PayerFiles,
    PayerRules,
    Fhir,
):
    """Invoices, payments, receipts, claims and the ledger."""

    @handles(*repository.KEPT)
    def keep(self, event: Event) -> None:
        """Keep what other services say of theirs."""
        repository.keep(self.database, event)
        if isinstance(event.data, CoverageChanged):
            desk = self._desk(event.caused())
            tell_left(event.data, event.seq, desk)
            left = bill_late(event.data, event.occurred_at, desk)
            if left:
                log.warning("coverage.heard_late", coverage_id=event.subject, invoice_ids=left)

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Prove the ledger, invoices, claims, payments and receipts against each other."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        return Verification(
            service=self.name,
            findings=findings | repository.findings(self.database),
            counts=counts | repository.counts(self.database),
        )
