"""What other services say of clients, and what it means for their bookings."""

from booking import repository
from booking.entrypoints.base import Entrypoints
from booking.use_cases import clients
from clinic_contracts.booking import clients as c
from clinic_contracts.booking import operations as op
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_runtime.events import handles
from clinic_runtime.rpc import command


class Clients(Entrypoints):
    """Alerts, referrals and what payers have left."""

    projections = repository.PROJECTIONS

    @handles(*repository.KEPT)
    def keep(self, event: Event) -> None:
        """Keep what other services say of clients."""
        repository.MongoClients(self.database).keep(event)

    @command(op.GET_BOOKING_LIMITS)
    def get_booking_limits(
        self, request: c.GetBookingLimits, context: CallContext
    ) -> c.BookingLimits:
        """Return what bounds a client's bookings."""
        return clients.booking_limits(request.client_id, self._desk(context))
