"""The claim for a payer's part of an invoice."""

from datetime import datetime

from clinic_contracts.billing.events import ClaimDrafted
from clinic_contracts.billing.requests import ClaimView, InvoiceView, SplitPart
from clinic_contracts.client_profile.events import CoverageChanged


def draft(
    *, id_: str, invoice: InvoiceView, part: SplitPart, coverage: CoverageChanged, now: datetime
) -> tuple[ClaimView, ClaimDrafted]:
    """Return the claim for a payer's part, and the event that tells of it."""
    claim = ClaimView(
        id=id_,
        version=1,
        state="draft",
        carrier=coverage.carrier,
        coverage_id=coverage.coverage_id,
        member_id=coverage.member_id,
        group_number=coverage.group_number,
        invoice_id=invoice.id,
        location_id=invoice.location_id,
        client_id=invoice.client_id,
        practitioner_id=invoice.practitioner_id,
        service_date=invoice.service_date,
        charge=invoice.subtotal,
        amount=part.amount,
        created_at=now,
    )
    event = ClaimDrafted(
        claim_id=claim.id,
        invoice_id=claim.invoice_id,
        coverage_id=claim.coverage_id,
        amount=claim.amount,
    )
    return claim, event
