"""Worklists, and moving many visits at once."""

from clinic_contracts.booking import operations as op
from gateway.routing import Route

TAG = "Worklists"
LISTS = "/v1/worklists"

ROUTES = (
    Route("GET", f"{LISTS}/reschedule", op.LIST_TO_RESCHEDULE, "read", TAG),
    Route("GET", f"{LISTS}/double-booked", op.LIST_DOUBLE_BOOKED, "read", TAG),
    Route("GET", f"{LISTS}/unconfirmed-outcomes", op.LIST_UNCONFIRMED_OUTCOMES, "read", TAG),
    Route("POST", "/v1/bulk-moves", op.BULK_MOVE, "book", TAG),
)
