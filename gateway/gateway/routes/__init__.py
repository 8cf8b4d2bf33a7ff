"""Every route of the API, one file per resource."""

from gateway.routes import (
    appointments,
    billing,
    billing_reports,
    calendars,
    claims,
    clients,
    closures,
    day_closes,
    eligibility,
    messages,
    prepaid,
    reports,
    series,
    settings,
    statements,
    tzdb,
    waitlist,
    webhooks,
    worklists,
)
from gateway.routing import Route

ROUTES: tuple[Route, ...] = (
    *settings.ROUTES,
    *closures.ROUTES,
    *appointments.ROUTES,
    *worklists.ROUTES,
    *series.ROUTES,
    *clients.ROUTES,
    *messages.ROUTES,
    *webhooks.ROUTES,
    *billing.ROUTES,
    *prepaid.ROUTES,
    *day_closes.ROUTES,
    *statements.ROUTES,
    *claims.ROUTES,
    *eligibility.ROUTES,
    *calendars.ROUTES,
    *reports.ROUTES,
    *billing_reports.ROUTES,
    *tzdb.ROUTES,
    *waitlist.ROUTES,
)
RECORDS_OF = frozenset(
    route.path.rpartition("/")[0]
    for route in ROUTES
    if route.method == "GET" and route.path.endswith(">")
)
"""The paths under which each record can be read at a path of its own."""
