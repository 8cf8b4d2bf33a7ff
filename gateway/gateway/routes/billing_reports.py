"""Reports from the books: JSON, or their rows as CSV, or drawn as SVG."""

from clinic_contracts.billing import operations as op
from clinic_contracts.billing import reports as c
from clinic_contracts.billing.pay import PayRow
from clinic_contracts.operations import Operation
from gateway.http.plots import Plot
from gateway.routing import Action, Route

TAG = "Reports"
REPORT_SECONDS = 60.0
"""What is owed is summed of the whole ledger: 2 s for 40,000 invoices."""
REVENUE = Plot(
    title="Revenue",
    label=("name", "id"),
    series=(("amount_minor", "revenue before taxes"),),
    nothing="No revenue in this period",
)
AGED = Plot(
    title="Aged receivables",
    label=("id",),
    series=(
        ("days_0_30_minor", "0 to 30 days"),
        ("days_31_60_minor", "31 to 60 days"),
        ("days_61_90_minor", "61 to 90 days"),
        ("over_90_minor", "over 90 days"),
    ),
    nothing="Nothing was owed on this day",
    stacked=True,
)
TAXES = Plot(
    title="Taxes to remit",
    label=("location_name", "location_id"),
    beside=("tax", "tax_number"),
    series=(
        ("collected_minor", "collected"),
        ("reversed_minor", "reversed"),
    ),
    nothing="No supplies in this period",
)
DAY_CLOSE = Plot(
    title="Day close",
    label=("day",),
    beside=("location_name", "method"),
    series=(("expected_minor", "expected"), ("counted_minor", "counted")),
    nothing="Nothing was taken in this period",
)
TURNAROUND = Plot(
    title="Days from submission of claims",
    label=("id",),
    series=(
        ("median_days_to_decision", "to decision, median"),
        ("p90_days_to_decision", "to decision, 90th percentile"),
        ("median_days_to_payment", "to payment, median"),
        ("p90_days_to_payment", "to payment, 90th percentile"),
    ),
    unit="days",
    nothing="No claims for visits of this period",
)
DENIALS = Plot(
    title="Reasons for denials",
    label=("id",),
    beside=("payer",),
    series=(("denials", "denials"),),
    unit="denials",
    nothing="No claim for a visit of this period was denied",
)
PAY = Plot(
    title="Practitioner pay",
    label=("practitioner_name", "practitioner_id"),
    beside=("location_name", "treatment_name"),
    series=(("revenue_minor", "revenue before taxes"), ("pay_minor", "pay")),
    nothing="Nothing was earned in this period",
)


def _report(name: str, operation: Operation, table: type, plot: Plot, action: Action) -> Route:
    return Route(
        "GET",
        f"/v1/reports/{name}",
        operation,
        action,
        TAG,
        table=table,
        plot=plot,
        costs_much=True,
        seconds=REPORT_SECONDS,
    )


ROUTES = (
    _report("revenue", op.GET_REVENUE, c.RevenueRow, REVENUE, "bill"),
    _report("aged-receivables", op.GET_AGED_RECEIVABLES, c.AgedRow, AGED, "bill"),
    _report("tax-return", op.GET_TAX_RETURN, c.TaxRow, TAXES, "bill"),
    _report("day-close", op.GET_DAY_CLOSE_REPORT, c.DayCloseRow, DAY_CLOSE, "bill"),
    _report("claim-turnaround", op.GET_CLAIM_TURNAROUND, c.ClaimTurnaroundRow, TURNAROUND, "bill"),
    _report("denial-reasons", op.GET_DENIAL_REASONS, c.DenialRow, DENIALS, "bill"),
    _report("practitioner-pay", op.GET_PRACTITIONER_PAY, PayRow, PAY, "manage"),
    Route("POST", "/v1/pay-rates", op.ADD_PAY_RATE, "manage", TAG, 201),
    Route("GET", "/v1/pay-rates", op.LIST_PAY_RATES, "manage", TAG),
)
