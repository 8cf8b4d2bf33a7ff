"""Clients, what belongs to them, and what bounds their bookings."""

from clinic_contracts.booking import operations as booking
from clinic_contracts.client_profile import operations as op
from gateway.routing import Route

TAG = "Clients"
ONE = "/v1/clients/<client_id>"
COVERAGE = f"{ONE}/coverages/<coverage_id>"
ALERT = f"{ONE}/alerts/<alert_id>"

ROUTES = (
    Route("POST", "/v1/clients", op.REGISTER_CLIENT, "book", TAG, 201),
    Route("GET", "/v1/clients", op.SEARCH_CLIENTS, "read", TAG),
    Route("POST", "/v1/clients/names", op.NAME_CLIENTS, "read", TAG),
    Route("GET", ONE, op.GET_CLIENT, "read", TAG),
    Route("PATCH", ONE, op.CHANGE_CLIENT, "book", TAG),
    Route("POST", f"{ONE}/coverages", op.ADD_COVERAGE, "book", TAG, 201),
    Route("GET", COVERAGE, op.GET_COVERAGE, "read", TAG),
    Route("PATCH", COVERAGE, op.CHANGE_COVERAGE, "book", TAG),
    Route("GET", f"{ONE}/coverages", op.LIST_COVERAGES, "read", TAG),
    Route("POST", f"{ONE}/consents", op.RECORD_CONSENT, "book", TAG, 201),
    Route("GET", f"{ONE}/consents", op.LIST_CONSENTS, "read", TAG),
    Route("POST", f"{ONE}/alerts", op.RAISE_ALERT, "chart", TAG, 201),
    Route("GET", f"{ONE}/alerts", op.LIST_ALERTS, "chart", TAG),
    Route("GET", ALERT, op.GET_ALERT, "chart", TAG),
    Route("PATCH", ALERT, op.CHANGE_ALERT, "chart", TAG),
    Route("POST", f"{ALERT}/lift", op.LIFT_ALERT, "chart", TAG),
    Route("POST", f"{ONE}/referrals", op.ADD_REFERRAL, "chart", TAG, 201),
    Route("GET", f"{ONE}/referrals", op.LIST_REFERRALS, "chart", TAG),
    Route("GET", f"{ONE}/booking-limits", booking.GET_BOOKING_LIMITS, "read", TAG),
)
