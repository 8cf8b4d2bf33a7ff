"""MSP from the invoice to the cent: a batch of C02 as MSP reads it, and its remittance posted."""

import base64
import sys
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from billing.claim_ports import Batch, File, Mail
from billing.payers.outgoing import outgoing
from billing.payers.profiles import Profiles, profiles
from billing.payers.reading import read_file
from billing.payers.scrubbing import scrub
from billing.payers.tongues import Numbers, build_file
from billing.ports import Desk
from billing.use_cases import answers, claiming, sending
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing import requests as r
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_runtime.clock import now
from payer_formats.teleplan.reading import read_records
from payer_formats.teleplan.records import SENT
from payer_formats.teleplan.replies import (
    Adjusted,
    Decided,
    Payment,
    refusals,
    remitted,
)
from payer_formats.teleplan.submitted import SubmittedLine, read_submission

PHN = "9698658215"
FEE, EXPECTED = 11500, 2300
PERSON = c.ClaimPerson(name="Ada Sample", birth_date=date(1970, 5, 4), sex="F")


class Reached:
    """A way to MSP that has taken whatever was sent."""

    def __init__(self) -> None:
        self.sent: list[Batch] = []

    def reaches(self, _payer_id: str) -> bool:
        return True

    def send(self, batch: Batch) -> list[File]:
        self.sent.append(batch)
        return []

    def fetch(self, cursor: str) -> Mail:
        return Mail(files=[], cursor=cursor)


def known() -> Profiles:
    """Return the payers, MSP knowing the therapist by a number of its own."""
    return Profiles(
        tuple(
            replace(each, practitioners={"RMT-1": "00567"}) if each.tongue == "teleplan" else each
            for each in profiles().all
        )
    )


def desk(office: Any) -> Desk:
    """Return a desk that speaks to payers in their own tongues."""
    plain: Desk = office.desk()
    return replace(
        plain,
        build_file=lambda claims, payer_id, control, sequence: build_file(
            claims, payer_id, Numbers(control, sequence, now()), known()
        ),
        scrub=lambda leaving: scrub(
            leaving, known().by_id(leaving.claim.payer_id), date(2026, 12, 2)
        ),
        read_file=read_file,
    )


def queued(office: Any, number: int = 1, note: str = "") -> r.ClaimView:
    claim = office.claim(office.invoice(number))
    change = c.ChangeClaim(claim_id=claim.id, diagnoses=("7245",), person=PERSON, note=note)
    claiming.change_claim(change, desk(office))
    return claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), desk(office))


def sent(office: Any, *claims: r.ClaimView) -> list[SubmittedLine]:
    """Send what is queued and return it as MSP reads it."""
    way = Reached()
    sending.make_batches(desk(office), way)
    assert sending.send_batches(desk(office), way) == 1
    (batch,) = way.sent
    assert set(batch.claim_ids) == {each.id for each in claims}
    read = read_submission(batch.file.raw)
    assert read.findings == ()
    return list(read.lines)


def remittance(*decided: Decided, control: str = "000042", **more: Any) -> bytes:
    one = Payment(
        data_centre="T0001",
        payee="00001",
        payee_name="FERNWOOD",
        control=control,
        day=date(2026, 12, 15),
        decided=decided,
        **more,
    )
    return remitted([one])


def take(office: Any, raw: bytes) -> f.FileView:
    return answers.take_file(raw, "text/plain", desk(office))


def reread(office: Any, claim: r.ClaimView) -> r.ClaimView:
    found = office.desk().claims.claim(claim.id)
    assert found is not None
    return found  # type: ignore[no-any-return]  # an office is a test's


@pytest.fixture
def msp(office: Any) -> Any:
    """Return an office whose client MSP pays $23.00 a visit for."""
    office.know("pol_1", CoverageChanged(
        coverage_id="pol_1", client_id="cli_1", kind="msp_supplementary", carrier="MSP",
        group_number="", member_id=PHN, percent=100, order=1, benefit_year_start="01-01",
        beneficiary_since=date(2020, 1, 1)), seq=2)  # fmt: skip
    return office


def test_msp_is_asked_for_its_own_fee_by_its_own_numbers(msp: Any) -> None:
    claim = queued(msp)
    assert (claim.payer_id, claim.tongue) == ("MSP", "teleplan")
    assert claim.charge.amount_minor == claim.amount.amount_minor == EXPECTED
    (line,) = sent(msp, claim)
    assert (line.charge_minor, line.fee_item, line.units) == (EXPECTED, "09948", 1)
    assert (line.payee, line.practitioner, line.phn) == ("00001", "00567", PHN)
    assert reread(msp, claim).payer_reference == f"T0001{line.sequence:07}"


def test_a_therapist_without_a_number_of_msps_is_named_before_anything_is_sent(msp: Any) -> None:
    claim = msp.claim(msp.invoice())
    claiming.change_claim(
        c.ChangeClaim(claim_id=claim.id, diagnoses=("7245",), person=PERSON), msp.desk()
    )
    found = claiming.validate_claim(c.ActOnClaim(claim_id=claim.id), msp.desk()).findings
    assert [(each.code, each.where) for each in found] == [("PROVIDER_NUMBER", "C02-P08")]


def test_what_is_paid_as_billed_pays_the_claim_to_the_cent(msp: Any) -> None:
    claim = queued(msp)
    (line,) = sent(msp, claim)
    file = take(msp, remittance(Decided(line=line, answer="S01", paid_minor=EXPECTED)))
    assert (file.state, file.unmatched, file.findings) == ("posted", 0, ())
    after, invoice = reread(msp, claim), msp.reread(claim.invoice_id)
    assert (after.state, after.paid.amount_minor) == ("paid", EXPECTED)
    assert (invoice.payer_paid.amount_minor, invoice.balance.amount_minor) == (EXPECTED, 9775)
    assert msp.findings() == dict.fromkeys(msp.findings(), 0)


def test_held_then_paid_short_then_taken_back_then_paid(msp: Any) -> None:
    claim = queued(msp)
    (line,) = sent(msp, claim)
    short = Decided(line=line, answer="S02", paid_minor=2000, codes=("BH",))
    back = Decided(line=line, answer="S02", paid_minor=-2000, codes=("BH",))
    full = Decided(line=line, answer="S01", paid_minor=EXPECTED)
    steps = (
        ((Decided(line=line, answer="S04", codes=("AP",)),), "pended", 0),
        ((short,), "partially_paid", 2000),
        ((back, full), "paid", EXPECTED),
    )
    for number, (decided, state, paid) in enumerate(steps):
        file = take(msp, remittance(*decided, control=f"{number:06}"))
        assert (file.state, file.unmatched) == ("posted", 0), file.findings
        after = reread(msp, claim)
        assert (after.state, after.paid.amount_minor) == (state, paid)
    assert msp.findings() == dict.fromkeys(msp.findings(), 0)


def test_a_claim_of_two_lines_is_taken_back_whole(msp: Any) -> None:
    claim = msp.claim(msp.invoice())
    (line,) = claim.details.lines
    told = tuple(
        replace(line, charge=replace(line.charge, amount_minor=minor)) for minor in (1300, 1000)
    )
    change = c.ChangeClaim(claim_id=claim.id, diagnoses=("7245",), person=PERSON, lines=told)
    claiming.change_claim(change, desk(msp))
    claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), desk(msp))
    lines = sent(msp, claim)
    assert [each.charge_minor for each in lines] == [1300, 1000]
    short = [
        Decided(line=each, answer="S02", paid_minor=each.charge_minor - 100, codes=("BH",))
        for each in lines
    ]
    back = [replace(each, paid_minor=-each.paid_minor) for each in short]
    full = [Decided(line=each, answer="S01", paid_minor=each.charge_minor) for each in lines]
    for control, decided in (("000001", short), ("000002", [*back, *full])):
        file = take(msp, remittance(*decided, control=control))
        assert (file.state, file.unmatched) == ("posted", 0), file.findings
    after = reread(msp, claim)
    assert (after.state, after.paid.amount_minor) == ("paid", EXPECTED)
    assert [each.undone for each in after.settlements] == [True, False]
    assert msp.findings() == dict.fromkeys(msp.findings(), 0)


def test_claims_of_one_remittance_are_each_decided_and_the_cheque_is_less_what_is_kept(
    msp: Any,
) -> None:
    claims = [queued(msp, number) for number in range(3)]
    lines = sent(msp, *claims)
    by_key = {f"T0001{line.sequence:07}": line for line in lines}
    paid, denied, refused = (by_key[reread(msp, each).payer_reference] for each in claims)
    raw = remittance(
        Decided(line=paid, answer="S01", paid_minor=EXPECTED),
        Decided(line=denied, answer="S02", codes=("BH",)),
        Decided(line=refused, answer="S03", codes=("HT",)),
        adjusted=(Adjusted(code="RP", minor=-150, id="RECOVERY"),),
    )
    file = take(msp, raw)
    assert (file.state, file.unmatched) == ("posted", 0), file.findings
    assert [reread(msp, each).state for each in claims] == ["paid", "denied", "rejected"]
    cash = sum(p.amount.amount_minor for p in file.postings if p.account == "cash_clearing")
    assert cash == EXPECTED - 150
    assert msp.findings() == dict.fromkeys(msp.findings(), 0)
    assert take(msp, raw.replace(b"\r\n", b"\n")).state == "duplicate"


def test_a_claim_turned_back_is_mended_and_goes_out_as_new(msp: Any) -> None:
    claim = queued(msp)
    (line,) = sent(msp, claim)
    assert take(msp, refusals([(line, ("AA",))])).state == "posted"
    assert reread(msp, claim).state == "rejected"
    claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), desk(msp))
    (again,) = sent(msp, claim)
    assert again.sequence > line.sequence
    assert (again.submission_code, again.original_file) == ("0", "")
    assert (
        take(msp, remittance(Decided(line=again, answer="S01", paid_minor=EXPECTED))).unmatched == 0
    )
    assert reread(msp, claim).state == "paid"


def test_a_remittance_that_is_off_by_a_cent_posts_nothing(msp: Any) -> None:
    claim = queued(msp)
    (line,) = sent(msp, claim)
    raw = remittance(Decided(line=line, answer="S01", paid_minor=EXPECTED))
    spoilt = raw.replace(b"000002300" * 2, b"000002300000002301")  # S21 billed and paid
    assert spoilt != raw
    file = take(msp, spoilt)
    assert (file.state, {each.code for each in file.findings}) == (
        "quarantined",
        {"TELEPLAN_TOTAL"},
    )
    assert reread(msp, claim).state == "submitted"


def test_the_next_payer_is_told_what_msp_was_never_asked_for(msp: Any) -> None:
    msp.know("pol_2", CoverageChanged(
        coverage_id="pol_2", client_id="cli_1", kind="extended_health", carrier="Harbour Mutual",
        group_number="G-1", member_id="M-1", percent=80, order=2,
        benefit_year_start="01-01"))  # fmt: skip
    invoice = msp.invoice()
    first, second = msp.claim(invoice), msp.claim(invoice, 1)
    assert (first.payer_id, second.payer_id) == ("MSP", "SIMX12")
    change = c.ChangeClaim(claim_id=first.id, diagnoses=("7245",), person=PERSON)
    claiming.change_claim(change, desk(msp))
    claiming.submit_claim(c.ActOnClaim(claim_id=first.id), desk(msp))
    (line,) = sent(msp, first)
    take(msp, remittance(Decided(line=line, answer="S01", paid_minor=EXPECTED)))
    leaving = msp.desk().transact(
        lambda books: sending.leaving_of([books.claim(second.id)], books)[0]
    )
    (prior,) = outgoing(leaving, known().by_id("SIMX12")).prior
    told = [(each.group, each.reason, each.minor) for each in prior.adjustments]
    assert (prior.paid_minor, told) == (EXPECTED, [("PR", "119", FEE - EXPECTED)])
    found = claiming.validate_claim(c.ActOnClaim(claim_id=second.id), desk(msp)).findings
    assert "COB_BALANCE" not in {each.code for each in found}


def written(office: Any, claim: r.ClaimView, name: str) -> str:
    """Return a field of a claim's C02 as MSP gets it."""
    file = claiming.claim_file(claim.id, desk(office))
    found, findings = read_records(base64.b64decode(file.content_base64), SENT)
    assert findings == []
    (line,) = (each for each in found if each.layout.code == "C02")
    return line.text(name)


def test_an_injury_at_work_is_told_in_worksafebcs_codes(msp: Any) -> None:
    msp.know("pol_1", CoverageChanged(
        coverage_id="pol_1", client_id="cli_1", kind="worksafebc", carrier="WorkSafeBC",
        group_number="", member_id=PHN, percent=100, order=1, benefit_year_start="01-01",
        claim_number="12345678", accident_date=date(2026, 11, 20), accepted_on=date(2026, 11, 21),
        referred_on=date(2026, 11, 21)), seq=3)  # fmt: skip
    claim = msp.claim(msp.invoice())
    assert (claim.payer_id, claim.charge.amount_minor) == ("WSBC", FEE)
    accident = c.ClaimAccident(
        kind="work",
        day=date(2026, 11, 20),
        claim_number="12345678",
        body_part="22000",
        side="L",
        nature="02100",
    )
    change = c.ChangeClaim(claim_id=claim.id, diagnoses=("7245",), person=PERSON, accident=accident)
    claiming.change_claim(change, desk(msp))
    told = [written(msp, claim, f"address{number}") for number in range(1, 5)]
    assert told == ["20261120", "22000L", "02100", "12345678"]
    assert written(msp, claim, "insurer") == "WC"


def test_of_an_opted_out_practitioner_msp_pays_the_patient(
    msp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = msp.claim(msp.invoice())
    payers = Profiles(tuple(replace(each, pays_patient=True) for each in known().all))
    monkeypatch.setattr(sys.modules[__name__], "known", lambda: payers)
    where = c.ClaimAddress(line="2 Oak", city="Victoria", region="BC", postal_code="V8T 1A1")
    for person, missing in ((PERSON, {"ADDRESS_MISSING"}), (replace(PERSON, address=where), set())):
        change = c.ChangeClaim(claim_id=claim.id, diagnoses=("7245",), person=person)
        claiming.change_claim(change, desk(msp))
        found = claiming.validate_claim(c.ActOnClaim(claim_id=claim.id), desk(msp)).findings
        assert {each.code for each in found} == missing
    assert (written(msp, claim, "insurer"), written(msp, claim, "address1")) == ("PP", "2 Oak")
