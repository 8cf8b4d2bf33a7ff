"""Availability, appointments and the day sheet."""

from clinic_contracts.booking import operations as op
from gateway.routing import Route

TAG = "Appointments"
ONE = "/v1/appointments/<appointment_id>"

ROUTES = (
    Route("GET", "/v1/availability", op.FIND_AVAILABILITY, "read", TAG, by_period=True),
    Route("POST", "/v1/appointments", op.BOOK_APPOINTMENT, "book", TAG, 201, keyed=True),
    Route("POST", "/v1/holds", op.PLACE_HOLD, "book", TAG, 201, keyed=True),
    Route("DELETE", "/v1/holds/<hold_id>", op.RELEASE_HOLD, "book", TAG),
    Route("GET", "/v1/appointments", op.LIST_APPOINTMENTS, "read", TAG, by_day=True),
    Route("GET", ONE, op.GET_APPOINTMENT, "read", TAG),
    Route("PATCH", ONE, op.MOVE_APPOINTMENT, "book", TAG),
    Route("POST", f"{ONE}/cancel", op.CANCEL_APPOINTMENT, "book", TAG),
    Route("POST", f"{ONE}/arrive", op.ARRIVE, "book", TAG),
    Route("POST", f"{ONE}/unarrive", op.UNARRIVE, "book", TAG),
    Route("POST", f"{ONE}/fulfil", op.FULFIL, "book", TAG),
    Route("POST", f"{ONE}/no-show", op.MARK_NO_SHOW, "book", TAG),
    Route("GET", "/v1/day-sheet", op.GET_DAY_SHEET, "read", TAG, by_day=True),
)
