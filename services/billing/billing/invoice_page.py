"""An invoice as a page that explains every cent: what it is for, who owes it, what became of it."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from billing.domain.claim import outstanding
from billing.ports import InvoicePaper
from billing.wording import BASIS_POINTS_A_PERCENT, amount
from clinic_contracts.billing.requests import ClaimView, InvoiceView, SplitPart
from clinic_contracts.money import Money

Rows = Sequence[tuple[str, str]]


def body(paper: InvoicePaper) -> tuple[str, str]:
    """Return the page's title and its body, HTML with every text escaped."""
    invoice = paper.invoice
    title = f"Invoice {invoice.number}"
    parties = invoice.parties
    facts = [
        ("Client", parties.client_name),
        ("Date of service", invoice.service_date.isoformat()),
        ("Therapist", parties.practitioner_name),
        ("Status", invoice.status),
    ]
    sections = [
        ("What it is for", _charges(invoice)),
        *((f"Why {_who(part)} owes {amount(part.amount)}", _steps(part)) for part in invoice.split),
        *((f"Claim {claim.number} to {claim.carrier}", _claim(claim)) for claim in paper.claims),
        ("What payers' decisions changed", _decisions(invoice)),
        ("Where every cent is", _sums(invoice, paper.claims)),
    ]
    told = "".join(
        f"<h2>{escape(heading)}</h2><table>{_rows(rows)}</table>"
        for heading, rows in sections
        if rows
    )
    head = (
        f"<h1>{escape(parties.location_name)}</h1><address>{escape(parties.location_address)}"
        f"</address><h2>{escape(title)}</h2><table>{_rows(facts)}</table>"
    )
    return title, head + told


def _charges(invoice: InvoiceView) -> Rows:
    rows = [
        (f"{line.description}, {line.quantity} at {amount(line.unit_price)}", amount(line.amount))
        for line in invoice.lines
    ]
    for tax in invoice.taxes:
        rate = Decimal(tax.rate_bp) / BASIS_POINTS_A_PERCENT
        text = f"{tax.name} {rate} % of {amount(tax.base)} ({tax.rule})"
        rows.append((text, amount(tax.amount)))
    return [*rows, ("Total", amount(invoice.total))]


def _who(part: SplitPart) -> str:
    return "the client" if part.coverage_id is None else part.payer


def _steps(part: SplitPart) -> Rows:
    return [
        (f"{step.text} ({step.rule}, {step.version})", amount(step.amount))
        for step in part.explanation
    ]


def _claim(claim: ClaimView) -> Rows:
    way = [step.state for step in claim.history] or [claim.state]
    steps = " → ".join(way).replace("_", " ")
    rows = [("Its way", steps), ("Expected of this payer", amount(claim.amount))]
    for made in claim.settlements:
        taken_back = " (taken back later)" if made.undone else ""
        rows += [
            (f"{label}{taken_back}", amount(money))
            for label, money in (
                ("Paid", made.paid),
                ("Moved to the client", made.moved_to_client),
                ("Written off", made.written_off),
                ("Paid beyond what was outstanding", made.overpaid),
            )
            if money.amount_minor
        ]
    return [*rows, ("Still outstanding", amount(outstanding(claim)))]


def _decisions(invoice: InvoiceView) -> Rows:
    return [(each.text, amount(each.amount)) for each in invoice.adjustments]


def _sums(invoice: InvoiceView, claims: Sequence[ClaimView]) -> Rows:
    """Return where the total is, part by part, and what is left unexplained: nothing."""
    open_claims = sum(outstanding(each).amount_minor for each in claims)
    currency = invoice.total.currency

    def money(minor: int) -> Money:
        return Money(amount_minor=minor, currency=currency)

    parts = [
        ("Paid by the client", invoice.paid),
        ("Owed by the client", invoice.balance),
        ("Paid by payers", invoice.payer_paid),
        ("Outstanding with payers", money(open_claims)),
        ("Written off", invoice.written_off),
    ]
    if invoice.status == "void":  # nothing was paid or claimed on it, and nothing is owed
        parts.append(("Called off", invoice.total))
    known = sum(part.amount_minor for _, part in parts)
    return [
        *((label, amount(part)) for label, part in parts),
        ("Together", amount(money(known))),
        ("Not explained", amount(money(invoice.total.amount_minor - known))),
    ]


def _rows(rows: Rows) -> str:
    return "".join(
        f'<tr><th scope="row">{escape(label)}</th><td class="money">{escape(value)}</td></tr>'
        for label, value in rows
    )
