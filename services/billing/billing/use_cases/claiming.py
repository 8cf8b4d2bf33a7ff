"""Claims on their way out: mended, validated, queued, corrected, voided, appealed, closed."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from billing.claim_ports import Leaving
from billing.domain import claim as claims
from billing.domain import ledger
from billing.domain.alarms import WAITING, alarms
from billing.domain.claim import Cause
from billing.domain.closing import given_up
from billing.domain.settlement import Source
from billing.domain.succession import successor
from billing.ports import Books, Desk
from billing.use_cases.counting import recount
from billing.use_cases.records import location_ids_of
from billing.use_cases.sending import leaving_of
from clinic_contracts.billing import claims as c
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.errors import ClaimUnfit, NotFound, StaleVersion
from clinic_contracts.trusted import dump

MOST_LOOKED_AT = 2_000
MOST_COUNTED = 99
MOST_ALARMS = 200
Change = Callable[[ClaimView, Books], tuple[ClaimView, Any]]


def get_claim(id_: str, desk: Desk) -> ClaimView:
    """Return a claim the caller may see; raises NotFound."""
    return _seen(desk.claims.claim(id_), id_, desk)


def claim_file(id_: str, desk: Desk) -> c.ClaimFile:
    """Return a claim by itself as its payer gets it; raises NotFound, ClaimUnfit."""

    def work(books: Books) -> Leaving:
        return leaving_of([_seen(books.claim(id_), id_, desk)], books)[0]

    leaving: Leaving = desk.transact(work)
    claim = leaving.claim
    built = desk.build_file([leaving], claim.payer_id, 0, 1)
    if claim.number not in built.named:
        told = [{"code": each.code, "text": each.text} for each in built.findings]
        raise ClaimUnfit("the claim cannot be written yet; validate it", findings=told)
    return c.ClaimFile(
        filename=built.file.name,
        content_type=built.file.content_type,
        content_base64=base64.b64encode(built.file.raw).decode(),
    )


def list_alarms(request: c.ListAlarms, desk: Desk) -> c.AlarmList:
    """Return the claims of the caller's that wait too long, the oldest first; raises NotFound."""
    location_ids = location_ids_of(request.location_id, desk)
    claims_ = desk.claims.waiting(WAITING, location_ids, MOST_LOOKED_AT)
    found = tuple(alarm for claim in claims_ for alarm in alarms(claim, desk.now))
    return c.AlarmList(items=found[:MOST_ALARMS], more=len(found) > MOST_ALARMS)


def count_work(request: c.CountWork, desk: Desk) -> c.WorkCounts:
    """Return how much waits for somebody who bills, of the caller's; raises NotFound."""
    location_ids = location_ids_of(request.location_id, desk)
    by_stage = {
        stage: desk.claims.count_claims(states, location_ids, MOST_COUNTED + 1)
        for stage, states in claims.STAGES.items()
    }
    return c.WorkCounts(
        unpaid=desk.records.count_open_invoices(location_ids, MOST_COUNTED + 1),
        to_send=by_stage["to_send"],
        refused=by_stage["refused"],
        waiting=by_stage["waiting"],
        quarantined=desk.claims.count_quarantined(MOST_COUNTED + 1),
        unmatched=desk.claims.count_unmatched(MOST_COUNTED + 1),
        most=MOST_COUNTED,
    )


def change_claim(request: c.ChangeClaim, desk: Desk) -> ClaimView:
    """Change what a claim says; it is to be validated anew.

    Raises NotFound, StaleVersion, IllegalTransition.
    """

    def change(claim: ClaimView, _books: Books) -> tuple[ClaimView, Any]:
        details = claims.with_content(claim.details, request)
        return claims.changed(claim, details, _cause("changed", desk))

    return _apply(request, desk, change)


def validate_claim(request: c.ActOnClaim, desk: Desk) -> ClaimView:
    """Have the scrubber look at a claim; raises NotFound, StaleVersion, IllegalTransition."""

    def change(claim: ClaimView, books: Books) -> tuple[ClaimView, Any]:
        return claims.validated(claim, _scrubbed(claim, books, desk), _cause("validated", desk))

    return _apply(request, desk, change)


def submit_claim(request: c.ActOnClaim, desk: Desk) -> ClaimView:
    """Put a claim among those that go out next, validating it first where that was not done.

    Raises NotFound, StaleVersion, IllegalTransition, ClaimUnfit with what is wrong.
    """

    def change(claim: ClaimView, books: Books) -> tuple[ClaimView, Any]:
        cause = _cause("submitted", desk)
        if claim.state in claims.OPEN_TO_CHANGE:
            claim, _ = claims.validated(claim, _scrubbed(claim, books, desk), cause)
        queued, event = claims.queued(claim, cause)
        return queued, replace(event, previous=claim.state)

    return _apply(request, desk, change)


def appeal_claim(request: c.ActOnClaimBecause, desk: Desk) -> ClaimView:
    """Record that a decision is appealed; raises NotFound, StaleVersion, IllegalTransition."""

    def change(claim: ClaimView, _books: Books) -> tuple[ClaimView, Any]:
        return claims.appealed(claim, _cause(request.reason, desk))

    return _apply(request, desk, change)


def correct_claim(request: c.ActOnClaimBecause, desk: Desk) -> ClaimView:
    """Draft the claim that takes a decided one's place, to be changed and sent; returns it.

    Raises NotFound, StaleVersion, IllegalTransition, ClaimUnfit.
    """

    def correct(claim: ClaimView, books: Books) -> ClaimView:
        return _replace(claim, "corrected", request.reason, books, desk)

    return _end(request, desk, correct)


def void_claim(request: c.ActOnClaimBecause, desk: Desk) -> ClaimView:
    """Take a claim back: one that never went out at once, a decided one by a claim that says so.

    Returns the claim that says so, or the one voided. What an unsent one would have brought is the
    client's to pay. Raises NotFound, StaleVersion, IllegalTransition, ClaimUnfit.
    """

    def void(claim: ClaimView, books: Books) -> ClaimView:
        take_back = _give_up if claim.state in claims.UNDECIDED else _replace
        return take_back(claim, "voided", request.reason, books, desk)

    return _end(request, desk, void)


def close_claim(request: c.ActOnClaimBecause, desk: Desk) -> ClaimView:
    """End a decided claim; what is still outstanding of it is the client's to pay.

    Raises NotFound, StaleVersion, IllegalTransition.
    """

    def close(claim: ClaimView, books: Books) -> ClaimView:
        return _give_up(claim, "closed", request.reason, books, desk)

    return _end(request, desk, close)


def _end(
    request: c.ActOnClaimBecause, desk: Desk, end: Callable[[ClaimView, Books], ClaimView]
) -> ClaimView:
    """End a claim once; a repeated operation is answered by what the first one made of it."""

    def work(books: Books) -> ClaimView:
        claim, done = _current(request, books, desk)
        return _following(claim, books) if done else end(claim, books)

    ended: ClaimView = desk.transact(work)
    return ended


def _replace(
    claim: ClaimView, state: c.ClaimState, reason: str, books: Books, desk: Desk
) -> ClaimView:
    id_ = desk.derived_id("clm", claim.id, desk.context.operation_id)
    over, following = successor(claim, id_, state, _cause(reason, desk))
    books.save_claims([over])
    books.add_claim(*following)
    return following[0]


def _following(claim: ClaimView, books: Books) -> ClaimView:
    found = None if claim.replaced_by is None else books.claim(claim.replaced_by)
    return claim if found is None else found


def _give_up(
    claim: ClaimView, state: c.ClaimState, reason: str, books: Books, desk: Desk
) -> ClaimView:
    """End a claim, what is outstanding of it moved to the client."""
    source = Source(remittance_id="", currency=claim.amount.currency, cause=_cause(reason, desk))
    invoice = books.invoices([claim.invoice_id])[claim.invoice_id]
    ended, event, owing, postings = given_up(claim, invoice, state, source)
    books.save_claims([(ended, event)])
    counted = recount(owing, claim.coverage_id, books, desk)
    if counted != invoice:
        books.save_invoices([(counted, None)])
    if postings:
        key = f"claim:{claim.id}:{claim.version}"
        entry = ledger.Entry(key=key, currency=claim.amount.currency, postings=postings)
        books.post([entry])
    return replace(ended, version=claim.version + 1)


def _apply(request: Any, desk: Desk, change: Change) -> ClaimView:  # noqa: ANN401 (a request)
    def work(books: Books) -> ClaimView:
        claim, done = _current(request, books, desk)
        if done:
            return claim
        changed, event = change(claim, books)
        books.save_claims([(changed, event)])
        return replace(changed, version=claim.version + 1)

    applied: ClaimView = desk.transact(work)
    return applied


def _current(request: Any, books: Books, desk: Desk) -> tuple[ClaimView, bool]:  # noqa: ANN401
    """Return a claim as it is, and whether this very operation made it so; raises StaleVersion."""
    claim = _seen(books.claim(request.claim_id), request.claim_id, desk)
    done = books.is_done(claim.id, desk.context.operation_id)
    expected = request.expected_version
    if not done and expected is not None and expected != claim.version:
        raise StaleVersion("the claim changed meanwhile", current=dump(claim))
    return claim, done


def _seen(claim: ClaimView | None, id_: str, desk: Desk) -> ClaimView:
    if claim is None or not desk.context.sees(claim.location_id):
        raise NotFound(f"there is no {id_}")
    return claim


def _scrubbed(claim: ClaimView, books: Books, desk: Desk) -> Sequence[c.ClaimFinding]:
    """Return what is wrong with it, and what a second opinion found of it as it still is."""
    return [*desk.scrub(leaving_of([claim], books)[0]), *claims.insisted(claim)]


def _cause(word: str, desk: Desk) -> Cause:
    return Cause(word=word, actor=desk.context.actor, at=desk.now)
