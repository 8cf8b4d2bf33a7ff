"""The waitlist as staff keep it; who has an offer's link answers by ``offer_calls``."""

from clinic_contracts.booking import operations as op
from gateway.routing import Route

TAG = "Waitlist"
ONE = "/v1/waitlist/<entry_id>"

ROUTES = (
    Route("POST", "/v1/waitlist", op.JOIN_WAITLIST, "book", TAG, 201),
    Route("GET", "/v1/waitlist", op.LIST_WAITLIST, "read", TAG),
    Route("GET", ONE, op.GET_WAITLIST_ENTRY, "read", TAG),
    Route("POST", f"{ONE}/withdraw", op.WITHDRAW_WAITLIST_ENTRY, "book", TAG),
)
