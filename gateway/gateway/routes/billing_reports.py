"""Reports from the ledger: JSON, or their rows as CSV."""

from clinic_contracts.billing import operations as op
from clinic_contracts.billing.reports import RevenueRow
from gateway.routing import Route

ROUTES = (Route("GET", "/v1/reports/revenue", op.GET_REVENUE, "bill", "Reports", table=RevenueRow),)
