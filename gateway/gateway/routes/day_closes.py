"""Days counted and closed."""

from clinic_contracts.billing import operations as op
from gateway.routing import Route

TAG = "Billing"

ROUTES = (
    Route("GET", "/v1/day-takings", op.GET_DAY_TAKINGS, "read", TAG),
    Route("POST", "/v1/day-closes", op.CLOSE_DAY, "bill", TAG, 201),
    Route("GET", "/v1/day-closes", op.LIST_DAY_CLOSES, "read", TAG),
    Route("GET", "/v1/day-closes/<day_close_id>", op.GET_DAY_CLOSE, "read", TAG),
    Route("POST", "/v1/day-closes/<day_close_id>/reopen", op.REOPEN_DAY, "bill", TAG),
)
