"""What payers say of coverages before a visit."""

from clinic_contracts.billing import operations as op
from gateway.routing import Route

TAG = "Claims"
OF_COVERAGE = "/v1/clients/<client_id>/coverages/<coverage_id>/eligibility"

ROUTES = (
    Route("POST", OF_COVERAGE, op.ASK_ELIGIBILITY, "bill", TAG, 201),
    Route("GET", OF_COVERAGE, op.LIST_ELIGIBILITY, "read", TAG),
    Route("GET", "/v1/eligibility/<eligibility_id>", op.GET_ELIGIBILITY, "read", TAG),
)
