"""What a payer writes is read as it was meant; and documents broken at random raise nothing."""

import json
import random
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from payer_formats.answers import (
    ClaimVerdict,
    ProviderAdjustment,
    Read,
    Remittance,
    RemittedClaim,
    RemittedLine,
    Verdict,
)
from payer_formats.claim import Adjustment, Payer, Person, Provider, Subscriber
from payer_formats.fhir.answering import remittance_bytes, response_bytes, verdict_bytes
from payer_formats.fhir.claims_in import read_claim
from payer_formats.fhir.outcomes import outcome
from payer_formats.fhir.reading import read_answers
from payer_formats.fhir.requests import (
    EligibilityAsked,
    InvoiceCharge,
    InvoiceTotals,
    coverage_bytes,
    eligibility_bytes,
    invoice_bytes,
    read_invoice,
)
from payer_formats.findings import Finding, has_errors

SAMPLES = Path(__file__).parent / "samples" / "fhir"
DAY = date(2026, 11, 28)
MUTATIONS, SECONDS = 2_400, 10
ODD: list[object] = [None, [], {}, "", 7, -7, 1e300, 0.001, True, [[]], [None], "\ud800", {"a": 1}]
CLAIM = RemittedClaim(
    reference="INV-1",
    decision="paid",
    charge_minor=11500,
    paid_minor=8000,
    client_minor=2300,
    payer_reference="P-1",
    adjustments=(Adjustment(group="OA", reason="23", minor=1200),),
    lines=(
        RemittedLine(
            procedure="",
            charge_minor=11500,
            paid_minor=9200,
            adjustments=(Adjustment(group="PR", reason="2", minor=2300),),
            reference="1",
            remarks=("N130", "N20"),
        ),
    ),
    remarks=("As agreed", "Limit reached"),
    code="complete",
    patient_name="Anne Roy",
)
DENIED = RemittedClaim(
    reference="INV-2",
    decision="denied",
    charge_minor=5000,
    paid_minor=0,
    client_minor=5000,
    payer_reference="P-2",
    adjustments=(Adjustment(group="PR", reason="96", minor=5000, quantity=2),),
    code="complete",
    patient_name="Ben Roy",
)
REVERSED = RemittedClaim(
    reference="INV-3",
    decision="reversed",
    charge_minor=-5000,
    paid_minor=-4000,
    client_minor=-1000,
    payer_reference="P-3",
    adjustments=(Adjustment(group="PR", reason="2", minor=-1000),),
    code="complete",
    patient_name="Cy Roy",
)
REMITTANCE = Remittance(
    identity="fhir|SUN|T-9|2026-11-28|3747",
    payer_id="SUN",
    payer_name="Sun Life",
    paid_minor=3747,
    currency="CAD",
    claims=(CLAIM, DENIED, REVERSED),
    trace="T-9",
    paid_on=DAY,
    provider_adjustments=(ProviderAdjustment(reason="adjustment", minor=253, reference="A1"),),
)


def test_a_remittance_is_read_as_it_was_written() -> None:
    (read,) = read_answers(remittance_bytes(REMITTANCE, created=DAY)).remittances
    assert read == REMITTANCE


def test_a_decision_alone_is_read_as_it_was_written() -> None:
    raw = response_bytes(DENIED, payer_id="SUN", created=DAY, currency="CAD")
    (read,) = read_answers(raw).remittances
    assert (read.claims, read.paid_minor, read.findings) == ((DENIED,), 0, ())


def test_a_cent_too_little_is_found_in_what_a_payer_explains_itself() -> None:
    raw = remittance_bytes(REMITTANCE, created=DAY)
    (read,) = read_answers(raw.replace(b"23.00", b"22.99")).remittances
    assert [each.code for each in read.findings] == ["BALANCE", "BALANCE"]


def test_what_is_not_decided_is_not_written_as_a_decision() -> None:
    with pytest.raises(ValueError, match="pended"):
        response_bytes(
            replace(DENIED, decision="pended"), payer_id="SUN", created=DAY, currency="CAD"
        )


@pytest.mark.parametrize("verdict", ["accepted", "pended", "rejected"])
def test_a_verdict_is_read_as_it_was_written(verdict: Verdict) -> None:
    codes = ("a001",) if verdict == "rejected" else ()
    said = ClaimVerdict(
        reference="INV-1",
        verdict=verdict,
        codes=codes,
        text="Held",
        payer_reference="P-1",
        amount_minor=11500,
        day=DAY,
    )
    raw = verdict_bytes(said, payer_id="SUN", created=DAY, currency="CAD")
    (read,) = read_answers(raw).acknowledgements
    assert (read.claims, read.findings) == ((said,), ())


def test_findings_are_told_as_an_operation_outcome() -> None:
    finding = Finding(code="FOCAL", text="exactly one must be", where="Claim.insurance")
    (read,) = read_answers(outcome([finding])).acknowledgements
    assert read.sets[0].verdict == "rejected"
    assert read.sets[0].errors == (finding,)
    (read,) = read_answers(outcome([])).acknowledgements
    assert read.sets[0].verdict == "accepted"


def test_a_policy_is_asked_about() -> None:
    asked = EligibilityAsked(
        id="E1",
        payer=Payer(id="SUN", name="Sun Life"),
        provider=Provider(name="Harbour Clinic"),
        subscriber=Subscriber(person=Person(last_name="Roy", first_name="Anne"), member_id="AB9"),
        day=DAY,
        services=("MT",),
    )
    written = json.loads(eligibility_bytes(asked, created=DAY))
    assert (written["purpose"], written["servicedDate"]) == (
        ["validation", "benefits"],
        "2026-11-28",
    )
    policy = next(each for each in written["contained"] if each["id"] == "coverage")
    assert policy["subscriberId"] == "AB9"
    assert written["item"] == [{"category": {"coding": [{"code": "MT"}]}}]


def test_a_policy_is_read_as_it_was_written() -> None:
    holder = Subscriber(
        person=Person(last_name="Roy", first_name="Anne"), member_id="AB9", group_number="G1"
    )
    (found,) = read_answers(coverage_bytes(holder, Payer(id="SUN", name="Sun"))).eligibilities
    assert (found.member_id, found.group_number, found.payer_id) == ("AB9", "G1", "SUN")
    assert (found.subscriber_name, found.active, found.findings) == ("Anne Roy", True, ())


def test_an_invoice_comes_to_its_net_and_its_taxes() -> None:
    totals, findings = read_invoice((SAMPLES / "Invoice-example.json").read_bytes())
    assert totals
    assert not findings
    assert (totals.net_minor, totals.gross_minor, totals.tax_minor) == (4000, 4800, 800)
    assert (totals.number, totals.status, totals.currency) == ("654321", "issued", "EUR")
    ours = InvoiceTotals(
        number="7", status="issued", net_minor=9450, gross_minor=9923, currency="CAD"
    )
    charges = (InvoiceCharge(description="Massage", net_minor=9450),)
    raw = invoice_bytes(ours, charges, issued=DAY, issuer="Harbour Clinic")
    assert b'"value": 4.73' in raw
    assert read_invoice(raw) == (ours, ())
    base = b'"base", "amount": {"value": 94.5'
    _, found = read_invoice(raw.replace(base + b"0", base + b"1"))
    assert [each.code for each in found] == ["CHARGE_SUM"]
    assert read_invoice(raw.replace(b"99.23", b"9.23"))[0] is None


def originals() -> list[bytes]:
    good = (SAMPLES / "ClaimResponse-R3500.json").read_bytes().replace(b"100.47", b"90.47")
    written = [remittance_bytes(REMITTANCE, created=DAY), outcome([]), good]
    return [*written, *(path.read_bytes() for path in sorted(SAMPLES.glob("*.json")))]


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """Return a document with one to three things of it broken."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(raw) or 1)
        kind = chance.randrange(6)
        if kind == 0:
            raw = raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]
        elif kind == 1:
            raw = raw[:at] + raw[at + chance.randint(1, 40) :]
        elif kind == 2:
            raw = raw[:at] + raw[at : at + 30] + raw[at:]
        elif kind == 3:
            raw = raw[:at]
        else:
            raw = swapped(raw, chance)
    return raw


def swapped(raw: bytes, chance: random.Random) -> bytes:
    """Return a document with one of its values replaced by one of another kind."""
    try:
        value = json.loads(raw)
    except ValueError:
        return raw
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict | list):
            keys = list(each) if isinstance(each, dict) else list(range(len(each)))
            places += [(each, key) for key in keys]
            waiting += [each[key] for key in keys]
    if places:
        owner, key = chance.choice(places)
        owner[key] = chance.choice(ODD)
    return json.dumps(value).encode()


def unbalanced(read: Read) -> list[RemittedClaim | Remittance]:
    """Return what does not balance of what is said to be free of errors, counted anew."""
    found: list[RemittedClaim | Remittance] = []
    for remittance in read.remittances:
        if has_errors((*read.findings, *remittance.findings)):
            continue
        for claim in remittance.claims:
            both = [*claim.adjustments, *(a for line in claim.lines for a in line.adjustments)]
            if claim.charge_minor - sum(each.minor for each in both) != claim.paid_minor:
                found.append(claim)
        paid = sum(claim.paid_minor for claim in remittance.claims)
        kept = sum(each.minor for each in remittance.provider_adjustments)
        if paid - kept != remittance.paid_minor:
            found.append(remittance)
    return found


def test_whatever_a_file_holds_nothing_raises_and_what_is_free_of_errors_balances() -> None:
    chance, files, posted = random.Random(20261128), originals(), 0  # noqa: S311 (seeded, to break the same)
    began = time.monotonic()
    for _ in range(MUTATIONS):
        raw = mutated(chance.choice(files), chance)
        read = read_answers(raw)
        assert not unbalanced(read), raw
        posted += sum(not has_errors(each.findings) for each in read.remittances)
        sent = read_claim(raw)
        assert (sent.claim is None) == has_errors(sent.findings), raw
        read_invoice(raw)
    assert posted > 20, "the test must also see remittances that may be posted"
    assert time.monotonic() - began < SECONDS
