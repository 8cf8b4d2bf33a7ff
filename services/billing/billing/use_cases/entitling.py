"""What payers answer about eligibility, taken in with the file that says it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from billing.domain import eligibility as domain
from billing.domain.claim import Cause
from billing.ports import Books, Desk
from clinic_contracts.billing.claims import ClaimFinding
from payer_formats.answers import Eligibility, SetVerdict

MOST_TOLD = 20


def take_answers(
    told: Sequence[Eligibility], file_id: str, books: Books, desk: Desk
) -> Iterator[ClaimFinding]:
    """Record each answer at the check whose number it repeats; yield what answers none.

    A check of which one file tells twice keeps what is told first.
    """
    for each in told:
        check = books.check(domain.check_id_of(each.trace))
        if check is not None and not desk.context.sees(check.location_id):
            check = None
        wrong = domain.misfit(check, each)
        if wrong is not None:
            yield wrong
        elif check is not None:
            policy = desk.claims.policy(check.coverage_id)
            member_id = each.member_id if policy is None else policy.coverage.member_id
            books.save_check(domain.answered(check, each, member_id, file_id, desk.now))


def hear_of_question(verdict: SetVerdict, control: str, books: Books, cause: Cause) -> bool:
    """Refuse the check whose question a payer rejects as a file; say whether one has the number."""
    check = books.check_of_file(control)
    if check is not None and check.state == "asked" and verdict.verdict == "rejected":
        said = [each.text for each in verdict.errors[:MOST_TOLD]]
        why = "; ".join(said or verdict.codes) or "no reason given"
        refused = domain.not_taken(check, f"{cause.word}, and rejected: {why}", cause.at)
        books.save_check(replace(refused, file_id=cause.file_id))
    return check is not None
