"""Every route of the API, one file per resource."""

from gateway.routes import appointments, billing, clients, messages, settings
from gateway.routing import Route

ROUTES: tuple[Route, ...] = (
    *settings.ROUTES,
    *appointments.ROUTES,
    *clients.ROUTES,
    *messages.ROUTES,
    *billing.ROUTES,
)
