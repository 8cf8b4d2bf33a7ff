"""A visit billed to a payer that takes it after all, once what its client paid is given back."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from billing.domain import claim as claims
from billing.domain import preview, rebilling
from billing.domain.coverage import Usage, uncounted, used_event
from billing.domain.preview import Past
from billing.domain.split import Payer, Split, counted, split
from billing.ports import Books, Desk, Used
from billing.use_cases.counting import past_of
from clinic_contracts.billing.events import ClaimDrafted
from clinic_contracts.billing.invoices import RebillInvoice
from clinic_contracts.billing.requests import ClaimView, InvoiceView, SplitPart
from clinic_contracts.errors import NotFound


def rebill_invoice(request: RebillInvoice, desk: Desk) -> InvoiceView:
    """Divide a visit's fee again by what is known now, and draft the claims there were not.

    One that no payer takes more of is answered as it is, so a repeated operation changes nothing.
    Raises NotFound, IllegalTransition, AlreadyExists, PaymentRefused.
    """

    def work(books: Books) -> InvoiceView:
        past = _past(request.invoice_id, books, desk)
        invoice, payers = past.invoice, past.payers(desk.rules.payers)
        used = books.used(preview.keys([past], desk.rules.payers))
        before = preview.before([past], desk.rules.payers, used)
        divided = split(past.bill, payers, before)
        known = books.claims_of_invoices([invoice.id])
        parts = rebilling.newly_billed(invoice, divided, known)
        if not parts:
            return invoice
        drafts = [_draft(part, past, len(known), desk) for part in parts]
        made = [claim for claim, _ in drafts]
        again = rebilling.rebilled(invoice, divided, [*zip(parts, made, strict=True)], desk.now)
        books.save_claims([(claim, None) for claim in rebilling.handed_over(known, parts)])
        for claim, event in drafts:
            books.add_claim(claim, event)
        books.use([*_counted(replace(past, invoice=again), payers, divided, used, before, desk)])
        moved = [rebilling.of_claim(invoice, claim) for claim in made]
        books.post([*moved, rebilling.of_division(invoice, again)])
        books.save_invoices([(again, None)])
        return again

    rebilled: InvoiceView = desk.transact(work)
    return rebilled


def _past(id_: str, books: Books, desk: Desk) -> Past:
    invoice = books.invoice(id_)
    if invoice is None or not desk.context.sees(invoice.location_id):
        raise NotFound(f"there is no invoice {id_}")
    return past_of(invoice, books)


def _draft(
    part: SplitPart, past: Past, claims_before: int, desk: Desk
) -> tuple[ClaimView, ClaimDrafted]:
    invoice, facts = past.invoice, past.facts
    coverage = next(c for c in facts.coverages if c.coverage_id == part.coverage_id)
    return claims.draft(
        # A claim that was voided has the id that the first one to its payer has.
        id_=desk.derived_id("clm", invoice.id, coverage.coverage_id, str(claims_before)),
        invoice=invoice,
        part=part,
        coverage=coverage,
        route=desk.route(coverage, facts.treatment, invoice.service_date),
        cause=claims.Cause(word="rebilled", actor=desk.context.actor, at=desk.now),
    )


def _counted(  # noqa: PLR0913, PLR0917 (what was used, what is, and of which payers)
    past: Past,
    payers: tuple[Payer, ...],
    divided: Split,
    used: Mapping[str, Usage],
    before: Mapping[str, Usage],
    desk: Desk,
) -> Iterator[Used]:
    """Yield each period of which the visit takes more or less than it did."""
    now = dict(before)
    for payer, _, period, after in counted(past.bill, payers, divided, before):
        gone = uncounted(past.invoice, payer.coverage.coverage_id)
        now[period.key] = after if gone is None else after.given_back(gone, past.bill.day)
    for payer in payers:
        if payer.rule is not None and payer.period is not None:
            key = payer.period.key
            if key in now and now[key] != used.get(key):
                event = used_event(
                    payer.coverage, payer.rule, payer.period, now[key], past.bill.fee.currency
                )
                yield Used(key, now[key], event, desk.context)
