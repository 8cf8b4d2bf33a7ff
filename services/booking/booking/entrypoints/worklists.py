"""Worklists, and moving many visits at once."""

from booking.entrypoints.base import Entrypoints
from booking.use_cases import bulk_moves, worklists
from clinic_contracts.booking import operations as op
from clinic_contracts.booking import worklists as w
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Worklists(Entrypoints):
    """Visits that somebody must do something about."""

    @command(op.LIST_TO_RESCHEDULE)
    def list_to_reschedule(
        self, request: w.ListToReschedule, context: CallContext
    ) -> w.WorklistPage:
        """Return visits to come that cannot take place as they stand."""
        return worklists.to_reschedule(request, self._desk(context))

    @command(op.LIST_DOUBLE_BOOKED)
    def list_double_booked(self, request: w.ListWorklist, context: CallContext) -> w.WorklistPage:
        """Return visits to come that were double-booked on purpose."""
        return worklists.double_booked(request, self._desk(context))

    @command(op.LIST_UNCONFIRMED_OUTCOMES)
    def list_unconfirmed_outcomes(
        self, request: w.ListWorklist, context: CallContext
    ) -> w.WorklistPage:
        """Return visits that have ended, of which nobody has said what became of them."""
        return worklists.unconfirmed_outcomes(request, self._desk(context))

    @command(op.BULK_MOVE)
    def bulk_move(self, request: w.BulkMove, context: CallContext) -> w.BulkMoved:
        """Give a practitioner's visits of a period to another, or say what would become of them."""
        return bulk_moves.bulk_move(request, self._desk(context))
