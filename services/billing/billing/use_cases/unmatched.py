"""The work-queue: what remittances decided of no claim we know, until a biller says of which."""

from dataclasses import replace

from billing.domain import ledger
from billing.domain.claim import Cause
from billing.domain.ledger import CASH_CLEARING, UNAPPLIED
from billing.domain.settlement import Source, Unsettled, adjusted
from billing.domain.succession import settled
from billing.ports import Books, Desk
from billing.use_cases.counting import recount_decided
from billing.use_cases.remitting import heirs
from clinic_contracts.billing import payer_files as f
from clinic_contracts.errors import ClaimUnfit, IllegalTransition, NotFound
from payer_formats.answers import RemittedClaim
from payer_formats.claim import Adjustment


def list_unmatched(request: f.ListUnmatched, desk: Desk) -> f.UnmatchedPage:
    """Return a page of the caller's part of the work-queue, newest first."""
    items, following = desk.claims.unmatched(request, desk.context.location_scope)
    return f.UnmatchedPage(items=items, next=following)


def get_unmatched(id_: str, desk: Desk) -> f.UnmatchedView:
    """Return one that the caller sees; raises NotFound."""
    return _seen(desk.claims.one_unmatched(id_), id_, desk)


def assign(request: f.AssignUnmatched, desk: Desk) -> f.UnmatchedView:
    """Post a decision to a claim as if it had named it: what was held as unapplied pays it.

    Raises NotFound, IllegalTransition once it was assigned, ClaimUnfit when it cannot be posted.
    """

    def work(books: Books) -> f.UnmatchedView:
        id_ = request.unmatched_id
        item = _seen(books.unmatched(id_), id_, desk)
        claim = books.claim(request.claim_id)
        if claim is None or not desk.context.sees(claim.location_id):
            raise NotFound(f"there is no {request.claim_id}")
        if item.state == "assigned":
            if item.claim_id == claim.id:
                return item
            raise IllegalTransition("decision", "assigned", "assigned to another claim")
        cause = Cause(
            word="assigned",
            actor=desk.context.actor,
            at=desk.now,
            file_id=item.file_id,
            position=item.position,
        )
        source = Source(remittance_id=item.remittance_id, currency=item.paid.currency, cause=cause)
        try:
            heir = [claim, *heirs([claim], books)][-1]
            made = settled(claim, _decision(item), heir, source)
        except Unsettled as refusal:
            raise ClaimUnfit(str(refusal), findings=[]) from refusal
        books.save_claims([(each.claim, each.event) for each in made])
        invoice = books.invoices([claim.invoice_id])[claim.invoice_id]
        decided = recount_decided(made, adjusted(invoice, made, source), books, desk)
        books.save_invoices([(decided, None)])
        postings = tuple(
            replace(each, account=UNAPPLIED) if each.account == CASH_CLEARING else each
            for one in made
            for each in one.postings
        )
        key = f"assigned:{item.id}"
        books.post([ledger.Entry(key=key, currency=item.paid.currency, postings=postings)])
        assigned = replace(item, state="assigned", claim_id=claim.id)
        books.save_unmatched(assigned)
        return replace(assigned, version=item.version + 1)

    assigned: f.UnmatchedView = desk.transact(work)
    return assigned


def _seen(item: f.UnmatchedView | None, id_: str, desk: Desk) -> f.UnmatchedView:
    if item is None or not desk.context.sees_whole(item.location_ids):
        raise NotFound(f"there is no {id_}")
    return item


def _decision(item: f.UnmatchedView) -> RemittedClaim:
    return RemittedClaim(
        reference=item.reference,
        payer_reference=item.payer_reference,
        decision=item.decision,  # type: ignore[arg-type]  # as the remittance had it
        charge_minor=item.charge.amount_minor,
        paid_minor=item.paid.amount_minor,
        adjustments=tuple(
            Adjustment(group=each.group, reason=each.reason, minor=each.amount.amount_minor)
            for each in item.adjustments
        ),
        day=item.day,
        position=item.position,
    )
