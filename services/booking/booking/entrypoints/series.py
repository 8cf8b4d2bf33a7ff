"""Recurring visits."""

from booking.entrypoints.base import Entrypoints
from booking.use_cases import keeping, series, series_changes, series_views
from clinic_contracts.booking import operations as op
from clinic_contracts.booking import series as s
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Recurring(Entrypoints):
    """Booking a series of visits, and changing what of it is still to come."""

    @command(op.BOOK_SERIES)
    def book_series(self, request: s.BookSeries, context: CallContext) -> s.SeriesView:
        """Book recurring visits, or say what would be."""
        return series.book_series(request, self._desk(context))

    @command(op.GET_SERIES)
    def get_series(self, request: s.GetSeries, context: CallContext) -> s.SeriesView:
        """Return a series and its visits."""
        desk = self._desk(context)
        return series_views.view(desk, keeping.get_series(request.series_id, desk))

    @command(op.CHANGE_SERIES)
    def change_series(self, request: s.ChangeSeries, context: CallContext) -> s.SeriesView:
        """Move one visit of a series, or what of it is still to come."""
        return series_changes.change_series(request, self._desk(context))

    @command(op.CANCEL_SERIES)
    def cancel_series(self, request: s.CancelSeries, context: CallContext) -> s.SeriesView:
        """Call off one visit of a series, or what of it is still to come."""
        return series.cancel_series(request, self._desk(context))

    @command(op.REFLOW_SERIES)
    def reflow_series(self, request: s.ReflowSeries, context: CallContext) -> s.SeriesView:
        """Put visits where rule and closures place them by now."""
        return series_changes.reflow_series(request, self._desk(context))
