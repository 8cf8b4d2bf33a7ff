"""The booking service: every group of its entrypoints, and the proof of its books."""

from booking import repository
from booking.entrypoints.clients import Clients
from booking.entrypoints.closures import Closures
from booking.entrypoints.feeds import Feeds
from booking.entrypoints.fhir import Fhir
from booking.entrypoints.holds import Holds
from booking.entrypoints.reports import Reports
from booking.entrypoints.series import Recurring
from booking.entrypoints.settings import Settings
from booking.entrypoints.tzdb import Tzdb
from booking.entrypoints.visits import Visits
from booking.entrypoints.waitlist import Waitlist
from booking.entrypoints.worklists import Worklists
from clinic_contracts.booking import operations as op
from clinic_contracts.context import CallContext
from clinic_contracts.operations import Verification, Verify
from clinic_runtime.rpc import command
from clinic_runtime.verify import base_counts


class BookingService(
    Settings,
    Closures,
    Visits,
    Holds,
    Recurring,
    Waitlist,
    Worklists,
    Clients,
    Feeds,
    Fhir,
    Reports,
    Tzdb,
):
    """Locations, practitioners, treatments, availability and appointments."""

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Prove that nothing overlaps, from the visits' times alone."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        return Verification(
            service=self.name,
            findings=findings | repository.findings(self.database),
            counts=counts | repository.counts(self.database),
        )
