"""Reports from the books."""

from billing.entrypoints.base import Entrypoints
from billing.use_cases import claim_reporting, practitioner_pay, reporting
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import pay as p
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

    @command(op.GET_CLAIM_TURNAROUND)
    def get_claim_turnaround(
        self, request: c.GetClaimTurnaround, context: CallContext
    ) -> c.ClaimTurnaround:
        """Return how payers dealt with claims."""
        return claim_reporting.claim_turnaround(request, self._desk(context))

    @command(op.GET_DENIAL_REASONS)
    def get_denial_reasons(
        self, request: c.GetDenialReasons, context: CallContext
    ) -> c.DenialReasons:
        """Return why payers denied claims."""
        return claim_reporting.denials(request, self._desk(context))

    @command(op.ADD_PAY_RATE)
    def add_pay_rate(self, request: p.AddPayRate, context: CallContext) -> p.PayRate:
        """Add a rate of pay from a day on."""
        return practitioner_pay.add_pay_rate(request, self._desk(context))

    @command(op.LIST_PAY_RATES)
    def list_pay_rates(self, request: p.ListPayRates, context: CallContext) -> p.PayRatePage:
        """Return a page of a location's rates of pay."""
        return practitioner_pay.list_pay_rates(request, self._desk(context))

    @command(op.GET_PRACTITIONER_PAY)
    def get_practitioner_pay(
        self, request: p.GetPractitionerPay, context: CallContext
    ) -> p.PractitionerPay:
        """Return what practitioners earned and are paid."""
        return practitioner_pay.practitioner_pay(request, self._desk(context))
