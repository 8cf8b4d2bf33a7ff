"""Claims, payers' files, and decisions that no claim is known for."""

from clinic_contracts.billing import operations as op
from gateway.routing import Route

TAG = "Claims"
CLAIM = "/v1/claims/<claim_id>"

ROUTES = (
    Route("GET", "/v1/claims", op.LIST_CLAIMS, "read", TAG),
    Route("POST", "/v1/claims", op.DRAFT_CLAIM, "bill", TAG, 201),
    Route("GET", CLAIM, op.GET_CLAIM, "read", TAG),
    Route("PATCH", CLAIM, op.CHANGE_CLAIM, "bill", TAG),
    Route("POST", f"{CLAIM}/validate", op.VALIDATE_CLAIM, "bill", TAG),
    Route("POST", f"{CLAIM}/submit", op.SUBMIT_CLAIM, "bill", TAG),
    Route("POST", f"{CLAIM}/void", op.VOID_CLAIM, "bill", TAG),
    Route("POST", f"{CLAIM}/correct", op.CORRECT_CLAIM, "bill", TAG),
    Route("POST", f"{CLAIM}/appeal", op.APPEAL_CLAIM, "bill", TAG),
    Route("POST", f"{CLAIM}/close", op.CLOSE_CLAIM, "bill", TAG),
    Route("GET", "/v1/worklists/claims", op.LIST_ALARMS, "read", TAG),
    Route("GET", "/v1/worklists/billing", op.COUNT_WORK, "read", TAG),
    Route("GET", "/v1/remittances", op.LIST_FILES, "bill", TAG),
    Route("GET", "/v1/remittances/<file_id>", op.GET_FILE, "bill", TAG),
    Route("GET", "/v1/work-queue", op.LIST_UNMATCHED, "bill", TAG),
    Route("GET", "/v1/work-queue/<unmatched_id>", op.GET_UNMATCHED, "bill", TAG),
    Route("POST", "/v1/work-queue/<unmatched_id>/assign", op.ASSIGN_UNMATCHED, "bill", TAG),
)
