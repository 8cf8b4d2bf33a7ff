"""What was sent to clients, or why it was not."""

from clinic_contracts.notification import operations as op
from gateway.routing import Route

ROUTES = (Route("GET", "/v1/messages", op.LIST_MESSAGES, "read", "Messages"),)
