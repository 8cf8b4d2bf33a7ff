"""What became of an invoice that was called off, as its page tells it."""

import base64
from typing import Any

from billing.use_cases import fees, stating
from clinic_contracts.billing.invoices import VoidInvoice


def test_the_page_of_an_invoice_called_off_explains_every_cent(office: Any) -> None:
    office.database["coverages"].delete_many({})
    invoice = office.invoice()
    fees.void_invoice(VoidInvoice(invoice_id=invoice.id, reason="a mistake"), office.desk())
    paper = stating.print_invoice(invoice.id, office.desk())
    page = base64.b64decode(paper.content_base64).decode()
    assert '>Called off</th><td class="money">$120.75<' in page
    assert '>Not explained</th><td class="money">$0.00<' in page
