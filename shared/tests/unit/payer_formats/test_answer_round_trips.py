"""What a payer writes is read again as it was meant: every answer, written and read."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from payer_formats.answers import Acknowledgement, ClaimVerdict, Eligibility, Remittance, SetVerdict
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.testing import strategies as some
from payer_formats.x12.acknowledging import write_277ca, write_999, write_ta1
from payer_formats.x12.entitling import write_271
from payer_formats.x12.inquiring import read_270, write_270
from payer_formats.x12.reading import read_answers
from payer_formats.x12.remitting import write_835

EXAMPLES = settings(max_examples=60, deadline=None)


@EXAMPLES
@given(st.lists(some.remittances(), min_size=1, max_size=2))
def test_a_remittance_is_read_as_it_was_written(sent: list[Remittance]) -> None:
    read = read_answers(write_835(some.ENVELOPE, sent, some.REMITTER, some.CLINIC))
    assert not read.findings
    assert [not each.findings for each in read.remittances] == [True] * len(sent)
    assert [plain(each) for each in read.remittances] == sent


def plain(remittance: Remittance) -> Remittance:
    """Leave out what a file adds: its identity and body, and where in it a claim stands."""
    claims = tuple(replace(each, position=0) for each in remittance.claims)
    return replace(remittance, identity="", body="", claims=claims)


@EXAMPLES
@given(some.group_verdicts())
def test_a_999_is_read_as_it_was_written(sent: tuple[SetVerdict, ...]) -> None:
    read = read_answers(write_999(some.ENVELOPE, sent))
    assert not read.findings
    (told,) = read.acknowledgements
    assert (told.kind, told.findings) == ("999", ())
    assert tuple(map(textless, told.sets)) == sent


def textless(verdict: SetVerdict) -> SetVerdict:
    return replace(verdict, errors=tuple(replace(each, text="") for each in verdict.errors))


@EXAMPLES
@given(st.lists(some.claim_verdicts(), min_size=1, max_size=3))
def test_a_277ca_is_read_as_it_was_written(claims: list[ClaimVerdict]) -> None:
    batch = SetVerdict(level="set", verdict="accepted", set="B1", codes=("A1:20",))
    sent = Acknowledgement(kind="277CA", identity="", sets=(batch,), claims=tuple(claims))
    named = {each.reference: some.claim_sent(each.reference) for each in claims}
    read = read_answers(write_277ca(some.ENVELOPE, sent, some.PAYER, some.CLINIC, named))
    assert not read.findings
    (told,) = read.acknowledgements
    assert replace(told, identity="") == sent


def test_a_ta1_is_read_as_it_was_written() -> None:
    sent = SetVerdict(
        level="interchange", verdict="rejected", interchange="000000042", codes=("006",)
    )
    read = read_answers(write_ta1(some.ENVELOPE, sent, datetime(2026, 11, 28, 9, 0)))
    assert not read.findings
    (told,) = read.acknowledgements
    assert (told.kind, told.sets, told.findings) == ("TA1", (sent,), ())


@EXAMPLES
@given(st.lists(some.eligibilities(), min_size=1, max_size=2))
def test_a_271_is_read_as_it_was_written(sent: list[Eligibility]) -> None:
    read = read_answers(write_271(some.ENVELOPE, sent, some.PAYER, some.CLINIC))
    assert not read.findings
    assert [replace(each, active=None) for each in read.eligibilities] == sent


@EXAMPLES
@given(st.lists(some.inquiries(), min_size=1, max_size=2))
def test_a_270_is_read_as_it_was_written(sent: list[EligibilityInquiry]) -> None:
    asked, findings = read_270(write_270(some.ENVELOPE, sent))
    assert not findings
    assert list(asked) == sent
