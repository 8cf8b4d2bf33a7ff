"""Invoices: a fulfilled visit becomes an invoice, its claims and its ledger entry, once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing.domain import claim as claims
from billing.domain import invoice as invoices
from billing.domain import ledger
from billing.domain.split import Split
from billing.ports import Books, Desk, Issued
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
    """A visit to invoice, with what is known of it."""

    told: Fulfilled
    facts: invoices.Facts

    @property
    def years(self) -> Mapping[str, str]:
        """The benefit year, by coverage, of each policy in force."""
        day = self.told.visit.local_start.date()
        return {c.coverage_id: invoices.usage_key(c, day) for c in self.facts.in_force(day)}


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
                new[id_] = _Known(told, known)
        if new:
            _invoice(new, books, desk)
        return outcomes

    outcomes: list[RetryLater | None] = desk.transact(work)
    return outcomes


def _invoice(visits: Mapping[str, _Known], books: Books, desk: Desk) -> None:
    """Invoice visits by the ids of their invoices, in their order."""
    used = Counter(books.used({year for each in visits.values() for year in each.years.values()}))
    taken: Counter[str] = Counter()
    at_each = Counter(each.told.visit.location_id for each in visits.values())
    numbers = books.next_numbers("invoice", at_each)
    issued = []
    for id_, each in visits.items():
        number = next(numbers[each.told.visit.location_id])
        one = _issue(id_, number, each, used + taken, desk)
        for claim, _ in one.claims:
            taken[each.years[claim.coverage_id]] += claim.amount.amount_minor
        issued.append(one)
    books.use(taken)
    books.add_invoices(issued)
    books.post([ledger.of_invoice(each.invoice) for each in issued])


def _issue(id_: str, number: int, known: _Known, used: Mapping[str, int], desk: Desk) -> Issued:
    invoice, divided = invoices.issue(
        id_=id_,
        number=number,
        visit=known.told.visit,
        facts=known.facts,
        rules=desk.rules,
        used={coverage: used.get(year, 0) for coverage, year in known.years.items()},
        now=desk.now,
    )
    drafts = _drafts(invoice, divided, known.facts, desk)
    invoice, event = invoices.with_claims(invoice, [claim for claim, _ in drafts])
    return Issued(invoice, event, drafts, known.told.context)


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
