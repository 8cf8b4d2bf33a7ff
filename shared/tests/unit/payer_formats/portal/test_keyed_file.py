"""Keyed-in results as a file: what is written is read again, and what is wrong is named."""

import json
import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payer_formats.answers import ProviderAdjustment, Read, RemittedClaim
from payer_formats.balance import imbalances
from payer_formats.claim import Adjustment
from payer_formats.findings import has_errors
from payer_formats.portal import Keyed, keyed, read_keyed
from payer_formats.portal.keyed_file import CONTENT_TYPE, MOST_FINDINGS, speaks, written

CLAIM = RemittedClaim(
    reference="C1",
    decision="paid",
    charge_minor=12800,
    paid_minor=10500,
    adjustments=(Adjustment(group="CO", reason="45", minor=2300),),
    remarks=("N1",),
    day=date(2026, 11, 27),
    code="keyed",
    position=1,
)
STATEMENT = Keyed(
    payer_id="ICBC",
    payer_name="ICBC",
    trace="EFT-9",
    paid_minor=10400,
    currency="CAD",
    claims=(CLAIM,),
    paid_on=date(2026, 11, 28),
    provider_adjustments=(ProviderAdjustment(reason="FEE", minor=100, reference="R"),),
)


def changed(**changes: Any) -> bytes:
    told = json.loads(written(STATEMENT))
    told.update(changes)
    return json.dumps(told).encode()


def claim_changed(**changes: Any) -> bytes:
    told = json.loads(written(STATEMENT))
    told["claims"][0].update(changes)
    return json.dumps(told).encode()


def where(read: Read) -> list[str]:
    return [finding.where for finding in read.findings]


def test_what_is_written_is_read_again() -> None:
    raw = written(STATEMENT)
    read = read_keyed(raw)
    assert speaks(raw)
    assert speaks(b"", CONTENT_TYPE)
    assert not speaks(b"ISA*00*")
    assert not read.findings
    assert read.remittances == (keyed(STATEMENT),)
    assert not read.remittances[0].findings


def test_what_does_not_add_up_is_found_when_it_is_read() -> None:
    (remittance,) = read_keyed(changed(paid_minor=10401)).remittances
    assert [finding.code for finding in remittance.findings] == ["REMIT_TOTAL_BALANCE"]


@pytest.mark.parametrize(
    "raw", [b"", b"hello", b"{", b"\xff\xfe", b"[" * 100_000, b'{"paid_minor": ' + b"9" * 9999]
)
def test_what_is_no_json_is_found(raw: bytes) -> None:
    assert [finding.code for finding in read_keyed(raw).findings] == ["KEYED_JSON"]


@pytest.mark.parametrize("raw", [b"null", b"[]", b"1", b'"keyed"', b"NaN"])
def test_what_is_no_object_is_found(raw: bytes) -> None:
    read = read_keyed(raw)
    assert has_errors(read.findings)
    assert not read.remittances


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (changed(keyed=2), "keyed"),
        (changed(payer_id=""), "payer_id"),
        (changed(payer_id=7), "payer_id"),
        (changed(trace=" "), "trace"),
        (changed(currency=None), "currency"),
        (changed(paid_minor="10400"), "paid_minor"),
        (changed(paid_minor=104.0), "paid_minor"),
        (changed(paid_minor=True), "paid_minor"),
        (changed(paid_minor=10**12), "paid_minor"),
        (changed(paid_on="28/11/2026"), "paid_on"),
        (changed(paid_on=20261128), "paid_on"),
        (changed(method="x" * 201), "method"),
        (changed(method="\ud800"), "method"),
        (changed(method="two\nlines"), "method"),
        (changed(**{"\ud800": 1}), "?"),
        (changed(claims={}), "claims"),
        (changed(claims=[None] * 1001), "claims"),
        (changed(claims=["C1"]), "claims[0]"),
        (changed(provider_adjustments=[{"reason": "FEE"}]), "provider_adjustments[0].minor"),
        (changed(payed_minor=1), "payed_minor"),
        (claim_changed(reference=None), "claims[0].reference"),
        (claim_changed(decision="payed"), "claims[0].decision"),
        (claim_changed(charge_minor=None), "claims[0].charge_minor"),
        (claim_changed(remarks=[1]), "claims[0].remarks"),
        (
            claim_changed(adjustments=[{"group": "CO", "minor": 1}]),
            "claims[0].adjustments[0].reason",
        ),
        (claim_changed(lines=[]), "claims[0].lines"),
    ],
)
def test_a_field_that_is_wrong_is_named(raw: bytes, field: str) -> None:
    read = read_keyed(raw)
    assert field in where(read)
    assert {finding.code for finding in read.findings} == {"KEYED_FIELD"}
    assert not read.remittances


def test_a_claims_findings_say_which_claim() -> None:
    told = json.loads(written(replace(STATEMENT, claims=(CLAIM, CLAIM))))
    told["claims"][1]["adjustments"][0]["minor"] = "x"
    (finding,) = read_keyed(json.dumps(told).encode()).findings
    assert (finding.where, finding.position) == ("claims[1].adjustments[0].minor", 2)


def test_findings_are_bounded() -> None:
    assert len(read_keyed(changed(claims=[1] * 1000)).findings) == MOST_FINDINGS


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
NAMES = [*json.loads(written(STATEMENT))]


@given(st.dictionaries(st.sampled_from(NAMES), values, max_size=4), values)
def test_nothing_that_is_json_raises(changes: dict[str, Any], claim: Any) -> None:
    for raw in (changed(**changes), changed(claims=[claim])):
        read = read_keyed(raw)
        assert bool(read.remittances) is not has_errors(read.findings)


def test_no_damaged_file_raises_and_none_is_taken_that_does_not_balance() -> None:
    chance = random.Random(20261128)  # noqa: S311 (repeatable damage, no secret)
    whole, used = written(STATEMENT), 0
    for _ in range(2000):
        raw = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            raw[chance.randrange(len(raw))] = chance.choice(b'0123456789-.,:"{}[]x \xff')
        for remittance in read_keyed(bytes(raw)).remittances:
            if not has_errors(remittance.findings):
                used += 1
                assert not list(imbalances(remittance))
    assert used > 20
