"""The simulated payer in Teleplan: C02 records in; C12 and B14 records soon, remittances later.

It pays what is billed, since who bills MSP asks for the fee item's own fee. What happens to a claim
is told by the last word of its comment (C02 P58) or note (N01), such as ``DENY``; else by chance,
by its folio, the same each time. MSP says nothing of what it accepts: nothing is answered at once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from clinic_deploy.simulator.behaviour import (
    HELD,
    LATE,
    SCENARIOS,
    SHORT_PERCENT,
    SOON,
    Scenario,
    by_chance,
    percent_of,
)
from clinic_deploy.simulator.store import Mail, Taken, UnreadableError
from payer_formats.numbers import is_phn
from payer_formats.teleplan import records
from payer_formats.teleplan.replies import (
    Adjusted,
    Decided,
    Payment,
    eligibility_answers,
    refusals,
    remitted,
)
from payer_formats.teleplan.submitted import Submission, SubmittedLine, read_submission

MEDIA_TYPE = "text/plain"
REFUSED_AFTER = 1.0
PAYEE = "SIMULATED PAYEE"
OWN_SCENARIOS: Mapping[str, str] = {
    "refuse": "refused with the remittance (S03), to be mended and sent as new",
    "withhold": "paid, and a dollar of it kept back from the cheque (S23)",
}
"""What Teleplan has a record for and other tongues have not."""
DENIED_CODE, SHORT_CODE, HELD_CODE, TAKEN_BACK_CODE, REJECTED_CODE = "ZD", "ZS", "ZH", "ZB", "ZR"
"""Explanatory codes of the simulator's own: none of MSP's list, so that none is taken for its."""
NO_PHN_CODE = "AA"
"""MSP's explanatory code for a health number that is missing or invalid."""
WITHHELD = Adjusted(code="ZW", minor=-100, id="SIMULATED", message="KEPT BACK")

What = Scenario | Literal["refuse", "withhold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A remittance to be: when, and of which claim alone; "" with every other of that time."""

    after: float
    alone: str = ""
    copies: int = 1
    off_by: int = 0
    adjusted: tuple[Adjusted, ...] = ()


def taken(raw: bytes, at: datetime, number: Callable[[], int]) -> Taken:
    """Return the answers to a submission; raises UnreadableError where it is none.

    A record that cannot be read keeps the whole of a submission from being taken.
    """
    sent = read_submission(raw)
    if sent.findings:
        raise UnreadableError(sent.findings)
    later = tuple(_mail(sent, at, number))
    return Taken(content_type=MEDIA_TYPE, body=b"", later=later)


def wish(line: SubmittedLine) -> What:
    """Return what happens to the claim of a line: all lines of a claim bear the same words."""
    words = (line.note or line.comment).replace("-", " ").casefold().split()
    last = words[-1] if words else ""
    for own in ("refuse", "withhold"):
        if last == own:
            return own
    return next((name for name in SCENARIOS if last == name), by_chance(line.folio.lstrip("0")))


def _mail(sent: Submission, at: datetime, number: Callable[[], int]) -> Iterator[Mail]:
    refused = [(line, codes) for line in sent.lines if (codes := _refused(line))]
    if refused:
        yield _one(REFUSED_AFTER, number(), refusals(refused))
    if sent.asked:
        answers = [
            (each, is_phn(each.phn), "" if is_phn(each.phn) else "NOT A VALID PHN")
            for each in sent.asked
        ]
        yield _one(REFUSED_AFTER, number(), eligibility_answers(answers))
    due: defaultdict[_Due, list[Decided]] = defaultdict(list)
    for line in sent.lines:
        if not _refused(line):
            for when, decided in _answers(line, at.date()):
                due[when].append(decided)
    for when, together in sorted(due.items(), key=lambda each: each[0].after):
        payments = _payments(when, together, at.date(), number)
        raw = _spoilt(remitted(payments), when.off_by)
        yield from [_one(when.after, number(), raw)] * when.copies


def _refused(line: SubmittedLine) -> tuple[str, ...]:
    """Return why the first edit turns a line back; empty when it does not."""
    if not is_phn(line.phn):
        return (NO_PHN_CODE,)
    return (REJECTED_CODE,) if wish(line) == "reject" else ()


def _answers(line: SubmittedLine, received: date) -> Iterator[tuple[_Due, Decided]]:
    """Yield what is decided of a line, in order, and when.

    A debit request (C02 P34 E) is answered by nothing paid, as whatever tongue voids a claim.
    """
    what = wish(line)
    soon, held = _Due(after=SOON), _Due(after=HELD)
    full = Decided(line=line, answer="S01", paid_minor=line.charge_minor, received=received)
    less = line.charge_minor - percent_of(line.charge_minor, SHORT_PERCENT)
    short = replace(full, answer="S02", paid_minor=less, codes=(SHORT_CODE,))
    if line.submission_code == "E" or what == "deny" or not line.charge_minor:
        yield soon, replace(full, answer="S02", paid_minor=0, codes=(DENIED_CODE,))
    elif what == "refuse":
        yield soon, replace(full, answer="S03", paid_minor=0, codes=(DENIED_CODE,))
    elif what == "short":
        yield soon, short
    elif what == "pend":
        yield soon, replace(full, answer="S04", paid_minor=0, codes=(HELD_CODE,))
        yield held, full
    elif what == "reverse":
        yield soon, short
        yield held, replace(short, paid_minor=-less, codes=(TAKEN_BACK_CODE,))
        yield held, full
    elif what == "duplicate":
        yield replace(soon, alone=line.folio, copies=2), full
    elif what == "unbalanced":
        yield replace(soon, alone=line.folio, off_by=1), full
    elif what == "withhold":
        yield replace(soon, alone=line.folio, adjusted=(WITHHELD,)), full
    else:
        yield _Due(after=LATE if what == "late" else SOON), full


def _payments(
    when: _Due, together: Sequence[Decided], day: date, number: Callable[[], int]
) -> list[Payment]:
    """Return a remittance for each payee, its control number used once."""
    by_payee: defaultdict[tuple[str, str], list[Decided]] = defaultdict(list)
    for each in together:
        by_payee[each.line.data_centre, each.line.payee].append(each)
    return [
        Payment(
            data_centre=data_centre,
            payee=payee,
            payee_name=PAYEE,
            control=f"{number() % 1_000_000:06}",
            day=day,
            decided=tuple(mine),
            adjusted=when.adjusted,
        )
        for (data_centre, payee), mine in by_payee.items()
    ]


def _spoilt(raw: bytes, off_by: int) -> bytes:
    """Return a remittance whose first total says so many cents more than its claims come to."""
    if not off_by:
        return raw
    span = records.S21.spans["paid_amount"]
    told = int(raw[span.start : span.end]) + off_by
    return raw[: span.start] + f"{told:0{span.field.width}}".encode() + raw[span.end :]


def _one(after: float, number: int, body: bytes) -> Mail:
    return Mail(after=after, content_type=MEDIA_TYPE, name=f"{number:09}.txt", body=body)
