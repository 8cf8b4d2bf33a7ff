"""Claims in each payer's tongue: scrubbed, written, and read by who speaks it."""

from datetime import date
from typing import Any

import pytest

from billing.claim_ports import Built
from billing.payers.profiles import profiles
from billing.payers.tongues import Numbers, build_file
from billing.use_cases import claiming, sending
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import requests as r
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import ClaimUnfit
from clinic_runtime.clock import now
from payer_formats.findings import has_errors
from payer_formats.scrub import scrub
from payer_formats.x12 import syntax
from payer_formats.x12.professional import read_professional

PERSON = c.ClaimPerson(
    name="Ada Sample",
    birth_date=date(1970, 5, 4),
    sex="F",
    address=c.ClaimAddress(line="2 Oak", city="Victoria", region="BC", postal_code="V8T1A1"),
)


def claim_for(office: Any, **coverage: Any) -> r.ClaimView:
    base = {
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
    office.know("pol_1", CoverageChanged(**{**base, **coverage}), seq=2)
    return office.claim(office.invoice())  # type: ignore[no-any-return]  # an office is a test's


def built(office: Any, claim: r.ClaimView) -> Built:
    def work(books: Any) -> Any:
        found = books.claim(claim.id)
        return sending.leaving_of([found], books)

    leaving = office.desk().transact(work)
    return build_file(leaving, claim.payer_id, Numbers(7, 1, now()), profiles())


def mended(office: Any, claim: r.ClaimView, **details: Any) -> r.ClaimView:
    request = c.ChangeClaim(claim_id=claim.id, **details)
    claiming.change_claim(request, office.desk())
    return claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())


def test_an_x12_payer_gets_an_837_that_its_own_reader_takes(office: Any) -> None:
    claim = claim_for(office)
    assert (claim.tongue, claim.payer_id) == ("x12", "SIMX12")
    with pytest.raises(ClaimUnfit):
        claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())
    line = c.ClaimLine(procedure="97124", charge=claim.charge, units=4, minutes=60, pointers=(1,))
    queued = mended(office, claim, lines=(line,), diagnoses=("M5450",), person=PERSON)
    assert queued.state == "queued"
    raw = built(office, claim).file.raw
    read = read_professional(syntax.read(raw))
    assert not has_errors(read.findings), read.findings
    (sent,) = read.claims
    assert (sent.id, sent.charge_minor, sent.subscriber.member_id) == (claim.number, 11500, "M-1")
    assert not has_errors(scrub([sent], today=claim.service_date, inbound=True))


def test_a_payer_without_a_format_gets_a_packet(office: Any) -> None:
    claim = claim_for(office, carrier="Nobody's")
    assert claim.tongue == "portal"
    page = built(office, claim).file.raw.decode()
    assert claim.number in page
    assert "115.00" in page
