"""For tests: a claim, a receipt and a payer's decisions as they might be."""

import base64
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from billing.use_cases import answers, claiming
from clinic_contracts.billing.claims import ActOnClaim
from clinic_contracts.billing.payer_files import FileView, TakeFile
from clinic_contracts.billing.requests import ClaimView, InvoiceTax, ReceiptView
from clinic_contracts.money import Money
from payer_formats.answers import ProviderAdjustment, Read, Remittance, RemittedClaim
from payer_formats.claim import Adjustment

AT = datetime(2026, 12, 9, tzinfo=UTC)
FEE, EXPECTED = Money(amount_minor=11500), Money(amount_minor=9200)
CLAIM = ClaimView(
    id="clm_1",
    version=3,
    state="draft",
    carrier="Carrier",
    coverage_id="pol_1",
    member_id="1",
    group_number="",
    invoice_id="inv_1",
    location_id="loc_1",
    client_id="cli_1",
    practitioner_id="prac_1",
    service_date=date(2026, 12, 1),
    charge=FEE,
    amount=EXPECTED,
    created_at=AT,
    number="N1",
)
"""A fee of $115.00, of which the payer is expected to pay $92.00."""
RECEIPT = ReceiptView(
    id="rcp_1",
    number=42,
    invoice_id="inv_1",
    payment_id="pay_1",
    location_id="loc_1",
    location_name="Fernwood Massage",
    location_address="1 Main Street",
    client_id="cli_1",
    client_name="Óscar Sample",
    service_date=date(2026, 11, 30),
    treatment="Massage",
    minutes=60,
    fee=FEE,
    taxes=(
        InvoiceTax(
            name="GST",
            rate_bp=500,
            base=FEE,
            amount=Money(amount_minor=575),
            rule="ca-gst-services-2008",
        ),
    ),
    tax_number="123456782 RT0001",
    practitioner_name="Robin Ames",
    college="CCHPBC",
    registration_number="RMT-1",
    method="card",
    amount_paid=Money(amount_minor=2875),
    balance=Money(amount_minor=25),
    issued_at=datetime(2026, 12, 2, 1, tzinfo=UTC),
    invoice_number="INV-000042",
    paid_on=date(2026, 12, 1),
    payer_portion=EXPECTED,
)


def claim(state: str = "draft", **more: Any) -> ClaimView:  # noqa: ANN401 (fields of a claim)
    """Return a claim in a state, otherwise as ``CLAIM`` or as ``more`` says."""
    return replace(CLAIM, state=state, **more)


def sent(office: Any, number: int = 1) -> ClaimView:  # noqa: ANN401 (the tests' own)
    """Return a claim of an office of the tests that its payer has."""
    draft = office.claim(office.invoice(number))
    return submitted(office, draft)


def submitted(office: Any, draft: ClaimView) -> ClaimView:  # noqa: ANN401 (as above)
    """Return a draft after its payer has it."""
    claiming.submit_claim(ActOnClaim(claim_id=draft.id), office.desk())
    change = {"$set": {"state.state": "submitted"}, "$inc": {"version": 1}}
    office.database["claims"].update_one({"_id": draft.id}, change)
    return reread(office, draft)


def reread(office: Any, of: ClaimView) -> ClaimView:  # noqa: ANN401 (as above)
    """Return a claim as it is now."""
    found: ClaimView | None = office.desk().claims.claim(of.id)
    if found is None:
        raise LookupError(of.id)
    return found


def decided(of: ClaimView, paid: int = EXPECTED.amount_minor, position: int = 5) -> RemittedClaim:
    """Return a decision that pays so much, and leaves the rest to the client."""
    return RemittedClaim(
        reference=of.number,
        payer_reference=f"P-{of.number[:6]}",
        decision="paid" if paid else "denied",
        charge_minor=FEE.amount_minor,
        paid_minor=paid,
        adjustments=(Adjustment(group="PR", reason="2", minor=FEE.amount_minor - paid),),
        day=of.service_date,
        position=position,
    )


def taken_back(of: RemittedClaim) -> RemittedClaim:
    """Return the reversal of a decision."""
    return replace(
        of,
        decision="reversed",
        charge_minor=-of.charge_minor,
        paid_minor=-of.paid_minor,
        adjustments=tuple(replace(each, minor=-each.minor) for each in of.adjustments),
    )


def remittance(
    *claims: RemittedClaim,
    identity: str = "one",
    withheld: int = 0,
    **more: Any,  # noqa: ANN401 (fields)
) -> Read:
    """Return what a file holds that pays claims."""
    kept = (ProviderAdjustment(reason="WO", minor=withheld),) if withheld else ()
    paid = sum(each.paid_minor for each in claims) - withheld
    one = Remittance(
        identity=identity,
        payer_id="PORTAL",
        payer_name="Carrier",
        paid_minor=paid,
        currency="CAD",
        claims=claims,
        provider_adjustments=kept,
    )
    return Read(format="x12", remittances=(replace(one, **more),))


def take(office: Any, read: Read, raw: bytes = b"a file") -> FileView:  # noqa: ANN401 (as above)
    """Hand in a file that an office of the tests reads so."""
    office.files[raw] = read
    return answers.take_file(raw, "application/edi-x12", office.desk())


def handed_in(office: Any, raw: bytes) -> FileView:  # noqa: ANN401 (as above)
    """Hand an X12 file in as the gateway does; whatever becomes of it, the books are in order."""
    content = base64.b64encode(raw).decode()
    asked = TakeFile(content_base64=content, content_type="application/edi-x12")
    file: FileView = office.service().take_file(asked, office.desk().context)
    if any(office.findings().values()):
        raise AssertionError(office.findings())
    return file


def codes(file: FileView) -> list[str]:
    """Return what was found in a file."""
    return [each.code for each in file.findings]
