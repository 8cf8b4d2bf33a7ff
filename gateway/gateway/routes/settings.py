"""Locations, practitioners and treatments."""

from clinic_contracts.booking import operations as op
from gateway.routing import Route

ROUTES = (
    Route("POST", "/v1/locations", op.CREATE_LOCATION, "manage", "Locations", 201),
    Route("GET", "/v1/locations", op.LIST_LOCATIONS, "read", "Locations"),
    Route("GET", "/v1/locations/<location_id>", op.GET_LOCATION, "read", "Locations"),
    Route("PATCH", "/v1/locations/<location_id>", op.CHANGE_LOCATION, "manage", "Locations"),
    Route("POST", "/v1/practitioners", op.CREATE_PRACTITIONER, "manage", "Practitioners", 201),
    Route("GET", "/v1/practitioners", op.LIST_PRACTITIONERS, "read", "Practitioners"),
    Route(
        "GET", "/v1/practitioners/<practitioner_id>", op.GET_PRACTITIONER, "read", "Practitioners"
    ),
    Route(
        "PATCH",
        "/v1/practitioners/<practitioner_id>",
        op.CHANGE_PRACTITIONER,
        "manage",
        "Practitioners",
    ),
    Route("POST", "/v1/treatments", op.CREATE_TREATMENT, "manage", "Treatments", 201),
    Route("GET", "/v1/treatments", op.LIST_TREATMENTS, "read", "Treatments"),
    Route("GET", "/v1/treatments/<treatment_id>", op.GET_TREATMENT, "read", "Treatments"),
    Route("PATCH", "/v1/treatments/<treatment_id>", op.CHANGE_TREATMENT, "manage", "Treatments"),
)
