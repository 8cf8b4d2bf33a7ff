"""Invoices, payments and receipts."""

from clinic_contracts.billing import operations as op
from gateway.routing import Route

TAG = "Billing"

ROUTES = (
    Route("GET", "/v1/invoices", op.LIST_INVOICES, "read", TAG),
    Route("GET", "/v1/invoices/<invoice_id>", op.GET_INVOICE, "read", TAG),
    Route("POST", "/v1/invoices/<invoice_id>/void", op.VOID_INVOICE, "bill", TAG),
    Route("POST", "/v1/invoices/<invoice_id>/rebill", op.REBILL_INVOICE, "bill", TAG),
    Route("POST", "/v1/invoices/<invoice_id>/payments", op.PAY_INVOICE, "bill", TAG, 201),
    Route("GET", "/v1/invoices/<invoice_id>/payments", op.LIST_PAYMENTS, "read", TAG),
    Route("GET", "/v1/payments/<payment_id>", op.GET_PAYMENT, "read", TAG),
    Route("POST", "/v1/payments/<payment_id>/refunds", op.REFUND_PAYMENT, "bill", TAG, 201),
    Route("GET", "/v1/refunds/<refund_id>", op.GET_REFUND, "read", TAG),
    Route("GET", "/v1/receipts/<receipt_id>", op.GET_RECEIPT, "read", TAG),
    Route("POST", "/v1/receipts/<receipt_id>/corrections", op.CORRECT_RECEIPT, "bill", TAG, 201),
    Route("GET", "/v1/payer-rules", op.LIST_PAYER_RULES, "read", TAG),
    Route("POST", "/v1/payer-rules/preview", op.PREVIEW_PAYER_RULES, "bill", TAG),
)
