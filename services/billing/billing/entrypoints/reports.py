"""Reports from the ledger."""

from billing.entrypoints.base import Entrypoints
from billing.use_cases import reporting
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import reports as c
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Reports(Entrypoints):
    """What was earned."""

    @command(op.GET_REVENUE)
    def get_revenue(self, request: c.GetRevenue, context: CallContext) -> c.Revenue:
        """Return revenue of a period."""
        return reporting.revenue(request, self._desk(context))
