"""Calendar feeds, without what the gateway answers by itself: their addresses."""

from clinic_contracts.booking import operations as op
from gateway.calendars import FEEDS, TAG
from gateway.routing import Route

ROUTES = (
    Route("GET", FEEDS, op.LIST_FEEDS, "manage", TAG),
    Route("DELETE", f"{FEEDS}/<feed_id>", op.REVOKE_FEED, "manage", TAG),
)
