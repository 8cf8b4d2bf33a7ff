"""Holds."""

from booking.entrypoints.base import Entrypoints
from booking.use_cases import holds
from clinic_contracts.booking import holds as h
from clinic_contracts.booking import operations as op
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Holds(Entrypoints):
    """Keeping a time while a form is filled in."""

    @command(op.PLACE_HOLD)
    def place_hold(self, request: h.PlaceHold, context: CallContext) -> h.HoldView:
        """Keep a time for five minutes."""
        return holds.place_hold(request, self._desk(context))

    @command(op.RELEASE_HOLD)
    def release_hold(self, request: h.ReleaseHold, context: CallContext) -> h.HoldReleased:
        """Give a hold's time back."""
        return holds.release_hold(request.hold_id, self._desk(context))
