"""Reports: JSON, or their rows as CSV."""

from clinic_contracts.booking import operations as booking
from clinic_contracts.booking.reports import UtilisationRow
from clinic_contracts.booking.waitlist import WaitlistFigures
from gateway.routing import Route

TAG = "Reports"

ROUTES = (
    Route(
        "GET",
        "/v1/reports/utilisation",
        booking.GET_UTILISATION,
        "read",
        TAG,
        table=UtilisationRow,
        costs_much=True,
    ),
    Route(
        "GET",
        "/v1/reports/waitlist",
        booking.REPORT_WAITLIST,
        "read",
        TAG,
        table=WaitlistFigures,
        costs_much=True,
    ),
)
