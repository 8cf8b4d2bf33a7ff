"""When the zone data changes: which visits move, and moving them."""

from clinic_contracts.booking import operations as op
from gateway.routing import Route

TAG = "Operations"
PATH = "/v1/operations/tzdb"

ROUTES = (
    Route("GET", PATH, op.PREVIEW_TZDB, "operate", TAG),
    Route("POST", PATH, op.APPLY_TZDB, "manage", TAG),
)
