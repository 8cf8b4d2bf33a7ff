"""When the zone data changes."""

from booking.entrypoints.base import Entrypoints
from booking.use_cases import tzdb
from clinic_contracts.booking import operations as op
from clinic_contracts.booking import tzdb as t
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Tzdb(Entrypoints):
    """Which visits a release of the zone data moves, and moving them."""

    @command(op.PREVIEW_TZDB)
    def preview_tzdb(self, request: t.PreviewTzdb, context: CallContext) -> t.TzdbPreview:
        """Return a page of what would move."""
        return tzdb.preview(request, self._desk(context))

    @command(op.APPLY_TZDB)
    def apply_tzdb(self, request: t.ApplyTzdb, context: CallContext) -> t.TzdbApplied:
        """Move a page of visits."""
        return tzdb.apply(request, self._desk(context))
