"""Reports of claims and receivables after payers have answered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from billing.claim_ports import Batch, File, Mail
from billing.use_cases import answers, claim_reporting, claiming, reporting, sending
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import reports as rep
from clinic_contracts.billing import requests as r
from payer_formats.answers import Read, Remittance, RemittedClaim
from payer_formats.claim import Adjustment

FIRST, LAST = date(2026, 11, 1), date(2026, 12, 31)


class House:
    """A clearing house that takes whatever it is sent."""

    def send(self, _batch: Batch) -> list[File]:
        return []

    def fetch(self, cursor: str) -> Mail:
        return Mail(files=[], cursor=cursor)

    @property
    def reaches(self) -> Callable[[str], bool]:
        return lambda _payer_id: True


def sent(office: Any, *numbers: int) -> list[r.ClaimView]:
    """Return claims of visits that are with their payer."""
    claims = [office.claim(office.invoice(number)) for number in numbers]
    for claim in claims:
        claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())
    sending.make_batches(office.desk(), House())
    assert sending.send_batches(office.desk(), House()) == 1
    return claims


def decide(office: Any, claim: r.ClaimView, paid: int, days: int) -> None:
    """Have the payer decide on a claim, so many days from now."""
    adjusted = Adjustment(group="PR" if paid else "CO", reason="2" if paid else "50",
                          minor=11500 - paid)  # fmt: skip
    one = RemittedClaim(
        reference=claim.number,
        payer_reference=f"P-{claim.number[:6]}",
        decision="paid" if paid else "denied",
        charge_minor=11500,
        paid_minor=paid,
        adjustments=(adjusted,),
        day=claim.service_date,
        position=5,
    )
    told = Remittance(
        identity=claim.id,
        payer_id="PORTAL",
        payer_name="Carrier",
        paid_minor=paid,
        currency="CAD",
        claims=(one,),
    )
    raw = claim.id.encode()
    office.files[raw] = Read(format="x12", remittances=(told,))
    desk = office.desk()
    at = replace(desk, now=desk.now + timedelta(days=days))
    answers.take_file(raw, "application/edi-x12", at)


def test_a_payers_claims_are_counted_and_their_days(office: Any) -> None:
    paid, denied, _ = sent(office, 1, 2, 3)
    decide(office, paid, 9200, 4)
    decide(office, denied, 0, 9)
    office.invoice(4)
    request = rep.GetClaimTurnaround(from_=FIRST, to=LAST)
    (row,) = claim_reporting.claim_turnaround(request, office.desk()).items
    assert (row.id, row.claims, row.submitted, row.decided) == ("Carrier", 4, 3, 2)
    assert (row.paid, row.denied) == (1, 1)
    assert (row.median_days_to_decision, row.p90_days_to_decision) == (4, 9)
    assert (row.median_days_to_payment, row.p90_days_to_payment) == (4, 4)
    elsewhere = office.desk(location_scope=("loc_2",))
    assert claim_reporting.claim_turnaround(request, elsewhere).items == ()


def test_denials_are_told_by_their_codes(office: Any) -> None:
    paid, denied = sent(office, 1, 2)
    decide(office, paid, 9200, 1)
    decide(office, denied, 0, 1)
    found = claim_reporting.denials(rep.GetDenialReasons(from_=FIRST, to=LAST), office.desk())
    assert [(row.payer, row.id, row.denials, row.amount_minor) for row in found.items] == [
        ("Carrier", "CO-50", 1, 11500)
    ]


def test_receivables_after_a_payer_has_paid_are_the_ledgers(office: Any) -> None:
    paid, *_ = sent(office, 1, 2)
    decide(office, paid, 8000, 1)
    found = reporting.aged_receivables(rep.GetAgedReceivables(as_of=LAST), office.desk())
    rows = {row.id: row.days_0_30_minor for row in found.items}
    # Of the first visit the payer paid 80.00 and said that the rest of its 92.00 is the client's.
    assert rows == {"Carrier": 9200, "client": 2 * 2875 + 1200}
    postings = [each for row in office.database["ledger"].find() for each in row["postings"]]
    owed = sum(each["minor"] for each in postings if each["account"] in {"ar_client", "ar_payer"})
    assert found.total == found.ledger
    assert found.ledger.amount_minor == owed
