"""A visit that its client was billed for, billed to a payer that takes it after all.

WorkSafeBC accepts a claim after treatment began, ICBC gives its number later, a limit is raised:
the fee is divided again by what is known now. The client is paid back first, the payer billed then
(WorkSafeBC, key guidelines for massage therapists).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from billing.domain.claim import OVER
from billing.domain.ledger import (
    AR_CLIENT,
    AR_PAYER,
    Entry,
    Posting,
    billed_to,
    earned,
    entry,
)
from billing.domain.split import Split, shown
from clinic_contracts.billing.requests import ClaimView, InvoiceAdjustment, InvoiceView, SplitPart
from clinic_contracts.errors import AlreadyExists, IllegalTransition, PaymentRefused
from clinic_contracts.money import Money


def newly_billed(
    invoice: InvoiceView, divided: Split, claims: Iterable[ClaimView]
) -> tuple[SplitPart, ...]:
    """Return the parts of payers that have no claim on the invoice yet.

    Raises IllegalTransition unless the invoice is of a visit and stands, AlreadyExists when a claim
    stands whose payer's part would change: it is voided first; or when a payer has paid one that is
    over: the same is not asked of it twice.
    """
    if invoice.kind != "visit" or invoice.status == "void":
        standing = invoice.status if invoice.kind == "visit" else invoice.kind
        raise IllegalTransition("invoice", standing, "billed to a payer")
    parts = {part.coverage_id: part for part in divided.payers if part.amount.amount_minor}
    kept = []
    for claim in claims:
        if claim.state in OVER:
            kept += [claim] if claim.paid.amount_minor or claim.written_off.amount_minor else []
            continue
        part = parts.pop(claim.coverage_id, None)
        if part is None or part.amount != claim.amount:
            detail = f"the claim to {claim.carrier} stands ({claim.state}): void it first"
            raise AlreadyExists(detail, field="claim_ids")
    if parts and kept:
        settled = kept[0].paid + kept[0].written_off
        told = shown(settled.amount_minor, settled.currency)
        detail = f"{kept[0].carrier} has settled {told} of it: it takes that back first"
        raise AlreadyExists(detail, field="claim_ids")
    return tuple(parts.values())


def handed_over(claims: Iterable[ClaimView], parts: Iterable[SplitPart]) -> Iterator[ClaimView]:
    """Yield the claims that are over whose payers are billed anew, without what was the client's.

    The new claim asks for it: paid for the old one all the same, it is paid twice.
    """
    anew = {part.coverage_id for part in parts}
    for claim in claims:
        client = claim.moved_to_client
        if claim.state in OVER and claim.coverage_id in anew and client.amount_minor:
            left = claim.amount - client
            yield replace(claim, amount=left, moved_to_client=client - client)


def rebilled(
    invoice: InvoiceView,
    divided: Split,
    moved: Sequence[tuple[SplitPart, ClaimView]],
    now: datetime,
) -> InvoiceView:
    """Return the invoice with the parts of new claims the payers' instead of the client's.

    Raises PaymentRefused (``refund_first``, with the minor units) when the client has paid them.
    """
    nothing = Money(amount_minor=0, currency=invoice.total.currency)
    amount = sum((part.amount for part, _ in moved), start=nothing)
    free = invoice.balance - invoice.reserved
    if amount.amount_minor > free.amount_minor:
        short = (amount - free).amount_minor
        raise PaymentRefused(
            "the client has paid what a payer is to pay: refund it first",
            reason="refund_first",
            refund=short,
        )
    balance = invoice.balance - amount
    told = tuple(
        InvoiceAdjustment(
            kind="moved_to_payer",
            amount=part.amount,
            text=f"{part.payer} takes it by what is known now",
            claim_id=claim.id,
            remittance_id="",
            at=now,
        )
        for part, claim in moved
    )
    anew = {part.coverage_id for part, _ in moved}
    return replace(
        invoice,
        uncounted=tuple(each for each in invoice.uncounted if each.coverage_id not in anew),
        status="open" if balance.amount_minor else "paid",
        split=divided.parts,
        client_portion=invoice.client_portion - amount,
        payer_portion=invoice.payer_portion + amount,
        balance=balance,
        claim_ids=(*invoice.claim_ids, *(claim.id for _, claim in moved)),
        adjustments=(*invoice.adjustments, *told),
    )


def of_claim(invoice: InvoiceView, claim: ClaimView) -> Entry:
    """Return what a claim made later posts: the payer's receivable instead of the client's."""
    minor, at = claim.amount.amount_minor, invoice.location_id
    postings = (
        Posting(AR_PAYER, minor, invoice.id, location_id=at, payer=claim.carrier),
        Posting(AR_CLIENT, -minor, invoice.id, location_id=at),
    )
    return entry(f"rebilled:{claim.id}", claim.amount.currency, postings, invoice.service_date)


def of_division(before: InvoiceView, after: InvoiceView) -> Entry:
    """Return what the fee divided otherwise posts: revenue of those billed now, not of others."""
    was, is_ = billed_to(before), billed_to(after)
    postings = [
        earned(after, payer, is_.get(payer, 0) - was.get(payer, 0)) for payer in {**was, **is_}
    ]
    key = f"divided:{before.id}:{before.version}"
    return entry(key, after.total.currency, postings, after.service_date)
