"""The syntax of X12: what is read, what is written, and what is wrong with an envelope."""

from datetime import datetime
from time import process_time

import pytest

from payer_formats.x12 import syntax
from payer_formats.x12.writing import Envelope, SetWriter, written

ENVELOPE = Envelope(sender="CLINIC", receiver="PAYER", control=42, at=datetime(2026, 11, 28, 9, 30))


def sample(*changes: tuple[bytes, bytes]) -> bytes:
    """Return a file of one set, with parts of it replaced."""
    one = SetWriter("837", 1, "005010X222A1")
    one.add("BHT", "0019", "00", "REF*1", "20261128", "0930", "CH")
    one.add("SV1", ["HC", "97124", "GP"], "120", "UN", 3, "", "", ["1", "", ""])
    raw = written(ENVELOPE, "HC", "005010X222A1", [one])
    for old, new in changes:
        assert raw.count(old) == 1, old
        raw = raw.replace(old, new)
    return raw


def codes(raw: bytes) -> list[str]:
    return [finding.code for finding in syntax.read(raw).findings]


def test_what_is_written_is_read_again() -> None:
    file = syntax.read(sample())
    assert not file.findings
    ((interchange, group, one),) = file.sets
    assert (interchange.sender, interchange.receiver) == ("CLINIC", "PAYER")
    assert (interchange.control, interchange.usage) == ("000000042", "T")
    assert (group.kind, group.version) == ("HC", "005010X222A1")
    assert [segment.id for segment in one.segments] == ["ST", "BHT", "SV1", "SE"]
    assert one.segments[1].at(3) == "REF 1"
    assert one.segments[2].elements == ["SV1", "HC:97124:GP", "120", "UN", "3", "", "", "1"]
    assert one.segments[2].at(20) == ""
    assert one.segments[0].position == 3


def test_an_isa_segment_has_106_characters() -> None:
    head = sample().split(b"\n")[0]
    assert len(head) == syntax.ISA_LENGTH


def test_other_separators_and_line_ends_are_read_alike() -> None:
    raw = sample().replace(b"*", b"|").replace(b":", b">").replace(b"~\n", b"\n")
    assert codes(raw) == []
    raw = sample().replace(b"~\n", b"~\r\n")
    assert codes(raw) == []


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "NO_ISA"),
        (b"hello", "NO_ISA"),
        (b"\x00\xff\xfe", "NO_ISA"),
        (b"ISA", "ISA_LENGTH"),
        (b"ISA*00*" + b"x" * 200, "ISA_LENGTH"),
        (sample((b"*CLINIC         *", b"*CLINIC*")), "ISA_LENGTH"),
        (sample()[:150], "MISSING_TRAILER"),
        (sample((b"IEA*1*000000042~", b"")), "MISSING_TRAILER"),
        (sample((b"GE*1*42~", b"")), "MISSING_TRAILER"),
        (sample((b"SE*4*0001~", b"")), "MISSING_TRAILER"),
        (sample((b"SE*4*", b"SE*5*")), "COUNT_MISMATCH"),
        (sample((b"SE*4*", b"SE*\xc2\xb2*")), "COUNT_MISMATCH"),
        (sample((b"SE*4*0001", b"SE*4*0002")), "CONTROL_MISMATCH"),
        (sample((b"GE*1*42", b"GE*1*43")), "CONTROL_MISMATCH"),
        (sample((b"GE*1*42", b"GE*2*42")), "COUNT_MISMATCH"),
        (sample((b"IEA*1*000000042", b"IEA*1*000000043")), "CONTROL_MISMATCH"),
        (sample((b"IEA*1*", b"IEA*9*")), "COUNT_MISMATCH"),
        (sample() + b"and more", "TRAILING_DATA"),
    ],
)
def test_what_is_wrong_with_an_envelope_is_found(raw: bytes, code: str) -> None:
    assert code in codes(raw)


def test_several_interchanges_may_stand_in_one_file() -> None:
    file = syntax.read(sample() + sample().replace(b"*", b"|"))
    assert not file.findings
    assert [each.separators.element for each in file.interchanges] == ["*", "|"]
    assert [one.segments[0].position for _, _, one in file.sets] == [3, 11]


@pytest.mark.parametrize(
    "filled",
    [
        sample() + b"\x1a",
        sample() + b"\r\n" + b"\x00" * 300,
        b"\xef\xbb\xbf" + sample().replace(b"~\n", b"~   \r\n"),
        sample().replace(b"~\n", b"~\n    "),
        sample().replace(b"~\n", b"\n\n"),
        sample().replace(b"~\n", b"\n") + b"\n\n",
        sample().replace(b"*", b"\x1d").replace(b":", b"\x1f").replace(b"~", b"\x1c"),
    ],
    ids=["ctrl-z", "nul", "blanks", "indents", "empty-lines", "empty-end", "control-characters"],
)
def test_what_fills_a_file_up_is_no_part_of_it(filled: bytes) -> None:
    file = syntax.read(filled)
    assert not file.findings
    ((interchange, _, one),) = file.sets
    service = interchange.separators.component.join(("HC", "97124", "GP"))
    assert one.segments[2:] == [
        syntax.Segment(["SV1", service, "120", "UN", "3", "", "", "1"], 5),
        syntax.Segment(["SE", "4", "0001"], 6),
    ]


def test_an_interchange_takes_no_longer_for_what_follows_it() -> None:
    def seconds(raw: bytes) -> float:
        started = process_time()
        assert not syntax.read(raw).findings
        return process_time() - started

    many = sample() * 2000
    long = many + sample((b"REF 1", b"R" * 8_000_000))
    alone = min(seconds(many) for _ in range(3))
    assert min(seconds(long) for _ in range(3)) < 8 * alone


def test_a_file_of_too_many_segments_is_refused_before_they_are_kept() -> None:
    many = sample((b"BHT*", b"N1*A~\n" * syntax.MOST_SEGMENTS + b"BHT*"))
    file = syntax.read(many)
    assert [each.code for each in file.findings] == ["TOO_LONG"]
    assert not file.interchanges


def test_what_follows_with_another_terminator_is_bounded_too() -> None:
    many = sample((b"BHT*", b"N1*A~\n" * syntax.MOST_SEGMENTS + b"BHT*"))
    file = syntax.read(sample() + many.replace(b"~\n", b"|"))
    assert [each.code for each in file.findings] == ["TOO_LONG"]
    assert file.findings[0].position == syntax.MOST_SEGMENTS + 1
