"""Days counted and closed."""

from billing.entrypoints.base import Entrypoints
from billing.use_cases import closing
from clinic_contracts.billing import day_closes as c
from clinic_contracts.billing import operations as op
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class DayCloses(Entrypoints):
    """What locations took, day by day."""

    @command(op.GET_DAY_TAKINGS)
    def get_day_takings(self, request: c.GetDayTakings, context: CallContext) -> c.DayTakings:
        """Return what a location took on a day so far."""
        return closing.get_day_takings(request, self._desk(context))

    @command(op.CLOSE_DAY)
    def close_day(self, request: c.CloseDay, context: CallContext) -> c.DayCloseView:
        """Close a location's day with what was counted."""
        return closing.close_day(request, self._desk(context))

    @command(op.GET_DAY_CLOSE)
    def get_day_close(self, request: c.GetDayClose, context: CallContext) -> c.DayCloseView:
        """Return a closed day."""
        return closing.get_day_close(request.day_close_id, self._desk(context))

    @command(op.LIST_DAY_CLOSES)
    def list_day_closes(self, request: c.ListDayCloses, context: CallContext) -> c.DayClosePage:
        """Return a page of a location's closed days."""
        return closing.list_day_closes(request, self._desk(context))

    @command(op.REOPEN_DAY)
    def reopen_day(self, request: c.ReopenDay, context: CallContext) -> c.DayCloseView:
        """Open a closed day again."""
        return closing.reopen_day(request, self._desk(context))
