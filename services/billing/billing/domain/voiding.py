"""An invoice called off: undone by a contra entry, while nothing was paid or claimed on it."""

from dataclasses import replace

from clinic_contracts.billing.events import InvoiceVoided
from clinic_contracts.billing.requests import InvoiceView
from clinic_contracts.errors import IllegalTransition
from clinic_contracts.money import Money


def void(invoice: InvoiceView, reason: str) -> tuple[InvoiceView, InvoiceVoided]:
    """Return the invoice called off, and the event that tells of it; raises IllegalTransition."""
    standing = "paid" if _is_paid(invoice) else "claimed" if invoice.claim_ids else invoice.status
    if standing != "open":
        raise IllegalTransition("invoice", standing, "void")
    nothing = Money(amount_minor=0, currency=invoice.balance.currency)
    event = InvoiceVoided(
        invoice_id=invoice.id,
        appointment_id=invoice.appointment_id,
        client_id=invoice.client_id,
        total=invoice.total,
        reason=reason,
    )
    return replace(invoice, status="void", balance=nothing, void_reason=reason), event


def _is_paid(invoice: InvoiceView) -> bool:
    return bool(invoice.paid.amount_minor or invoice.reserved.amount_minor)
