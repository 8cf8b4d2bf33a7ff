"""What a payer's decision does to a claim, its invoice and the ledger, to the cent.

A claim's outstanding amount, what the invoice expects of this payer, is cleared by what is paid.
What is short of it moves to the client as far as the payer says that the patient owes more than
their part was (X12 CAS group PR), is written off as far as the contract forbids to ask for it
(group CO), and stays outstanding for the rest, for a biller to look at. What is paid beyond it
after all, of what was the client's or was written off by an earlier decision, is so no more; the
rest is held as unapplied. A reversal undoes the decision it takes back, whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from billing.domain.claim import NEXT, OVER, Cause, moved, noted, outstanding
from billing.domain.ledger import (
    AR_CLIENT,
    AR_PAYER,
    CASH_CLEARING,
    CONTRACTUAL_ADJUSTMENT,
    UNAPPLIED,
    Posting,
)
from billing.domain.relief import relieved
from billing.domain.split import shown
from clinic_contracts.billing.claims import ClaimAdjustment, ClaimSettlement
from clinic_contracts.billing.events import ClaimChanged
from clinic_contracts.billing.requests import ClaimView, InvoiceAdjustment, InvoiceView
from clinic_contracts.money import Money
from payer_formats.answers import RemittedClaim
from payer_formats.claim import Adjustment

SETTLES_NOTHING = frozenset({"pended", "refused", "predetermined"})


class Unsettled(Exception):
    """The decision cannot be posted to the claim; the message says why, for the work-queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A claim after a decision, what tells of it, and what it posts; None posts nothing."""

    claim: ClaimView
    event: ClaimChanged
    settlement: ClaimSettlement | None = None
    undone: bool = False

    @property
    def postings(self) -> tuple[Posting, ...]:
        """What goes into the ledger; it sums to zero."""
        if self.settlement is None:
            return ()
        sign = -1 if self.undone else 1
        return _postings(self.settlement, sign, self.claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Which remittance decides, in which currency, in which file."""

    remittance_id: str
    currency: str
    cause: Cause


def settle(claim: ClaimView, decided: RemittedClaim, source: Source) -> Settled:
    """Return the claim after a decision; raises Unsettled when it cannot be about this claim."""
    if source.currency != claim.amount.currency:
        raise Unsettled(f"it is in {source.currency}, the claim in {claim.amount.currency}")
    if decided.charge_minor and abs(decided.charge_minor) != claim.charge.amount_minor:
        charge = shown(claim.charge.amount_minor, source.currency)
        told = shown(decided.charge_minor, source.currency)
        raise Unsettled(f"it is about a charge of {told}, the claim's is {charge}")
    if decided.decision == "reversed":
        return _reverse(claim, decided, source)
    if decided.decision in SETTLES_NOTHING and decided.paid_minor:
        told = shown(decided.paid_minor, source.currency)
        raise Unsettled(f"it pays {told}, and is {decided.decision}: nothing is decided yet")
    # Forwarded to the next payer, it may have been paid by this one (X12 CLP02 19 to 21).
    if decided.decision in {"forwarded", "predetermined"} and not decided.paid_minor:
        return _noted(claim, decided, source)
    if decided.decision == "pended":
        _refuse_unless(claim, "pended")
        return _named(claim, decided, *moved(claim, ["pended"], source.cause))
    if decided.decision == "refused":
        _refuse_unless(claim, "rejected")
        return _named(claim, decided, *moved(claim, ["rejected"], source.cause))
    return _decide(claim, decided, source)


def _decide(claim: ClaimView, decided: RemittedClaim, source: Source) -> Settled:
    if claim.state not in {*OVER, "adjudicated"}:
        _refuse_unless(claim, "adjudicated")
    settlement = _settlement(claim, decided, source)
    after = replace(
        claim,
        payer_reference=decided.payer_reference or claim.payer_reference,
        settlements=(*claim.settlements, settlement),
        **_amounts(claim, settlement, 1),
    )
    if claim.state in OVER:
        done, event = noted(after, claim.state, ["adjudicated"], source.cause)
    else:
        state = _state(after, decided)
        to = [state] if claim.state == "adjudicated" else ["adjudicated", state]
        done, event = moved(after, to, source.cause)
    return Settled(claim=done, event=event, settlement=settlement)


def standing(claim: ClaimView, paid: int) -> ClaimSettlement | None:
    """Return the latest decision that paid so many minor units and was not taken back, or None."""
    made = (each for each in reversed(claim.settlements) if not each.undone)
    return next((each for each in made if _gross(each) == paid), None)


def _reverse(claim: ClaimView, decided: RemittedClaim, source: Source) -> Settled:
    """Undo the latest decision that paid what the reversal takes back."""
    paid = -decided.paid_minor
    last = standing(claim, paid)
    if last is None:
        told = shown(paid, source.currency)
        raise Unsettled(f"it takes back a payment of {told}, and none such stands here")
    after = replace(
        claim,
        settlements=tuple(
            replace(each, undone=True) if each is last else each for each in claim.settlements
        ),
        **_amounts(claim, last, -1),
    )
    taken = last
    if claim.state not in OVER:
        after, back = relieved(after)
        taken = replace(
            last,
            moved_to_client=last.moved_to_client - back.moved_to_client,
            written_off=last.written_off - back.written_off,
        )
    if claim.state in OVER or "adjudicated" not in NEXT[claim.state]:  # type: ignore[index]
        done, event = noted(after, claim.state, ["reversed"], source.cause)
    else:
        done, event = moved(after, ["adjudicated"], source.cause)
    return Settled(claim=done, event=event, settlement=taken, undone=True)


def adjusted(invoice: InvoiceView, settled: Iterable[Settled], source: Source) -> InvoiceView:
    """Return the invoice as payers' decisions leave it; its version is as it was."""
    for one in settled:
        if one.settlement is not None:
            invoice = _adjusted(invoice, one, source)
    return invoice


def owing_more(
    invoice: InvoiceView, amount: Money, text: str, claim_id: str, source: Source
) -> InvoiceView:
    """Return the invoice with an amount moved from the payer to the client, and why."""
    told = InvoiceAdjustment(
        kind="moved_to_client",
        amount=amount,
        text=text,
        claim_id=claim_id,
        remittance_id=source.remittance_id,
        at=source.cause.at,
    )
    moved_ = _client_owes(invoice, amount)
    return replace(
        moved_,
        payer_portion=invoice.payer_portion - amount,
        adjustments=(*invoice.adjustments, told),
    )


def _client_owes(invoice: InvoiceView, amount: Money) -> InvoiceView:
    balance, status = invoice.balance + amount, invoice.status
    if status in {"open", "paid"}:
        status = "open" if balance.amount_minor else "paid"
    return replace(
        invoice,
        status=status,
        client_portion=invoice.client_portion + amount,
        balance=balance,
    )


def _adjusted(invoice: InvoiceView, one: Settled, source: Source) -> InvoiceView:
    made = one.settlement
    if made is None:
        return invoice
    sign = -1 if one.undone else 1
    paid, moved_, off = (
        _times(money, sign) for money in (made.paid, made.moved_to_client, made.written_off)
    )
    return replace(
        _client_owes(invoice, moved_),
        payer_portion=invoice.payer_portion - moved_ - off,
        payer_paid=invoice.payer_paid + paid,
        written_off=invoice.written_off + off,
        adjustments=(*invoice.adjustments, *_told(one, source, paid, moved_, off)),
    )


def _told(
    one: Settled, source: Source, paid: Money, moved_: Money, off: Money
) -> list[InvoiceAdjustment]:
    carrier, because = one.claim.carrier, "taken back by the payer" if one.undone else ""
    told = (
        ("payer_paid", paid, f"{carrier} paid"),
        ("moved_to_client", moved_, f"{carrier} says that the client owes it"),
        ("written_off", off, f"not to be asked for under the terms of {carrier}"),
    )
    return [
        InvoiceAdjustment(
            kind=kind,  # type: ignore[arg-type]  # one of the three
            amount=amount,
            text=f"{text}, {because}" if because else text,
            claim_id=one.claim.id,
            remittance_id=source.remittance_id,
            at=source.cause.at,
        )
        for kind, amount, text in told
        if amount.amount_minor
    ]


def _settlement(claim: ClaimView, decided: RemittedClaim, source: Source) -> ClaimSettlement:
    due, currency = outstanding(claim).amount_minor, claim.amount.currency
    patient = _sum(decided, {"PR"})
    contract = _sum(decided, {"CO"})
    others_part = claim.charge.amount_minor - claim.amount.amount_minor
    paid = min(decided.paid_minor, max(due, 0))
    short = due - paid
    to_client = min(short, max(patient - others_part, 0))
    off = min(short - to_client, max(contract, 0))
    left = short - to_client - off
    of_client, of_off = _after_all(claim, decided.paid_minor - paid, decided.paid_minor)
    over = decided.paid_minor - paid - of_client - of_off
    words = (
        (paid, "paid"),
        (
            to_client,
            (
                f"the patient owes {shown(patient, currency)} by the payer's word, "
                f"{shown(others_part, currency)} by the invoice"
            ),
        ),
        (off, "written off: the payer's terms forbid to ask for it"),
        (left, "still outstanding: adjusted for reasons that are neither"),
        (of_client, "paid after all: it was the client's by an earlier decision"),
        (of_off, "paid after all: it was written off by an earlier decision"),
        (over, "paid beyond what was outstanding, held as unapplied"),
    )

    def money(minor: int) -> Money:
        return Money(amount_minor=minor, currency=currency)

    return ClaimSettlement(
        remittance_id=source.remittance_id,
        file_id=source.cause.file_id or "",
        position=decided.position,
        paid=money(paid + of_client + of_off),
        written_off=money(off - of_off),
        moved_to_client=money(to_client - of_client),
        overpaid=money(over),
        adjustments=tuple(
            ClaimAdjustment(group=each.group, reason=each.reason, amount=money(each.minor))
            for each in every_adjustment(decided)
        ),
        explanation=tuple(f"{shown(minor, currency)}: {text}" for minor, text in words if minor),
    )


def _after_all(claim: ClaimView, beyond: int, paid: int) -> tuple[int, int]:
    """Return what of a payment beyond what was outstanding was the client's, or written off.

    An appeal, or a correction, may bring it; the client is relieved first. Nothing where the payer
    has paid more than it owes.
    """
    if claim.paid.amount_minor + paid > claim.amount.amount_minor:
        return 0, 0
    of_client = min(beyond, max(claim.moved_to_client.amount_minor, 0))
    return of_client, min(beyond - of_client, max(claim.written_off.amount_minor, 0))


def _state(after: ClaimView, decided: RemittedClaim) -> Any:  # noqa: ANN401 (a ClaimState)
    if decided.decision == "denied" or not decided.paid_minor:
        return "denied"
    rest = (after.written_off, after.moved_to_client, outstanding(after))
    return "partially_paid" if any(each.amount_minor for each in rest) else "paid"


def _amounts(claim: ClaimView, made: ClaimSettlement, sign: int) -> dict[str, Any]:
    paid, off, to_client = (
        _times(each, sign) for each in (made.paid, made.written_off, made.moved_to_client)
    )
    return {
        "paid": claim.paid + paid,
        "written_off": claim.written_off + off,
        "moved_to_client": claim.moved_to_client + to_client,
        "outstanding": outstanding(claim) - paid - off - to_client,
    }


def _postings(made: ClaimSettlement, sign: int, claim: ClaimView) -> tuple[Posting, ...]:
    invoice_id, at, payer = claim.invoice_id, claim.location_id, claim.carrier
    paid, off, to_client, over = (
        sign * each.amount_minor
        for each in (made.paid, made.written_off, made.moved_to_client, made.overpaid)
    )
    postings = (
        Posting(CASH_CLEARING, paid + over, location_id=at, payer=payer),
        Posting(CONTRACTUAL_ADJUSTMENT, off, location_id=at, payer=payer),
        Posting(AR_CLIENT, to_client, invoice_id, location_id=at),
        Posting(AR_PAYER, -(paid + off + to_client), invoice_id, location_id=at, payer=payer),
        Posting(UNAPPLIED, -over, location_id=at, payer=payer),
    )
    return tuple(each for each in postings if each.minor)


def _noted(claim: ClaimView, decided: RemittedClaim, source: Source) -> Settled:
    """Keep what was said of it; a forwarded claim is decided by whom it was forwarded to."""
    return _named(claim, decided, *noted(claim, claim.state, [decided.decision], source.cause))


def _named(
    claim: ClaimView, decided: RemittedClaim, after: ClaimView, event: ClaimChanged
) -> Settled:
    number = decided.payer_reference or claim.payer_reference
    return Settled(claim=replace(after, payer_reference=number), event=event)


def _refuse_unless(claim: ClaimView, to: str) -> None:
    if to not in NEXT[claim.state]:  # type: ignore[index]  # a view's state is any text
        raise Unsettled(f"the claim is {claim.state}, and cannot become {to}")


def _gross(made: ClaimSettlement) -> int:
    return made.paid.amount_minor + made.overpaid.amount_minor


def every_adjustment(decided: RemittedClaim) -> tuple[Adjustment, ...]:
    """Return the adjustments of a decided claim and of its lines."""
    of_lines = (each for line in decided.lines for each in line.adjustments)
    return (*decided.adjustments, *of_lines)


def _sum(decided: RemittedClaim, groups: set[str]) -> int:
    return sum(each.minor for each in every_adjustment(decided) if each.group in groups)


def _times(money: Money, sign: int) -> Money:
    return money if sign == 1 else Money(amount_minor=-money.amount_minor, currency=money.currency)
