"""Reports about a location's visits."""

from booking.entrypoints.base import Entrypoints
from booking.use_cases import reports
from clinic_contracts.booking import operations as op
from clinic_contracts.booking import reports as p
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Reports(Entrypoints):
    """How well a location's time is used."""

    @command(op.GET_UTILISATION)
    def get_utilisation(self, request: p.GetUtilisation, context: CallContext) -> p.Utilisation:
        """Return a location's utilisation."""
        return reports.utilisation(request, self._desk(context))
