"""What other payers' rules would have made of invoices: each divided again, in their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from billing.domain.coverage import Usage, uncounted
from billing.domain.invoice import Facts
from billing.domain.payer_rules import Bill
from billing.domain.split import Payer, Split, counted, payers_of, split
from clinic_contracts.billing.payer_rules import PayerRule, SplitDifference
from clinic_contracts.billing.requests import InvoiceView, SplitPart


@dataclass(frozen=True, slots=True)
class Where:
    """What of an invoice says where its visit was, and whose."""

    location_id: str
    practitioner_id: str
    treatment_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Past:
    """An invoice, and what is known now of what it was made of."""

    invoice: InvoiceView
    facts: Facts

    @property
    def bill(self) -> Bill:
        """What payers were asked for: fee and tax as they were invoiced."""
        return Bill(
            fee=self.invoice.subtotal,
            tax=self.invoice.tax_total,
            day=self.invoice.service_date,
            discipline=self.facts.treatment.discipline,
            region=self.facts.location.tax_region,
            opted_out=self.facts.practitioner.msp_opted_out,
        )

    def payers(self, rules: Sequence[PayerRule]) -> tuple[Payer, ...]:
        """Return its payers by other rules."""
        return payers_of(self.bill, self.facts.coverages, rules)


def where(invoice: InvoiceView) -> Where:
    """Return where the visit of an invoice was, and whose."""
    return Where(
        invoice.location_id,
        invoice.practitioner_id,
        invoice.lines[0].treatment_id,
        invoice.client_id,
    )


def keys(pasts: Sequence[Past], rules: Sequence[PayerRule]) -> set[str]:
    """Return the keys of the periods in which the rules would count the invoices."""
    return {
        payer.period.key
        for past in pasts
        for payer in past.payers(rules)
        if payer.period is not None
    }


def before(
    pasts: Sequence[Past], rules: Sequence[PayerRule], used: Mapping[str, Usage]
) -> dict[str, Usage]:
    """Return what was used before the invoices, of what is used now they are counted by ``rules``.

    They are the latest there are, so that nothing after them was counted.
    """
    left = dict(used)
    for past in pasts:
        paid = {part.coverage_id: part for part in past.invoice.split if part.amount.amount_minor}
        for payer in past.payers(rules):
            part = paid.get(payer.coverage.coverage_id)
            if part is not None and payer.period is not None and payer.period.key in left:
                key, fee = payer.period.key, part.amount - part.tax
                gone = uncounted(past.invoice, payer.coverage.coverage_id)
                if gone is None or not gone.visit:
                    fee = fee if gone is None else fee - gone.amount
                    left[key] = left[key].without_visit(fee.amount_minor, past.bill.day)
    return left


def preview(
    pasts: Sequence[Past],
    rules: Sequence[PayerRule],
    others: Sequence[PayerRule],
    used: Mapping[str, Usage],
) -> list[SplitDifference]:
    """Return how ``others`` would divide invoices, oldest first, otherwise than ``rules`` do.

    Both count on from ``used``, and go by what is known now: what differs is the rules' doing.
    """
    differences = []
    for past, now, then in zip(
        pasts, _again(pasts, rules, used), _again(pasts, others, used), strict=True
    ):
        if _essence(now) != _essence(then):
            differences.append(_difference(past.invoice, now.parts, then.parts))
    return differences


def _again(
    pasts: Sequence[Past], rules: Sequence[PayerRule], used: Mapping[str, Usage]
) -> Iterator[Split]:
    usage = dict(used)
    for past in pasts:
        payers = past.payers(rules)
        divided = split(past.bill, payers, usage)
        for _, _, period, after in counted(past.bill, payers, divided, usage):
            usage[period.key] = after
        yield divided


def _essence(divided: Split) -> list[tuple[str | None, int, int, str | None]]:
    """Return what of a division matters: who pays how much, or why not; no rule's name."""
    return [
        (part.coverage_id, part.amount.amount_minor, part.tax.amount_minor, part.code)
        for part in divided.parts
    ]


def _difference(
    invoice: InvoiceView, now: tuple[SplitPart, ...], then: tuple[SplitPart, ...]
) -> SplitDifference:
    return SplitDifference(
        invoice_id=invoice.id,
        number=invoice.number,
        location_id=invoice.location_id,
        client_id=invoice.client_id,
        service_date=invoice.service_date,
        before=now,
        after=then,
    )
