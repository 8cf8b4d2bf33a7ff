"""Statements of clients."""

from clinic_contracts.billing import operations as op
from gateway.routing import Route

ROUTES = (Route("GET", "/v1/clients/<client_id>/statement", op.GET_STATEMENT, "read", "Billing"),)
