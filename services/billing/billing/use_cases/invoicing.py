"""Invoices: a fulfilled visit becomes an invoice, its claims and its ledger entry, once."""

from billing.domain import claim as claims
from billing.domain import invoice as invoices
from billing.domain import ledger
from billing.domain.split import Split
from billing.ports import Books, Desk
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.events import ClaimDrafted
from clinic_contracts.booking.events import Visit


def invoice_visit(visit: Visit, desk: Desk) -> None:
    """Invoice a fulfilled visit, draft the claims, post both; a visit is invoiced once.

    Raises RetryLater while what it needs to know has not arrived.
    """

    def work(books: Books) -> None:
        id_ = desk.derived_id("inv", visit.appointment_id)
        if books.invoice(id_) is not None:
            return
        facts = books.facts(visit)
        day = visit.local_start.date()
        keys = {c.coverage_id: invoices.usage_key(c, day) for c in facts.in_force(day)}
        invoice, divided = invoices.issue(
            id_=id_,
            number=books.next_number("invoice", visit.location_id),
            visit=visit,
            facts=facts,
            rules=desk.rules,
            used=books.used(keys),
            now=desk.now,
        )
        drafts = _drafts(invoice, divided, facts, desk)
        for claim, drafted in drafts:
            books.use(keys[claim.coverage_id], id_, claim.amount.amount_minor)
            books.add_claim(claim, drafted)
        invoice, issued = invoices.with_claims(invoice, [claim for claim, _ in drafts])
        books.add_invoice(invoice, issued)
        books.post(ledger.of_invoice(invoice))

    desk.transact(work)


def _drafts(
    invoice: r.InvoiceView, divided: Split, facts: invoices.Facts, desk: Desk
) -> list[tuple[r.ClaimView, ClaimDrafted]]:
    coverages = {coverage.coverage_id: coverage for coverage in facts.coverages}
    return [
        claims.draft(
            id_=desk.derived_id("clm", invoice.id, part.coverage_id),
            invoice=invoice,
            part=part,
            coverage=coverages[part.coverage_id],
            now=desk.now,
        )
        for part in divided.payers
        if part.coverage_id is not None and part.amount.amount_minor
    ]
