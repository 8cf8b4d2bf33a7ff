"""Second opinions: on our files before they are carried, on payers' after they were taken in.

It says whether a file's structure is as its standard has it, and it may fail, or be wrong. So a
file of ours that it refuses waits for somebody, who may send it all the same; one that it says
nothing of goes. What it says of a payer's file changes nothing of what was taken in.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from billing.claim_ports import Batch, Opinion
from billing.domain.claim import SECOND_OPINION, Cause, held
from billing.ports import Books, Desk
from clinic_contracts.billing.claims import ClaimFinding
from payer_formats.findings import Finding

KINDS = {"application/edi-x12": "x12", "application/fhir+json": "fhir"}
"""What there are second opinions on, by a file's content type."""
MOST_TOLD = 20
FILES_AT_ONCE = 5
AGAIN_AFTER = timedelta(minutes=2)


def look(batch: Batch, desk: Desk) -> Batch | None:
    """Return a batch that may go, with what was said of it; None for one that may not.

    Its claim then waits for somebody. Of a batch of several none is blamed: they are queued again,
    for each to go alone.
    """
    kind = KINDS.get(batch.file.content_type)
    if kind is None or batch.opinion is not None or not desk.looks_at(batch.payer_id):
        return batch
    opinion = desk.second_opinion(kind, batch.file.raw)
    if opinion.findings:
        _refuse(batch, _told(opinion, "mend it, or submit it again to send it all the same"), desk)
        return None

    def note(books: Books) -> bool:
        return books.note_opinion(batch.id, opinion.reason)

    return replace(batch, opinion=opinion.reason) if desk.transact(note) else None


def _refuse(batch: Batch, told: Sequence[ClaimFinding], desk: Desk) -> None:
    def work(books: Books) -> None:
        if not books.refuse_batch(batch.id):
            return
        claims = [each for each in books.claims_of_batches([batch.id]) if each.state == "queued"]
        if len(claims) > 1:
            books.save_claims([(replace(each, batch_id=None), None) for each in claims])
            return
        word = f"not sent: a second opinion refuses file {batch.control}"
        cause = Cause(word=word, actor="system:billing", at=desk.now)
        books.save_claims([held(each, told, cause) for each in claims])

    desk.transact(work)


def look_at_files(desk: Desk) -> int:
    """Look at payers' files that were taken in since; returns at how many, five at most."""
    for looked in range(FILES_AT_ONCE):
        file = desk.claims.take_unlooked(desk.now, desk.now + AGAIN_AFTER)
        if file is None:
            return looked
        opinion = desk.second_opinion(file.kind, file.raw)
        desk.claims.keep_opinion(file.id, _told(opinion, ""), opinion.reason)
    return FILES_AT_ONCE


def _told(opinion: Opinion, fix: str) -> tuple[ClaimFinding, ...]:
    return tuple(_finding(each, fix) for each in opinion.findings[:MOST_TOLD])


def _finding(each: Finding, fix: str) -> ClaimFinding:
    return ClaimFinding(
        code=SECOND_OPINION,
        text=f"{each.code}: {each.text}",
        where=each.where,
        position=each.position,
        fix=fix,
        severity="warning",
    )
