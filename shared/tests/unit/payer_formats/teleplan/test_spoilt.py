"""Files as payers write them and as disks spoil them: none raises, and what is used balances."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payer_formats.answers import Read, Remittance
from payer_formats.balance import imbalances
from payer_formats.findings import has_errors
from payer_formats.teleplan.layout import signed_minor
from payer_formats.teleplan.reading import read_answers
from payer_formats.teleplan.replies import (
    Adjusted,
    Answer,
    Decided,
    Payment,
    message,
    refusals,
    remitted,
)
from payer_formats.teleplan.submitted import SubmittedLine, read_submission


def only(read: Read) -> Remittance:
    assert not read.findings
    (remittance,) = read.remittances
    return remittance


def recomputed(raw: bytes) -> int:
    """Return what the claims' records were paid, from their columns, as a second reader would."""
    columns = {b"S01": (110, 117), b"S00": (117, 124), b"S02": (117, 124), b"S03": (117, 124)}
    total = 0
    for line in raw.splitlines():
        start, end = columns.get(line[:3], (0, 0))
        total += signed_minor(line[start:end].decode() or "0") or 0
    return total


ANSWERS: list[Answer] = ["S00", "S01", "S02", "S04"]


decisions = st.lists(
    st.tuples(
        st.sampled_from(ANSWERS),
        st.integers(min_value=-99_999, max_value=99_999),
        st.sampled_from(["00567", "00568"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(decisions, st.integers(-5000, 5000), st.integers(-5000, 5000))
def test_what_the_payer_writes_balances_when_it_is_read(
    payment: Payment, told: list[tuple[Answer, int, str]], made: int, forward: int
) -> None:
    decided = [
        Decided(
            line=replace(payment.decided[0].line, practitioner=practitioner, sequence=number),
            answer=answer,
            paid_minor=0 if answer == "S04" else paid,
        )
        for number, (answer, paid, practitioner) in enumerate(told)
    ]
    raw = remitted(
        [
            replace(
                payment,
                decided=tuple(decided),
                adjusted=(Adjusted(code="AB", minor=made),),
                balance_forward_minor=forward,
            )
        ]
    )
    remittance = only(read_answers(raw))
    assert not remittance.findings
    balanced(remittance, raw)


def balanced(remittance: Remittance, raw: bytes) -> None:
    """Check every equation of a remittance, from the model and from the raw columns."""
    for claim in remittance.claims:
        short = sum(a.minor for line in claim.lines for a in line.adjustments)
        assert claim.charge_minor - short == claim.paid_minor
    paid = sum(claim.paid_minor for claim in remittance.claims)
    kept = sum(adjustment.minor for adjustment in remittance.provider_adjustments)
    assert paid - kept == remittance.paid_minor
    assert paid == recomputed(raw)
    assert not list(imbalances(remittance))


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """Return a file with one to four things done to it that lines and disks do."""
    found = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(found) + 1)
        match chance.randrange(6):
            case 0:
                found[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[place : place + chance.randint(1, 40)]
            case 2:
                found[place:place] = chance.choice([b"\r\n", b"0", b"S21", b"C12", b"M01", b"\x1a"])
            case 3:
                found[place:place] = found[: chance.randrange(len(found) + 1)]
            case 4:
                found[place : place + 1] = chance.choice([b"}", b"J", b"9", b"-", b" ", b"\xb2"])
            case _:
                del found[place:]
        if not found:
            return b""
    return bytes(found[:20_000])


def test_no_damaged_file_raises_and_none_is_taken_that_does_not_balance(
    payment: Payment, submitted: Sequence[SubmittedLine]
) -> None:
    chance = random.Random(20261128)  # noqa: S311 (repeatable damage, no secret)
    whole = message("T1234", "news") + refusals([(submitted[0], ("AA",))]) + remitted([payment])
    start, used = time.perf_counter(), 0
    for _ in range(2500):
        raw = mutated(whole, chance)
        read = read_answers(raw)
        read_submission(raw)
        if has_errors(read.findings):
            assert not read.remittances
            continue
        sound = [each for each in read.remittances if not has_errors(each.findings)]
        used += len(sound)
        if len(sound) == len(read.remittances) == 1:
            balanced(sound[0], raw)
    assert used > 50
    assert time.perf_counter() - start < 10
