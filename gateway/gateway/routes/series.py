"""Recurring visits."""

from clinic_contracts.booking import operations as op
from gateway.routing import Route

TAG = "Series"
ONE = "/v1/series/<series_id>"

ROUTES = (
    Route("POST", "/v1/series", op.BOOK_SERIES, "book", TAG, 201),
    Route("GET", ONE, op.GET_SERIES, "read", TAG, shows_others=True),
    Route("PATCH", ONE, op.CHANGE_SERIES, "book", TAG),
    Route("POST", f"{ONE}/cancel", op.CANCEL_SERIES, "book", TAG),
    Route("POST", f"{ONE}/reflow", op.REFLOW_SERIES, "book", TAG),
)
