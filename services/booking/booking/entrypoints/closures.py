"""Closures of locations and absences of practitioners."""

from booking.entrypoints.base import Entrypoints
from booking.use_cases import closures
from clinic_contracts.booking import closures as c
from clinic_contracts.booking import operations as op
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Closures(Entrypoints):
    """Announcing, listing and withdrawing them."""

    @command(op.CLOSE_LOCATION)
    def close_location(self, request: c.CloseLocation, context: CallContext) -> c.ClosureAnnounced:
        """Close a location for a time."""
        return closures.close_location(request, self._desk(context))

    @command(op.LIST_CLOSURES)
    def list_closures(self, request: c.ListClosures, context: CallContext) -> c.ClosurePage:
        """Return a page of a location's closures."""
        return closures.list_closures(request, self._desk(context))

    @command(op.WITHDRAW_CLOSURE)
    def withdraw_closure(self, request: c.WithdrawClosure, context: CallContext) -> c.ClosureView:
        """Take a closure back."""
        return closures.withdraw_closure(request, self._desk(context))

    @command(op.RECORD_ABSENCE)
    def record_absence(self, request: c.RecordAbsence, context: CallContext) -> c.ClosureAnnounced:
        """Have a practitioner be away for a time."""
        return closures.record_absence(request, self._desk(context))

    @command(op.LIST_ABSENCES)
    def list_absences(self, request: c.ListAbsences, context: CallContext) -> c.ClosurePage:
        """Return a page of a practitioner's absences."""
        return closures.list_absences(request, self._desk(context))

    @command(op.WITHDRAW_ABSENCE)
    def withdraw_absence(self, request: c.WithdrawAbsence, context: CallContext) -> c.ClosureView:
        """Take an absence back."""
        return closures.withdraw_absence(request, self._desk(context))
