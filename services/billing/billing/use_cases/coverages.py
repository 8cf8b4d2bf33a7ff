"""What is left of coverages, told when they are made or changed, before any visit uses them."""

from dataclasses import replace

from billing.domain.coverage import UNUSED, used_event
from billing.domain.payer_rules import limits_on
from billing.ports import Books, Desk, Used
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money

NOTHING = Money(amount_minor=0)


def tell_left(coverage: CoverageChanged, seq: int, desk: Desk) -> None:
    """Tell what is left of each limit of a coverage on the desk's day, once for each change.

    ``seq`` is the number of the change; one heard after a later one is not told any more.
    """
    currency = (coverage.annual_maximum or NOTHING).currency
    limits = {
        period.key: (rule, period)
        for rule, period in limits_on(desk.rules.payers, coverage, desk.now.date())
    }

    def work(books: Books) -> None:
        used = books.used(limits.keys())
        told = []
        for key, (rule, period) in limits.items():
            usage = used.get(key, UNUSED)
            if usage.coverage_seq < seq:
                event = used_event(coverage, rule, period, usage, currency)
                told.append(Used(key, replace(usage, coverage_seq=seq), event, desk.context))
        books.use(told)

    if limits:
        desk.transact(work)
