"""The draft of a claim, asked for: the one there is, or one made where none stands."""

from collections.abc import Sequence
from dataclasses import fields

from billing.domain.claim import OVER
from billing.ports import Desk
from billing.use_cases.claiming import change_claim, get_claim
from billing.use_cases.rebilling import rebill_invoice
from billing.use_cases.records import get_invoice
from clinic_contracts.billing.claims import ChangeClaim, ClaimContent, DraftClaim
from clinic_contracts.billing.invoices import RebillInvoice
from clinic_contracts.billing.requests import ClaimView, InvoiceView
from clinic_contracts.constraints import UNSET
from clinic_contracts.errors import AlreadyExists, Invalid


def draft_claim(request: DraftClaim, desk: Desk) -> ClaimView:
    """Return the draft for a payer's part of an invoice, with what is given of its details.

    Raises NotFound; AlreadyExists when the claim is beyond a draft; Invalid when no payer takes a
    part, or several do and none is named; what ``rebill_invoice`` raises.
    """
    invoice = get_invoice(request.invoice_id, desk)
    found = _standing(request, desk)
    if not found:
        invoice = rebill_invoice(RebillInvoice(invoice_id=invoice.id), desk)
        found = _standing(request, desk)
    claim = _one(found, invoice)
    if claim.state != "draft":
        detail = f"the claim to {claim.carrier} is {claim.id}, which is {claim.state}"
        raise AlreadyExists(detail, field="invoice_id")
    content = {each.name: getattr(request, each.name) for each in fields(ClaimContent)}
    if all(value is UNSET for value in content.values()):
        return get_claim(claim.id, desk)
    return change_claim(ChangeClaim(claim_id=claim.id, **content), desk)


def _standing(request: DraftClaim, desk: Desk) -> Sequence[ClaimView]:
    return [
        each
        for each in desk.claims.of_invoice(request.invoice_id)
        if each.state not in OVER and request.coverage_id in {None, each.coverage_id}
    ]


def _one(found: Sequence[ClaimView], invoice: InvoiceView) -> ClaimView:
    if not found:
        why = [f"{part.payer}: {part.code}" for part in invoice.split if part.code]
        detail = f"no payer takes a part of it{_listed(why)}"
        raise Invalid(detail, errors={"invoice_id": [detail]})
    if len(found) > 1:
        detail = f"say which of its payers{_listed([each.coverage_id for each in found])}"
        raise Invalid(detail, errors={"coverage_id": [detail]})
    return found[0]


def _listed(items: Sequence[str]) -> str:
    return f" ({', '.join(items)})" if items else ""
