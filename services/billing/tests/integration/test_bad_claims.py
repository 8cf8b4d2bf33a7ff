"""Every bad claim that the field knows, on its way out: told, and it goes nowhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from billing.payers.profiles import Profiles, profiles
from billing.payers.scrubbing import scrub
from billing.use_cases import claiming, sending
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import requests as r
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import ClaimUnfit, Invalid
from clinic_contracts.money import Money
from clinic_contracts.schemas import load

DAY = date(2026, 12, 1)
PERSON = c.ClaimPerson(
    name="Ada Sample",
    birth_date=date(1970, 5, 4),
    sex="F",
    address=c.ClaimAddress(line="2 Oak", city="Victoria", region="BC", postal_code="V8T1A1"),
)
FEE = Money(amount_minor=11500)
LINE = c.ClaimLine(procedure="97124", charge=FEE, units=4, minutes=60, pointers=(1,))
GOOD: Mapping[str, Any] = {"lines": (LINE,), "diagnoses": ("M5450",), "person": PERSON}
GOOD_PHN, BAD_PHN = "9698658215", "9698658216"


@dataclass(frozen=True)
class Case:
    """What a claim says wrongly, and what is to be said of it: code, field, line."""

    name: str
    code: str
    where: str
    line: int = 0
    says: Mapping[str, Any] = field(default_factory=lambda: GOOD)
    npi: str = "1234567893"
    today: date = DAY

    def __str__(self) -> str:
        return self.name


def wrong(**more: Any) -> Mapping[str, Any]:
    return {**GOOD, **more}


def with_line(**more: Any) -> Mapping[str, Any]:
    return wrong(lines=(replace(LINE, **more),))


def referred(npi: str) -> Mapping[str, Any]:
    return wrong(referring=c.ClaimProvider(name="Welby", number=npi))


LESS = (
    replace(LINE, charge=Money(amount_minor=11600)),
    replace(LINE, charge=Money(amount_minor=-100)),
)
CASES = [
    Case(
        "lines do not add up", "CHARGE_SUM", "lines", 0, with_line(charge=Money(amount_minor=11501))
    ),
    Case(
        "two currencies", "CURRENCY_MIX", "lines", 0, with_line(charge=replace(FEE, currency="USD"))
    ),
    Case("clinic's NPI by its check digit", "NPI_INVALID", "NM1*85", npi="1234567890"),
    Case("clinic's NPI by its length", "NPI_INVALID", "NM1*85", npi="123456789"),
    Case("referrer's NPI", "NPI_INVALID", "NM1*DN", 0, referred("1234567890")),
    Case("pointer at no diagnosis", "DX_POINTER", "SV107", 1, with_line(pointers=(1, 2))),
    Case("no pointer", "DX_POINTER", "SV107", 1, with_line(pointers=())),
    Case("dotted diagnosis", "DX_FORMAT", "HI01", 0, wrong(diagnoses=("M54.50",))),
    Case("retired diagnosis", "DX_RETIRED", "HI01", 0, wrong(diagnoses=("M545",))),
    Case("unknown diagnosis", "DX_UNKNOWN", "HI01", 0, wrong(diagnoses=("M549X",))),
    Case("no units", "UNITS", "SV104", 1, with_line(units=0)),
    Case("units below nothing", "UNITS", "SV104", 1, with_line(units=-1)),
    Case("charge below nothing", "AMOUNT", "SV102", 2, wrong(lines=LESS)),
    Case(
        "5th modifier",
        "MODIFIER_COUNT",
        "SV101",
        1,
        with_line(modifiers=("GP", "59", "KX", "XU", "22")),
    ),
    Case("future date", "FUTURE_DATE", "service_date", today=date(2026, 11, 30)),
]


def claim_of(office: Any, **coverage: Any) -> r.ClaimView:
    known = {
        "coverage_id": "pol_1",
        "client_id": "cli_1",
        "kind": "extended_health",
        "carrier": "Harbour Mutual",
        "group_number": "G-1",
        "member_id": "M-1",
        "percent": 80,
        "order": 1,
        "benefit_year_start": "01-01",
    }
    office.know("pol_1", CoverageChanged(**{**known, **coverage}), seq=2)
    return office.claim(office.invoice())  # type: ignore[no-any-return]  # an office is a test's


def desk_of(office: Any, npi: str = "1234567893", today: date = DAY) -> Any:
    """Return a desk of the clinic with that NPI, on that day."""
    known = Profiles(
        tuple(replace(each, clinic=replace(each.clinic, npi=npi)) for each in profiles().all)
    )

    def looked_at(leaving: Any) -> Any:
        return scrub(leaving, known.by_id(leaving.claim.payer_id), today)

    return replace(office.desk(), scrub=looked_at)


class Way:
    """A way to payers that nothing is to be sent by."""

    def reaches(self, _payer_id: str) -> bool:
        return True

    def send(self, batch: Any) -> Any:
        raise AssertionError(batch)

    def fetch(self, cursor: str) -> Any:
        raise AssertionError(cursor)


def kept_from_its_payer(
    office: Any, claim: r.ClaimView, desk: Callable[[], Any], code: str
) -> c.ClaimFinding:
    """Return the finding that a claim shows; fails if it can be sent, or moves any money."""
    ledger = list(office.database["ledger"].find())
    with pytest.raises(ClaimUnfit) as refused:
        claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), desk())
    assert code in {each["code"] for each in refused.value.extra["findings"]}
    shown = claiming.validate_claim(c.ActOnClaim(claim_id=claim.id), desk())
    assert shown.state == "draft"
    assert sending.make_batches(desk(), Way()) == []
    assert sending.send_batches(desk(), Way()) == 0
    assert office.database["batches"].count_documents({}) == 0
    assert office.database["counters"].count_documents({"_id": "claims_file"}) == 0
    assert list(office.database["ledger"].find()) == ledger
    found = [each for each in shown.findings if each.code == code]
    assert found, shown.findings
    assert (found[0].severity, bool(found[0].fix)) == ("error", True), found[0]
    return found[0]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_bad_claim_is_shown_what_is_wrong_and_is_not_sent(office: Any, case: Case) -> None:
    claim = claim_of(office)
    claiming.change_claim(c.ChangeClaim(claim_id=claim.id, **case.says), office.desk())

    def desk() -> Any:
        return desk_of(office, case.npi, case.today)

    finding = kept_from_its_payer(office, claim, desk, case.code)
    assert (finding.where, finding.line) == (case.where, case.line), finding


def test_a_good_claim_is_queued(office: Any) -> None:
    """Its location's address has no city, which is no more than a warning."""
    claim = claim_of(office)
    claiming.change_claim(c.ChangeClaim(claim_id=claim.id, **GOOD), office.desk())
    queued = claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), desk_of(office))
    (told,) = queued.findings
    assert (queued.state, told.code, told.severity) == ("queued", "BILLING_ADDRESS", "warning")


def msp_claim_of(office: Any, phn: str) -> r.ClaimView:
    return claim_of(
        office,
        kind="msp_supplementary",
        carrier="MSP",
        percent=100,
        member_id=phn,
        beneficiary_since=date(2020, 1, 1),
    )


def test_a_health_number_that_fails_its_check_keeps_the_claim(office: Any) -> None:
    claim = msp_claim_of(office, BAD_PHN)
    finding = kept_from_its_payer(office, claim, lambda: desk_of(office), "PHN_INVALID")
    assert finding.where == "C02-P14"


def test_a_health_number_that_passes_its_check_is_none_of_the_findings(office: Any) -> None:
    claim = msp_claim_of(office, GOOD_PHN)
    shown = claiming.validate_claim(c.ActOnClaim(claim_id=claim.id), desk_of(office))
    assert shown.findings
    assert not any(each.code == "PHN_INVALID" for each in shown.findings)


def test_a_decided_claim_that_its_payer_gave_no_number_is_not_corrected(office: Any) -> None:
    """Frequency 7 without REF*F8 is never drafted; the scrubber finds one that came otherwise."""
    claim = claim_of(office)
    office.database["claims"].update_one({"_id": claim.id}, {"$set": {"state.state": "denied"}})
    request = c.ActOnClaimBecause(claim_id=claim.id, reason="the code was wrong")
    with pytest.raises(ClaimUnfit, match="no number"):
        claiming.correct_claim(request, office.desk())
    assert office.claim(office.reread(claim.invoice_id)).state == "denied"
    assert office.database["claims"].count_documents({}) == 1

    change = {"$set": {"state.state": "draft", "state.frequency": "corrected"}}
    office.database["claims"].update_one({"_id": claim.id}, change)
    claiming.change_claim(c.ChangeClaim(claim_id=claim.id, **GOOD), office.desk())
    code = "FREQUENCY_REFERENCE"
    finding = kept_from_its_payer(office, claim, lambda: desk_of(office), code)
    assert finding.where == "REF*F8"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ({"units": 0}, "units"),
        ({"units": -1}, "units"),
        ({"charge": {"amount_minor": 11500.001, "currency": "CAD"}}, "charge"),
        ({"charge": {"amount_minor": "115.001", "currency": "CAD"}}, "charge"),
        ({"charge": {"amount_minor": 11500, "currency": "dollars"}}, "charge"),
        ({"pointers": [0]}, "pointers"),
    ],
)
def test_what_no_claim_can_say_is_refused_at_the_door(line: dict[str, Any], name: str) -> None:
    good = {"procedure": "97124", "charge": {"amount_minor": 11500, "currency": "CAD"}}
    asked: dict[str, Any] = {"claim_id": "clm_1", "lines": [good]}
    assert load(c.ChangeClaim, asked).lines
    with pytest.raises(Invalid) as refused:
        load(c.ChangeClaim, {**asked, "lines": [{**good, **line}]})
    assert list(refused.value.extra["errors"]["lines"][0]) == [name]
