"""Every bad file of a payer, or of claims, that the field knows: told, kept, and nothing posted."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from billing.use_cases import claiming
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing import requests as r
from payer_formats.answers import ProviderAdjustment, Remittance, RemittedClaim, RemittedLine
from payer_formats.claim import Address, Adjustment, Provider
from payer_formats.testing.mutations import recounted
from payer_formats.x12.remitting import write_835
from payer_formats.x12.writing import Envelope

X12 = "application/edi-x12"
SAMPLE = (Path(__file__).parents[1] / "samples" / "massage_97124.837").read_bytes()
ENVELOPE = Envelope(sender="PAYER", receiver="CLINIC", control=7, at=datetime(2026, 12, 9, 8, 0))
PAYER = Provider(
    name="Carrier",
    tax_id="123456789",
    address=Address(line="1 Main", city="Victoria", region="BC", postal_code="V8T1A1"),
)
PAYEE = Provider(name="Fernwood", npi="1234567893")
LINE = RemittedLine(
    procedure="97124",
    charge_minor=11500,
    paid_minor=9200,
    adjustments=(Adjustment(group="PR", reason="2", minor=2300),),
    day=date(2026, 12, 1),
)


def sent(office: Any) -> r.ClaimView:
    """Return a claim that its payer has."""
    claim = office.claim(office.invoice())
    claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())
    change = {"$set": {"state.state": "submitted"}, "$inc": {"version": 1}}
    office.database["claims"].update_one({"_id": claim.id}, change)
    return claim  # type: ignore[no-any-return]  # an office is a test's


def an_835(claim: r.ClaimView) -> bytes:
    """Return $92.00 for a claim of $115.00, of which the payer keeps $7.00 for another."""
    decided = RemittedClaim(
        reference=claim.number,
        decision="paid",
        code="1",
        charge_minor=11500,
        paid_minor=9200,
        client_minor=2300,
        payer_reference="ICN1",
        lines=(LINE,),
        day=claim.service_date,
    )
    remittance = Remittance(
        identity="",
        payer_id="PORTAL",
        payer_name="Carrier",
        paid_minor=8500,
        currency="CAD",
        claims=(decided,),
        provider_adjustments=(ProviderAdjustment(reason="WO", minor=700),),
        trace="EFT-1",
        paid_on=date(2026, 12, 9),
        method="ACH",
    )
    return write_835(ENVELOPE, [remittance], PAYER, PAYEE)


def take(office: Any, raw: bytes, content_type: str = X12) -> f.FileView:
    """Hand a file in as the gateway does."""
    asked = f.TakeFile(content_base64=base64.b64encode(raw).decode(), content_type=content_type)
    file: f.FileView = office.service().take_file(asked, office.desk().context)
    return file


def everything(office: Any) -> dict[str, list[Any]]:
    """Return all that billing has but the files it was handed."""
    names = set(office.database.list_collection_names()) - {"files"}
    return {name: list(office.database[name].find().sort("_id")) for name in sorted(names)}


def told(office: Any, raw: bytes, code: str) -> c.ClaimFinding:
    """Return the finding of a file that is kept, and that changes nothing, however often it comes.

    Fails if any of that is not so.
    """
    before = everything(office)
    file = take(office, raw)
    assert (file.state, file.postings, file.unmatched) == ("quarantined", (), 0)
    assert everything(office) == before
    assert office.desk().claims.raw(file.id) == raw
    assert office.desk().claims.file(file.id) == file
    assert take(office, raw) == file
    assert everything(office) == before
    assert office.database["files"].count_documents({}) == 1
    found = [each for each in file.findings if each.code == code]
    assert found, file.findings
    assert any(each.severity == "error" for each in file.findings)
    return found[0]


def altered(raw: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    for old, new in changes:
        assert old in raw, old
        raw = raw.replace(old, new, 1)
    return raw


@dataclass(frozen=True)
class Case:
    """Something done to a good file, and what is to be said of it: code, element, segment."""

    name: str
    code: str
    where: str
    at: bytes = b""
    changes: tuple[tuple[bytes, bytes], ...] = ()
    spoil: Callable[[bytes], bytes] = bytes

    def __str__(self) -> str:
        return self.name

    def done_to(self, raw: bytes) -> bytes:
        return self.spoil(altered(raw, *self.changes))

    def position(self, raw: bytes) -> int:
        """Return which segment of the file it is about, from 1; 0 for the file as a whole."""
        return raw[: raw.index(b"\n" + self.at) + 1].count(b"~") + 1 if self.at else 0


def before(segment: bytes, more: int = 0) -> Callable[[bytes], bytes]:
    """Return what cuts a file before a segment, or so many bytes into it."""
    return lambda raw: raw[: raw.index(b"\n" + segment) + 1 + more]


NOT_X12 = [
    ("empty", b"", "NO_ISA"),
    ("hello", b"hello", "NO_ISA"),
    ("no ISA", b"GS*HP*PAYER*CLINIC*20261209*0800*7*X*005010X221A1~", "NO_ISA"),
    ("short ISA", b"ISA*00*~GS*HP~", "ISA_LENGTH"),
    ("ISA whose blanks were taken", SAMPLE.replace(b"          ", b""), "ISA_LENGTH"),
]


@pytest.mark.parametrize(("raw", "code"), [pytest.param(*row[1:], id=row[0]) for row in NOT_X12])
def test_what_is_no_x12_is_said_to_be_none(office: Any, raw: bytes, code: str) -> None:
    sent(office)
    finding = told(office, raw, code)
    assert finding.where == "ISA"
    assert finding.fix


CUT = {
    "inside ISA": before(b"GS*", -20),
    "after ISA": before(b"GS*"),
    "inside GS": before(b"GS*", 9),
    "after GS": before(b"ST*"),
    "before the claim": before(b"LX*"),
    "inside the claim": before(b"CLP*", 12),
    "before PLB": before(b"PLB*"),
    "before SE": before(b"SE*"),
    "before GE": before(b"GE*"),
    "before IEA": before(b"IEA*"),
    "inside IEA": before(b"IEA*", 8),
}


@pytest.mark.parametrize("cut", CUT.values(), ids=CUT)
def test_a_file_cut_short_is_kept_and_posts_nothing(
    office: Any, cut: Callable[[bytes], bytes]
) -> None:
    raw = cut(an_835(sent(office)))
    whole = raw.count(b"~")
    code, where = ("MISSING_TRAILER", "IEA") if whole else ("ISA_LENGTH", "ISA")
    finding = told(office, raw, code)
    assert (finding.where, finding.position) == (where, max(whole, 1))
    assert finding.fix


ENVELOPES = [
    Case("SE01", "COUNT_MISMATCH", "SE01", b"SE*", ((b"SE*19*", b"SE*18*"),)),
    Case("SE02", "CONTROL_MISMATCH", "SE02", b"SE*", ((b"SE*19*0001", b"SE*19*0002"),)),
    Case("GE01", "COUNT_MISMATCH", "GE01", b"GE*", ((b"GE*1*", b"GE*2*"),)),
    Case("GE02", "CONTROL_MISMATCH", "GE02", b"GE*", ((b"GE*1*7", b"GE*1*8"),)),
    Case("IEA01", "COUNT_MISMATCH", "IEA01", b"IEA*", ((b"IEA*1*", b"IEA*2*"),)),
    Case(
        "IEA02", "CONTROL_MISMATCH", "IEA02", b"IEA*", ((b"IEA*1*000000007", b"IEA*1*000000008"),)
    ),
]
MONEY = [
    Case(
        "line off by 0.01",
        "REMIT_LINE_BALANCE",
        "SVC03",
        b"CLP*",
        ((b":97124*115*92*", b":97124*115*91.99*"),),
    ),
    Case(
        "claim off by 0.01",
        "REMIT_CLAIM_BALANCE",
        "CLP04",
        b"CLP*",
        ((b"*1*115*92*", b"*1*115*92.01*"),),
    ),
    Case("payment off by 0.01", "REMIT_TOTAL_BALANCE", "BPR02", b"", ((b"*I*85*", b"*I*84.99*"),)),
    Case("PLB off by 0.01", "REMIT_TOTAL_BALANCE", "BPR02", b"", ((b"*7~", b"*7.01~"),)),
    Case(
        "line is not the claim",
        "REMIT_LINE_SUM",
        "CLP03",
        b"CLP*",
        ((b":97124*115*92*", b":97124*114*92*"),),
    ),
    Case("BPR02 below nothing", "REMIT_NEGATIVE", "BPR02", b"", ((b"*I*85*", b"*I*-85*"),)),
    Case("an amount of 3 decimals", "AMOUNT", "BPR02", b"BPR*", ((b"*I*85*", b"*I*85.001*"),)),
    Case(
        "two currencies",
        "CURRENCY_MIX",
        "CUR02",
        b"CUR*PR*USD",
        ((b"CUR*PR*CAD~\n", b"CUR*PR*CAD~\nCUR*PR*USD~\n"),),
        recounted,
    ),
    Case("another component separator", "BAD_COMPOSITE", "SVC01", b"SVC*", ((b"*T*:~", b"*T*>~"),)),
]


@pytest.mark.parametrize("case", [*ENVELOPES, *MONEY], ids=str)
def test_a_bad_remittance_is_kept_and_posts_nothing(office: Any, case: Case) -> None:
    raw = case.done_to(an_835(sent(office)))
    finding = told(office, raw, case.code)
    assert (finding.where, finding.position) == (case.where, case.position(raw)), finding
    assert finding.fix


CLAIMS = [
    Case("another component separator", "BAD_COMPOSITE", "CLM05", b"CLM*", ((b"*T*:~", b"*T*>~"),)),
    Case("CLM02", "CHARGE_SUM", "CLM02", b"CLM*", ((b"-A*165.5*", b"-A*165.51*"),)),
    Case(
        "NPI by its check digit",
        "NPI_INVALID",
        "NM1*85",
        b"CLM*",
        ((b"1234567893", b"1234567890"),),
    ),
    Case("NPI by its length", "NPI_INVALID", "NM1*82", b"CLM*", ((b"1999999984", b"199999998"),)),
    Case("pointer", "DX_POINTER", "SV107", b"CLM*", ((b"***1:2~", b"***1:3~"),)),
    Case("dotted diagnosis", "DX_FORMAT", "HI01", b"CLM*", ((b"M5450", b"M54.50"),)),
    Case("retired diagnosis", "DX_RETIRED", "HI01", b"CLM*", ((b"M5450", b"M545"),)),
    Case("unknown diagnosis", "DX_UNKNOWN", "HI02", b"CLM*", ((b"ABF:M542", b"ABF:M549X"),)),
    Case("no units", "UNITS", "SV104", b"CLM*", ((b"*UN*3*", b"*UN*0*"),)),
    Case("units below nothing", "UNITS", "SV104", b"CLM*", ((b"*UN*3*", b"*UN*-3*"),)),
    Case("charge below nothing", "AMOUNT", "SV102", b"CLM*", ((b"*120*UN", b"*-120*UN"),)),
    Case("3 decimals", "AMOUNT", "SV102", b"SV1*", ((b"*120*UN", b"*120.001*UN"),)),
    Case("5th modifier", "MODIFIER_COUNT", "SV101", b"CLM*", ((b":GP:59*", b":GP:59:KX:XU:22*"),)),
    Case(
        "frequency 7 without F8", "FREQUENCY_REFERENCE", "REF*F8", b"CLM*", ((b":B:1*", b":B:7*"),)
    ),
    Case("CLM01 twice", "DUPLICATE_CLAIM", "CLM01", b"", ((b"CLM*PT-1002-A*", b"CLM*PT-1001-A*"),)),
    Case("future date", "FUTURE_DATE", "DTP*472", b"CLM*", ((b"*472*D8*2026", b"*472*D8*2999"),)),
    Case("IEA02", "CONTROL_MISMATCH", "IEA02", b"IEA*", ((b"IEA*1*000000905", b"IEA*1*1"),)),
]


@pytest.mark.parametrize("case", CLAIMS, ids=str)
def test_bad_claims_that_are_handed_in_are_told_of_and_kept(office: Any, case: Case) -> None:
    """Nobody here takes claims in: a file of them is looked at, for who sent it to know."""
    sent(office)
    raw = case.done_to(SAMPLE)
    finding = told(office, raw, case.code)
    assert (finding.where, finding.position) == (case.where, case.position(raw)), finding
    assert finding.fix
    assert finding.severity == ("warning" if case.code == "NPI_INVALID" else "error")


def test_good_claims_that_are_handed_in_are_said_to_be_in_the_wrong_place(office: Any) -> None:
    sent(office)
    finding = told(office, SAMPLE, "UNEXPECTED_SET")
    assert (finding.where, finding.position) == ("ST01", 3)
    assert "payer" in finding.fix


def test_the_same_remittance_twice_is_once_with_the_same_answer(office: Any) -> None:
    raw = an_835(sent(office))
    first = take(office, raw)
    assert (first.state, first.findings) == ("posted", ())
    after = everything(office)
    again = take(office, raw)
    assert again == replace(first, state="duplicate", first_id=first.id)
    assert take(office, raw) == again
    assert everything(office) == after
    assert office.findings() == dict.fromkeys(office.findings(), 0)
