"""Gift cards, packages and deposits."""

from clinic_contracts.billing import operations as op
from gateway.routing import Route

TAG = "Billing"

ROUTES = (
    Route("POST", "/v1/gift-cards", op.SELL_GIFT_CARD, "bill", TAG, 201),
    Route("POST", "/v1/packages", op.SELL_PACKAGE, "bill", TAG, 201),
    Route("POST", "/v1/deposits", op.TAKE_DEPOSIT, "bill", TAG, 201),
    Route("GET", "/v1/prepaid", op.LIST_PREPAID, "read", TAG),
    Route("GET", "/v1/prepaid/<prepaid_id>", op.GET_PREPAID, "read", TAG),
    Route("POST", "/v1/prepaid/<prepaid_id>/refund", op.REFUND_PREPAID, "bill", TAG, 201),
)
