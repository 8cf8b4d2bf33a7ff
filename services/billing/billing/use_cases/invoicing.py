"""Invoices: a fulfilled visit becomes an invoice, its claims and its ledger entry, once."""

from dataclasses import replace

from billing.domain import invoice as invoices
from billing.domain import ledger
from billing.domain.split import Split
from billing.ports import Books, Desk
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.events import ClaimDrafted, InvoiceIssued
from clinic_contracts.booking.events import Visit
from clinic_contracts.client_profile.events import CoverageChanged


def invoice_visit(visit: Visit, desk: Desk) -> None:
    """Invoice a fulfilled visit, draft the claims, post both; a visit is invoiced once.

    Raises RetryLater while what it needs to know has not arrived.
    """

    def work(books: Books) -> None:
        id_ = desk.new_id("inv", visit.appointment_id)
        if books.invoice(id_) is not None:
            return
        facts = books.facts(visit)
        day = visit.local_start.date()
        keys = {c.coverage_id: invoices.usage_key(c, day) for c in facts.in_force(day)}
        made, divided = invoices.issue(
            id_=id_,
            number=books.next_number("invoice", visit.location_id),
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
