"""Any claim that is written is read again as it was; any file that is spoilt is answered."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payer_formats.claim import (
    Accident,
    Address,
    Adjustment,
    Claim,
    Diagnosis,
    Payer,
    Person,
    PriorLine,
    PriorPayment,
    Provider,
    ServiceLine,
    Subscriber,
)
from payer_formats.findings import Finding, has_errors
from payer_formats.scrub import scrub
from payer_formats.x12 import syntax
from payer_formats.x12.professional import read_professional
from payer_formats.x12.professional_writing import write

from .example_claims import CLAIM, ENVELOPE, PAYER, SUBMITTER, TODAY

SAMPLES = [path.read_bytes() for path in sorted((Path(__file__).parent / "samples").glob("*.837"))]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÉÑ-'& 0123456789"

words = st.text(LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
maybe = st.just("") | words
digits = st.from_regex(r"[0-9]{1,10}", fullmatch=True)
days = st.dates(date(2015, 10, 1), TODAY)
cents = st.integers(0, 99_999_999_999)
signed = st.integers(-99_999_999_999, 99_999_999_999)
addresses = st.builds(
    Address,
    line=words,
    line2=maybe,
    city=words,
    region=st.sampled_from(["BC", "WA"]),
    postal_code=st.from_regex(r"[A-Z0-9]{5,6}", fullmatch=True),
    country=st.sampled_from(["CA", "US"]),
)
providers = st.builds(
    Provider,
    name=words,
    first_name=maybe,
    npi=st.from_regex(r"[0-9]{10}", fullmatch=True),
)
persons = st.builds(
    Person,
    last_name=words,
    first_name=words,
    middle_name=maybe,
    birth_date=st.dates(date(1920, 1, 1), TODAY),
    sex=st.sampled_from(["F", "M", "U"]),
    address=st.none() | addresses,
)
payers = st.builds(Payer, id=digits, name=words)
reasons = st.builds(
    Adjustment,
    group=st.just("CO"),
    reason=digits,
    minor=signed,
    quantity=st.integers(0, 99),
)


@st.composite
def adjustments(draw: st.DrawFn) -> tuple[Adjustment, ...]:
    """Adjustments, those of a group together, as a file has them."""
    return tuple(
        replace(each, group=group)
        for group in draw(st.lists(st.sampled_from(["CO", "PR", "OA", "PI"]), unique=True))
        for each in draw(st.lists(reasons, min_size=1, max_size=8))
    )


@st.composite
def service_lines(draw: st.DrawFn, number: int) -> ServiceLine:
    day = draw(days)
    return ServiceLine(
        number=number,
        procedure=draw(st.sampled_from(["97124", "97140", "99213"])),
        charge_minor=draw(cents),
        units=draw(st.integers(1, 99)),
        day=day,
        through=draw(st.none() | st.dates(day, TODAY)),
        modifiers=tuple(draw(st.lists(st.sampled_from(["GP", "59", "KX"]), max_size=4))),
        pointers=tuple(draw(st.lists(st.integers(1, 12), max_size=4))),
        reference=draw(maybe),
        description=draw(st.just("") | words.filter(lambda word: len(word) > 2)),
    )


@st.composite
def prior_payments(draw: st.DrawFn, payer: Payer, lines: tuple[ServiceLine, ...]) -> PriorPayment:
    insured = draw(persons)
    return PriorPayment(
        payer=payer,
        subscriber=Subscriber(
            person=replace(insured, birth_date=None, sex="U"),
            member_id=draw(digits),
            group_number=draw(maybe),
            rank=draw(st.integers(1, 11)),
            relationship=draw(st.sampled_from(["self", "spouse", "child", "other"])),
        ),
        paid_minor=draw(cents),
        paid_on=draw(days),
        payer_reference=draw(maybe),
        adjustments=draw(adjustments()),
        lines=tuple(
            PriorLine(
                number=line.number,
                paid_minor=draw(cents),
                adjustments=draw(adjustments()),
                procedure=line.procedure,
                units=draw(st.integers(1, 99)),
            )
            for line in draw(st.sampled_from([(), lines[:1], lines]))
        ),
    )


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    patient = draw(st.none() | persons)
    related = ["spouse", "child", "other"] if patient else ["self"]
    lines = tuple(draw(service_lines(n)) for n in range(1, draw(st.integers(1, 3)) + 1))
    others = draw(st.lists(payers, max_size=2, unique_by=lambda payer: payer.id))
    facility = draw(st.none() | providers)
    accident = st.builds(
        Accident,
        kind=st.sampled_from(["auto", "work", "other"]),
        day=days,
        claim_number=maybe,
        region=maybe,
    )
    return Claim(
        id=draw(words),
        charge_minor=draw(cents),
        currency=draw(st.sampled_from(["USD", "CAD"])),
        payer=draw(payers),
        billing=replace(
            draw(providers),
            address=draw(addresses),
            tax_id=draw(digits),
            number=draw(maybe),
            taxonomy=draw(maybe),
        ),
        subscriber=Subscriber(
            person=draw(persons),
            member_id=draw(digits),
            group_number=draw(maybe),
            rank=draw(st.integers(1, 11)),
            relationship=draw(st.sampled_from(related)),
        ),
        lines=lines,
        frequency=draw(st.sampled_from(["original", "corrected", "void"])),
        payer_reference=draw(maybe),
        patient=patient,
        rendering=draw(st.none() | providers.map(lambda p: replace(p, taxonomy="225700000X"))),
        referring=draw(st.none() | providers.map(lambda p: replace(p, number="G7"))),
        facility=facility and replace(facility, first_name="", address=draw(addresses)),
        onset=draw(st.none() | days),
        diagnoses=tuple(
            Diagnosis(code=code, system=draw(st.sampled_from(["ICD10", "ICD9"])))
            for code in draw(st.lists(st.sampled_from(["M5450", "M542", "7242"]), max_size=12))
        ),
        place_of_service=draw(st.sampled_from(["11", "12"])),
        accident=draw(st.none() | accident),
        authorization=draw(maybe),
        prior=tuple(draw(prior_payments(payer, lines)) for payer in others),
        note=draw(maybe),
    )


@given(st.lists(claims(), max_size=3, unique_by=lambda claim: claim.id))
@settings(max_examples=25, deadline=None)
def test_what_is_written_is_read_again(sent: list[Claim]) -> None:
    file = read_professional(syntax.read(write(sent, ENVELOPE, SUBMITTER, PAYER)))
    assert file.findings == ()
    assert sorted(file.claims, key=lambda claim: claim.id) == sorted(sent, key=lambda c: c.id)


@pytest.mark.parametrize("raw", SAMPLES)
def test_what_others_wrote_and_was_read_is_written_and_read_again(raw: bytes) -> None:
    read = read_professional(syntax.read(raw)).claims
    again = read_professional(syntax.read(write(read, ENVELOPE, SUBMITTER, PAYER)))
    assert again.findings == ()
    assert sorted(again.claims, key=repr) == sorted(read, key=repr)


def spoilt(raw: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """Return a file with spans of it replaced: where, how much, by what."""
    for at, length, new in changes:
        start = at % (len(raw) + 1)
        raw = raw[:start] + new + raw[start + length :]
    return raw


pieces = st.binary(max_size=6) | st.sampled_from(
    [b"~", b"*", b":", b"~HL*9*1*23*0~", b"~CLM*", b"~LX*", b"~SBR*", b"~SVD*", b"~NM1*", b"~CAS*"]
)
changes = st.lists(st.tuples(st.integers(106, 9_999), st.integers(0, 40), pieces), max_size=5)


@given(st.sampled_from([*SAMPLES, write([CLAIM], ENVELOPE, SUBMITTER, PAYER)]), changes)
@settings(max_examples=300, deadline=None)
def test_a_spoilt_file_is_answered_and_never_raises(
    raw: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    file = syntax.read(spoilt(raw, changes))
    found = read_professional(file)
    scrubbed = scrub(found.claims, today=TODAY, inbound=True)
    stand = sum(
        each.id == "CLM"
        for _, group, one in file.sets
        if one.code == "837" and (one.version or group.version).startswith("005010X222")
        for each in one.segments
    )
    assert len(found.claims) == stand
    assert all(isinstance(each, Finding) for each in (*found.findings, *scrubbed))


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_answered(raw: bytes) -> None:
    assert has_errors(read_professional(syntax.read(raw)).findings)
