"""Reports from the books."""

from billing.entrypoints.base import Entrypoints
from billing.use_cases import reporting
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import reports as c
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Reports(Entrypoints):
    """What was earned, what is owed, what was taken."""

    @command(op.GET_REVENUE)
    def get_revenue(self, request: c.GetRevenue, context: CallContext) -> c.Revenue:
        """Return revenue of a period."""
        return reporting.revenue(request, self._desk(context))

    @command(op.GET_AGED_RECEIVABLES)
    def get_aged_receivables(
        self, request: c.GetAgedReceivables, context: CallContext
    ) -> c.AgedReceivables:
        """Return what was owed at the end of a day, by age."""
        return reporting.aged_receivables(request, self._desk(context))

    @command(op.GET_TAX_RETURN)
    def get_tax_return(self, request: c.GetTaxReturn, context: CallContext) -> c.TaxReturn:
        """Return supplies and taxes of a period."""
        return reporting.tax_return(request, self._desk(context))

    @command(op.GET_DAY_CLOSE_REPORT)
    def get_day_close_report(
        self, request: c.GetDayCloseReport, context: CallContext
    ) -> c.DayCloseReport:
        """Return closed days against the ledger."""
        return reporting.day_close(request, self._desk(context))
