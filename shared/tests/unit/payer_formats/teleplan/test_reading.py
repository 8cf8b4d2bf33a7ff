"""What MSP sends besides decisions, and files that are not sound."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from payer_formats.answers import Read
from payer_formats.findings import has_errors
from payer_formats.teleplan.layout import MOST_FINDINGS
from payer_formats.teleplan.reading import read_answers, speaks
from payer_formats.teleplan.replies import Payment, eligibility_answers, message, refusals, remitted
from payer_formats.teleplan.submitted import AskedEligibility, SubmittedLine, read_submission

Change = Callable[[bytes, str, int, bytes], bytes]
PLACES = {"S21": 1, "S01": 2, "S02": 3, "S22": 6}


def codes(read: Read) -> list[str]:
    return [finding.code for finding in read.findings]


def test_the_same_file_is_the_same_remittance(remittance_file: bytes) -> None:
    first, again = read_answers(remittance_file), read_answers(remittance_file)
    assert speaks(remittance_file)
    assert first == again
    unix = read_answers(remittance_file.replace(b"\r\n", b"\n") + b"\n\x1a")
    assert unix == first


def test_messages_are_warnings_for_somebody_to_read(payment: Payment) -> None:
    raw = message("T1234", "MSP is closed on Monday") + remitted(
        [replace(payment, messages=("Rates change on 1 April",))]
    )
    read = read_answers(raw)
    (told,) = read.findings
    assert (told.code, told.text, told.severity) == (
        "PAYER_MESSAGE",
        "MSP is closed on Monday",
        "warning",
    )
    (inner,) = read.remittances[0].findings
    assert (inner.text, inner.where, inner.severity) == (
        "Rates change on 1 April",
        "S25",
        "warning",
    )


def test_a_refusal_before_adjudication_rejects_the_claim(submitted: list[SubmittedLine]) -> None:
    raw = refusals([(submitted[0], ("AA", "ZZ")), (submitted[1], ("VC",))])
    assert [len(line) for line in raw.split(b"\r\n")] == [70, 70, 0]
    read = read_answers(raw)
    (acknowledgement,) = read.acknowledgements
    first, second = acknowledgement.claims
    assert acknowledgement.kind == "C12"
    assert (first.verdict, first.codes, first.reference) == ("rejected", ("AA", "ZZ"), "101")
    assert (second.codes, second.payer_reference) == (("VC",), "T12340000102")
    assert acknowledgement == read_answers(raw).acknowledgements[0]
    assert not read.remittances


def test_eligibility_is_answered_with_a_warning() -> None:
    asked = AskedEligibility(
        data_centre="T1234",
        sequence=6,
        phn="9698658215",
        birth_date=None,
        day=date(2026, 11, 28),
    )
    raw = eligibility_answers([(asked, True, "SUPPLEMENTARY"), (asked, False, "")])
    yes, no = read_answers(raw).eligibilities
    assert (yes.active, yes.member_id, yes.benefits[0].text) == (
        True,
        "9698658215",
        "SUPPLEMENTARY",
    )
    assert no.active is False
    assert [each.code for each in yes.findings] == ["TELEPLAN_UNCONFIRMED"]
    unknown = read_answers(raw.replace(b"20261128Y", b"20261128?"))
    assert unknown.eligibilities[0].active is None


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "TELEPLAN_EMPTY"),
        (b"\r\n\r\n\x1a", "TELEPLAN_EMPTY"),
        (b"hello", "TELEPLAN_RECORD"),
        (b"ISA*00*", "TELEPLAN_RECORD"),
        (b"\x00\xff\xfe", "TELEPLAN_RECORD"),
        (b"S21", "TELEPLAN_LENGTH"),
        (b"C12" + b" " * 66, "TELEPLAN_LENGTH"),
        (b"C12" + b" " * 67 + b"0", "TELEPLAN_LENGTH"),
        (b"M01", "TELEPLAN_LENGTH"),
    ],
)
def test_what_is_no_answer_of_msp_is_found(raw: bytes, code: str) -> None:
    read = read_answers(raw)
    assert not speaks(raw) or code == "TELEPLAN_LENGTH"
    assert codes(read) == [code]
    assert has_errors(read.findings)


@pytest.mark.parametrize(
    ("record", "first", "put", "code", "where"),
    [
        ("S02", 118, b"00O2000", "TELEPLAN_FIELD", "S02-23"),
        ("S02", 118, b"-002000", "TELEPLAN_FIELD", "S02-23"),
        ("S02", 81, b"20261327", "TELEPLAN_DATE", "S02-14"),
        ("S01", 104, b"10.1000", "TELEPLAN_FIELD", "S01-23"),
        ("S21", 16, b"2026-215", "TELEPLAN_DATE", "S21-4"),
        ("S22", 41, b"\x07", "TELEPLAN_FIELD", "S22-9"),
    ],
)
def test_a_record_that_cannot_be_read_spoils_the_file(  # noqa: PLR0913, PLR0917 (a table's columns)
    changed: Change,
    remittance_file: bytes,
    record: str,
    first: int,
    put: bytes,
    code: str,
    where: str,
) -> None:
    read = read_answers(changed(remittance_file, record, first, put))
    (finding,) = read.findings
    assert (finding.code, finding.where, finding.position) == (code, where, PLACES[record])
    assert f"columns {first} to" in finding.text or put == b"\x07"
    assert not read.remittances


def test_a_truncated_file_is_not_used(remittance_file: bytes) -> None:
    read = read_answers(remittance_file[:-40])
    assert codes(read) == ["TELEPLAN_LENGTH"]
    assert not read.remittances


def test_spaces_after_a_record_and_other_line_ends_change_nothing(remittance_file: bytes) -> None:
    plain = read_answers(remittance_file)
    lines = remittance_file.splitlines()
    for end in (b"   \r\n", b" \n", b"\r"):
        assert read_answers(end.join(lines) + end) == plain


def test_records_of_others_are_left_unread_with_a_warning(remittance_file: bytes) -> None:
    read = read_answers(b"VRCT12340000001\nX02anything\n" + remittance_file)
    assert codes(read) == ["TELEPLAN_SKIPPED", "TELEPLAN_SKIPPED"]
    assert len(read.remittances) == 1


def test_findings_are_bounded() -> None:
    read = read_answers(b"Q99\n" * 5000)
    assert len(read.findings) == MOST_FINDINGS + 1
    assert read.findings[-1].code == "TELEPLAN_TOO_MUCH"


def test_a_submission_without_its_control_record_is_not_taken(remittance_file: bytes) -> None:
    assert [each.code for each in read_submission(b"").findings] == ["TELEPLAN_HEADER"]
    found = read_submission(remittance_file)
    assert {each.code for each in found.findings} == {"TELEPLAN_RECORD"}
    assert not found.lines


def test_a_payers_figure_that_does_not_fit_its_field_is_refused(payment: Payment) -> None:
    much = replace(payment.decided[0], paid_minor=10_000_000)
    with pytest.raises(ValueError, match="paid amount"):
        remitted([replace(payment, decided=(much,))])
