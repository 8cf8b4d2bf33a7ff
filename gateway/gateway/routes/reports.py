"""Reports about visits: JSON, or their rows as CSV, or drawn as SVG."""

from clinic_contracts.booking import operations as booking
from clinic_contracts.booking.reports import UtilisationRow
from clinic_contracts.booking.waitlist import WaitlistFigures
from gateway.http.plots import Plot
from gateway.routing import Route

TAG = "Reports"
UTILISATION = Plot(
    title="Utilisation",
    label=("name", "id"),
    series=(("booked_minutes", "booked"), ("available_minutes", "could be booked")),
    unit="minutes",
    nothing="Nobody works here in this period",
)

ROUTES = (
    Route(
        "GET",
        "/v1/reports/utilisation",
        booking.GET_UTILISATION,
        "read",
        TAG,
        table=UtilisationRow,
        plot=UTILISATION,
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
