"""Claims on their way: into batches, to their payers, and what payers have for us.

A batch is made with its file in one transaction, so that what is sent again after a crash is the
same file with the same number, which a payer takes once.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from billing.claim_ports import Batch, Built, Carrier, Changed, Leaving
from billing.domain.claim import Cause, earlier, insisted, moved
from billing.ports import Books, Desk
from billing.use_cases.answers import take_file
from billing.use_cases.looking import look
from clinic_contracts.billing.claims import ClaimFinding
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.errors import ClaimUnfit, ServiceUnavailable

CLAIMS_A_BATCH = 500
AGAIN_AFTER = timedelta(minutes=1)
BATCHES_AT_ONCE = 10
ALL_THE_SAME = "sent all the same"


def make_batches(desk: Desk, carrier: Carrier) -> list[str]:
    """Put queued claims into batches, each to one payer; returns the ids of the batches."""
    # What goes in spite of a second opinion stands apart: it is not to hold up others.
    by_payer: defaultdict[tuple[str, bool], list[str]] = defaultdict(list)
    for claim in desk.claims.queued(CLAIMS_A_BATCH):
        by_payer[claim.payer_id, bool(insisted(claim))].append(claim.id)
    files = [
        (payer_id, ids[first : first + most])
        for (payer_id, _), ids in sorted(by_payer.items())
        for most in (desk.claims_a_file(payer_id),)
        for first in range(0, len(ids), most)
    ]
    made = [_make(payer_id, ids, desk, carrier) for payer_id, ids in files]
    return [id_ for id_ in made if id_ is not None]


def _make(payer_id: str, ids: Sequence[str], desk: Desk, carrier: Carrier) -> str | None:
    def work(books: Books) -> str | None:
        waiting = [
            each for each in books.claims(ids) if each.state == "queued" and each.batch_id is None
        ]
        if not waiting:
            return None
        control = books.next_control()
        built = desk.build_file(leaving_of(waiting, books), payer_id, control, books.sequence())
        if built.next_sequence is not None:
            books.keep_sequence(built.next_sequence)
        inside = [_named(each, built) for each in waiting if each.number in built.named]
        left_out = [each for each in waiting if each.number not in built.named]
        books.save_claims(_left_out(left_out, built, desk))
        if not inside:
            return None
        batch = Batch(
            id=desk.derived_id("bat", str(control)),
            control=control,
            payer_id=payer_id,
            claim_ids=tuple(each.id for each in inside),
            file=built.file,
            opinion=ALL_THE_SAME if all(map(insisted, inside)) else None,
        )
        by_hand = not carrier.reaches(payer_id)
        books.add_batch(batch, due=None if by_hand else desk.now)
        batched = [replace(each, batch_id=batch.id, details=None) for each in inside]
        if by_hand:
            books.save_claims(_sent(batched, desk, "sent by hand"))
        else:
            books.save_claims([(each, None) for each in batched])
        return batch.id

    made: str | None = desk.transact(work)
    return made


def _named(claim: ClaimView, built: Built) -> ClaimView:
    """Return the claim under the numbers by which its payer will answer."""
    named = built.named[claim.number]
    return replace(
        claim,
        number=named.reference,
        payer_reference=named.payer_reference or claim.payer_reference,
    )


def _left_out(claims: Sequence[ClaimView], built: Built, desk: Desk) -> list[Changed[ClaimView]]:
    """Return claims that could not be written as to be mended, with why."""
    cause = Cause(word="not written", actor="system:billing", at=desk.now)
    return [
        moved(
            each,
            ["validated", "draft"],
            cause,
            findings=tuple(
                ClaimFinding(**asdict(one))
                for one in built.findings
                if one.reference in {"", each.number}
            ),
        )
        for each in claims
    ]


def leaving_of(claims: Sequence[ClaimView], books: Books) -> list[Leaving]:
    """Return claims with what goes out with them."""
    ids = [each.invoice_id for each in claims]
    invoices, others = books.invoices(ids), books.claims_of_invoices(ids)
    return [
        Leaving(
            claim=each,
            invoice=invoices[each.invoice_id],
            earlier=earlier(
                each,
                invoices[each.invoice_id],
                [other for other in others if other.invoice_id == each.invoice_id],
            ),
        )
        for each in claims
    ]


def send_batches(desk: Desk, carrier: Carrier) -> int:
    """Send what is due and take in what is answered at once; returns how many were sent.

    What a second opinion refuses is not sent; where it has several claims, each is to go alone.
    What does not arrive is due again after a minute. A batch that the payer does not take has its
    claims rejected, each with the payer's word.
    """
    sent = 0
    for _ in range(BATCHES_AT_ONCE):
        batch = desk.claims.take_batch(desk.now, desk.now + AGAIN_AFTER)
        if batch is None:
            break
        looked = look(batch, desk)
        if looked is None:
            for id_ in batch.claim_ids:
                _make(batch.payer_id, [id_], desk, carrier)
            continue
        try:
            answers = carrier.send(looked)
        except ServiceUnavailable:
            continue
        except ClaimUnfit as refusal:
            _end(looked, desk, str(refusal))
            continue
        _end(looked, desk, None)
        for each in answers:
            take_file(each.raw, each.content_type, desk)
        sent += 1
    return sent


def _end(batch: Batch, desk: Desk, refused: str | None) -> None:
    """Note once that a batch was sent, or refused."""

    def work(books: Books) -> None:
        if not books.end_batch(batch.id):
            return
        claims = [each for each in books.claims_of_batches([batch.id]) if each.state == "queued"]
        if refused is None:
            spite = f"; no second opinion: {batch.opinion}" if batch.opinion else ""
            books.save_claims(_sent(claims, desk, f"sent as file {batch.control}{spite}"))
            return
        told = ClaimFinding(code="REFUSED", text=refused)
        cause = Cause(word="refused", actor="system:billing", at=desk.now)
        books.save_claims(
            [moved(each, ["submitted", "rejected"], cause, findings=(told,)) for each in claims]
        )

    desk.transact(work)


def _sent(claims: Sequence[ClaimView], desk: Desk, word: str) -> list[Changed[ClaimView]]:
    cause = Cause(word=word, actor="system:billing", at=desk.now)
    return [moved(each, ["submitted"], cause) for each in claims]


def fetch_answers(cursor: str, desk: Desk, carrier: Carrier) -> str:
    """Take in what payers have for us; returns the cursor from which to go on.

    A file that is fetched twice is taken in once, so the cursor may be kept after them.
    """
    mail = carrier.fetch(cursor)
    for each in mail.files:
        take_file(each.raw, each.content_type, desk)
    return mail.cursor
