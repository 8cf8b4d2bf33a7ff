"""What billing does, one function each."""

from billing.use_cases.invoicing import invoice_visit
from billing.use_cases.paying import pay_invoice, resume_payment

__all__ = ["invoice_visit", "pay_invoice", "resume_payment"]
