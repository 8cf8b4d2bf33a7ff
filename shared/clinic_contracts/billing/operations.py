"""The operations of the billing service."""

from clinic_contracts.billing import requests as r
from clinic_contracts.operations import Operation, verify_of

LIST_INVOICES = Operation("billing", "list_invoices", r.ListInvoices, r.InvoicePage)
GET_INVOICE = Operation("billing", "get_invoice", r.GetInvoice, r.InvoiceView)
PAY_INVOICE = Operation("billing", "pay_invoice", r.PayInvoice, r.PaymentView)
GET_RECEIPT = Operation("billing", "get_receipt", r.GetReceipt, r.ReceiptView)
PRINT_RECEIPT = Operation("billing", "print_receipt", r.GetReceipt, r.ReceiptDocument)
LIST_CLAIMS = Operation("billing", "list_claims", r.ListClaims, r.ClaimPage)
GET_CLAIM = Operation("billing", "get_claim", r.GetClaim, r.ClaimView)
VERIFY = verify_of("billing")
