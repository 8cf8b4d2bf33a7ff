"""What billing does, one function each, each in one transaction."""

from dataclasses import replace

from billing.domain import invoice as invoices
from billing.domain import ledger
from billing.domain.split import Split
from billing.ports import Books, Desk
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.events import ClaimDrafted, InvoiceIssued, PaymentReceived
from clinic_contracts.booking.events import Visit
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import Invalid, NotFound


def invoice_visit(visit: Visit, desk: Desk) -> None:
    """Invoice a fulfilled visit, draft the claims, post both; a visit is invoiced once.

    Raises RetryLater while what it needs to know has not arrived.
    """

    def work(books: Books) -> None:
        id_ = desk.new_id("inv", visit.appointment_id)
        if books.invoice(id_) is not None:
            return
        places = {"location_id": visit.location_id, "treatment_id": visit.treatment_id}
        facts = books.facts(visit.practitioner_id, {**places, "client_id": visit.client_id})
        day = visit.local_start.date()
        keys = {c.coverage_id: invoices.usage_key(c, day) for c in facts.in_force(day)}
        made, divided = invoices.issue(
            id_=id_,
            visit=visit,
            facts=facts,
            rules=desk.rules,
            used=books.used(keys),
            at=desk.now,
        )
        claims = _claims(made, divided, {c.coverage_id: c for c in facts.coverages}, desk)
        for claim in claims:
            books.use(keys[claim.coverage_id], id_, claim.amount.amount_minor)
            books.add_claim(claim, _drafted(claim))
        issued = replace(made, claim_ids=tuple(claim.id for claim in claims))
        books.add_invoice(issued, _issued(issued))
        books.post(ledger.of_invoice(issued))

    desk.transact(work)


def pay_invoice(request: r.PayInvoice, desk: Desk) -> r.PaymentView:
    """Take a payment and issue its receipt; a repeated operation answers the same payment.

    Raises NotFound, IllegalTransition, Invalid, PaymentRefused, RegistrationLapsed.
    """
    id_ = desk.new_id("pay", desk.context.operation_id)
    if request.method == "card" and request.card_token is None:
        detail = "a card payment needs the card's token"
        raise Invalid(detail, errors={"card_token": [detail]})

    def work(books: Books) -> r.PaymentView:
        done = books.payment(id_)
        if done is not None:
            return done
        invoice = visible(books.invoice(request.invoice_id), request.invoice_id, desk)
        amount = invoices.payable(invoice, request.amount)
        facts = _facts_of(books, invoice)
        invoices.check_registration(facts.practitioner, invoice.service_date)
        if request.card_token is not None and request.method == "card":
            desk.cards.charge(id_, request.card_token, amount.amount_minor, amount.currency)
        left = invoices.paid(invoice, amount)
        receipt = invoices.receipt(
            id_=desk.new_id("rcp", id_),
            number=books.next_receipt_number(invoice.location_id),
            payment_id=id_,
            method=request.method,
            amount=amount,
            invoice=left,
            facts=facts,
            at=desk.now,
        )
        payment = r.PaymentView(
            id=id_,
            invoice_id=invoice.id,
            status="succeeded",
            method=request.method,
            amount=amount,
            receipt_id=receipt.id,
            created_at=desk.now,
        )
        books.add_payment(payment, receipt)
        books.post(ledger.of_payment(id_, request.method, amount))
        books.save_invoice(left, _received(payment, receipt, left))
        return payment

    paid: r.PaymentView = desk.transact(work)
    return paid


def visible(found: r.InvoiceView | None, id_: str, desk: Desk) -> r.InvoiceView:
    """Return an invoice the caller may see; raises NotFound."""
    if found is None or not desk.context.sees(found.location_id):
        raise NotFound(f"there is no invoice {id_}")
    return found


def _facts_of(books: Books, invoice: r.InvoiceView) -> invoices.Facts:
    where = {
        "location_id": invoice.location_id,
        "treatment_id": invoice.lines[0].treatment_id,
        "client_id": invoice.client_id,
    }
    return books.facts(invoice.practitioner_id, where)


def _claims(
    invoice: r.InvoiceView, divided: Split, coverages: dict[str, CoverageChanged], desk: Desk
) -> list[r.ClaimView]:
    claims = []
    for part in divided.payers:
        if part.coverage_id is not None and part.amount.amount_minor:
            coverage = coverages[part.coverage_id]
            claims.append(
                r.ClaimView(
                    id=desk.new_id("clm", invoice.id, part.coverage_id),
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
                    created_at=desk.now,
                )
            )
    return claims


def _issued(invoice: r.InvoiceView) -> InvoiceIssued:
    return InvoiceIssued(
        invoice_id=invoice.id,
        appointment_id=invoice.appointment_id,
        client_id=invoice.client_id,
        total=invoice.total,
        client_portion=invoice.client_portion,
        payer_portion=invoice.payer_portion,
    )


def _drafted(claim: r.ClaimView) -> ClaimDrafted:
    return ClaimDrafted(
        claim_id=claim.id,
        invoice_id=claim.invoice_id,
        coverage_id=claim.coverage_id,
        amount=claim.amount,
    )


def _received(
    payment: r.PaymentView, receipt: r.ReceiptView, left: r.InvoiceView
) -> PaymentReceived:
    return PaymentReceived(
        payment_id=payment.id,
        invoice_id=left.id,
        receipt_id=receipt.id,
        method=payment.method,
        amount=payment.amount,
        balance=left.balance,
    )
