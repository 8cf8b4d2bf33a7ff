"""Closures of locations and absences of practitioners."""

from clinic_contracts.booking import operations as op
from gateway.routing import Route

TAG = "Closures"
OF_LOCATION = "/v1/locations/<location_id>/closures"
OF_PRACTITIONER = "/v1/practitioners/<practitioner_id>/absences"

ROUTES = (
    Route("POST", OF_LOCATION, op.CLOSE_LOCATION, "manage", TAG, 201),
    Route("GET", OF_LOCATION, op.LIST_CLOSURES, "read", TAG),
    Route("DELETE", f"{OF_LOCATION}/<closure_id>", op.WITHDRAW_CLOSURE, "manage", TAG),
    # Who falls ill rings the front desk.
    Route("POST", OF_PRACTITIONER, op.RECORD_ABSENCE, "book", TAG, 201),
    Route("GET", OF_PRACTITIONER, op.LIST_ABSENCES, "read", TAG),
    Route("DELETE", f"{OF_PRACTITIONER}/<closure_id>", op.WITHDRAW_ABSENCE, "book", TAG),
)
