"""Invoices: a fulfilled visit becomes an invoice, its claims and its ledger entry, once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from billing.domain import claim as claims
from billing.domain import invoice as invoices
from billing.domain import ledger
from billing.domain.coverage import Usage, used_event
from billing.domain.split import Split, counted
from billing.ports import Books, Desk, Issued, Used
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.events import ClaimDrafted
from clinic_contracts.booking.events import Visit
from clinic_contracts.context import CallContext
from clinic_contracts.errors import RetryLater


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """A visit to invoice, and what told of it."""

    visit: Visit
    context: CallContext


@dataclass(frozen=True, slots=True)
class _Known:
    """A visit to invoice, with what is known of it and what it costs."""

    told: Fulfilled
    facts: invoices.Facts
    charged: invoices.Charged


def invoice_visits(fulfilled: Sequence[Fulfilled], desk: Desk) -> list[RetryLater | None]:
    """Invoice visits, draft the claims, post both, all in one transaction; each visit once.

    Returns for each None, or RetryLater while what it needs to know has not arrived. What else is
    wrong with one of them is raised, and none is invoiced.
    """
    ids = [desk.derived_id("inv", each.visit.appointment_id) for each in fulfilled]

    def work(books: Books) -> list[RetryLater | None]:
        facts = books.facts([each.visit for each in fulfilled])
        done = books.invoiced(ids)
        outcomes: list[RetryLater | None] = []
        new: dict[str, _Known] = {}
        for id_, told, known in zip(ids, fulfilled, facts, strict=True):
            missing = known if isinstance(known, RetryLater) and id_ not in done else None
            outcomes.append(missing)
            if id_ not in done and isinstance(known, invoices.Facts):
                new[id_] = _Known(told, known, invoices.charge(told.visit, known, desk.rules))
        if new:
            _invoice(new, books, desk)
        return outcomes

    outcomes: list[RetryLater | None] = desk.transact(work)
    return outcomes


def _invoice(visits: Mapping[str, _Known], books: Books, desk: Desk) -> None:
    """Invoice visits by the ids of their invoices, in their order."""
    usage = dict(books.used({key for each in visits.values() for key in each.charged.keys}))
    changed: dict[str, Used] = {}
    at_each = Counter(each.told.visit.location_id for each in visits.values())
    numbers = books.next_numbers("invoice", at_each)
    issued = []
    for id_, each in visits.items():
        number = next(numbers[each.told.visit.location_id])
        invoice, divided = invoices.issue(
            id_=id_,
            number=number,
            visit=each.told.visit,
            facts=each.facts,
            charged=each.charged,
            used=usage,
            now=desk.now,
        )
        for year in _counted(each, divided, usage):
            usage[year.year] = year.usage
            changed[year.year] = year
        drafts = _drafts(invoice, divided, each.facts, desk)
        invoice, event = invoices.with_claims(invoice, [claim for claim, _ in drafts])
        issued.append(Issued(invoice, event, drafts, each.told.context))
    books.use([*changed.values()])
    books.add_invoices(issued)
    books.post([ledger.of_invoice(each.invoice) for each in issued])


def _counted(known: _Known, divided: Split, usage: Mapping[str, Usage]) -> Iterator[Used]:
    """Yield the period of each payer that pays, with the visit counted."""
    charged = known.charged
    for payer, rule, period, after in counted(charged.bill, charged.payers, divided, usage):
        event = used_event(payer.coverage, rule, period, after, charged.bill.fee.currency)
        yield Used(period.key, after, event, known.told.context)


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
            route=desk.route(coverages[part.coverage_id], facts.treatment, invoice.service_date),
            cause=claims.Cause(word="invoiced", actor=desk.context.actor, at=desk.now),
        )
        for part in divided.payers
        if part.coverage_id is not None and part.amount.amount_minor
    ]
