"""Claims on their way: one batch a payer, sent until it arrives, and never twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from billing.claim_ports import Batch, File, Mail
from billing.payers.outgoing import outgoing
from billing.ports import Desk
from billing.use_cases import answers, claiming, sending
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing import requests as r
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import ClaimUnfit, IllegalTransition, ServiceUnavailable
from payer_formats.answers import Acknowledgement, Read, Remittance, RemittedClaim, SetVerdict
from payer_formats.claim import Adjustment, Claim


class House:
    """A clearing house that takes a batch once, and can be away or refuse."""

    def __init__(self) -> None:
        self.taken: dict[str, Batch] = {}
        self.asked: list[str] = []
        self.failing: Exception | None = None
        self.reached = True
        self.answers: list[File] = []
        self.mail: list[File] = []

    def send(self, batch: Batch) -> list[File]:
        self.asked.append(batch.id)
        if self.failing is not None:
            raise self.failing
        assert self.taken.setdefault(batch.id, batch) == batch
        return self.answers

    def fetch(self, cursor: str) -> Mail:
        start = int(cursor or 0)
        return Mail(files=self.mail[start:], cursor=str(len(self.mail)))

    @property
    def reaches(self) -> Callable[[str], bool]:
        return lambda _payer_id: self.reached


@pytest.fixture
def house() -> House:
    return House()


def queued(office: Any, number: int = 1) -> r.ClaimView:
    claim = office.claim(office.invoice(number))
    claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())
    return reread(office, claim)


def reread(office: Any, claim: r.ClaimView) -> r.ClaimView:
    found: r.ClaimView | None = office.desk().claims.claim(claim.id)
    assert found is not None
    return found


def later(office: Any, seconds: int = 61) -> Desk:
    desk: Desk = office.desk()
    return replace(desk, now=desk.now + timedelta(seconds=seconds))


def test_queued_claims_go_out_in_one_file(office: Any, house: House) -> None:
    claims = [queued(office, number) for number in range(3)]
    assert len(sending.make_batches(office.desk(), house)) == 1
    assert sending.make_batches(office.desk(), house) == []
    assert sending.send_batches(office.desk(), house) == 1
    assert sending.send_batches(later(office), house) == 0
    (batch,) = house.taken.values()
    assert sorted(batch.claim_ids) == sorted(claim.id for claim in claims)
    assert batch.file.raw.decode().splitlines()[1:] == [
        claim.number for claim in sorted(claims, key=lambda each: each.id)
    ]
    sent = [reread(office, claim) for claim in claims]
    assert {claim.state for claim in sent} == {"submitted"}
    assert {claim.batch_id for claim in sent} == {batch.id}
    assert sent[0].details == claims[0].details


def test_what_does_not_arrive_is_sent_again_as_the_same_file(office: Any, house: House) -> None:
    claim = queued(office)
    sending.make_batches(office.desk(), house)
    house.failing = ServiceUnavailable("away")
    assert sending.send_batches(office.desk(), house) == 0
    assert sending.send_batches(office.desk(), house) == 0
    assert len(house.asked) == 1
    assert reread(office, claim).state == "queued"
    house.failing = None
    assert sending.send_batches(later(office), house) == 1
    assert len(set(house.asked)) == 1
    assert reread(office, claim).state == "submitted"


def test_a_process_that_ends_after_sending_sends_the_same_file_again(
    office: Any, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = queued(office)
    sending.make_batches(office.desk(), house)

    def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_end", dies)
        with pytest.raises(SystemExit):
            sending.send_batches(office.desk(), house)
    assert reread(office, claim).state == "queued"
    assert sending.send_batches(later(office), house) == 1
    assert (len(house.asked), len(house.taken)) == (2, 1)
    assert reread(office, claim).state == "submitted"


def test_what_the_payer_does_not_take_is_rejected_with_its_word(office: Any, house: House) -> None:
    claim = queued(office)
    sending.make_batches(office.desk(), house)
    house.failing = ClaimUnfit("the payer refuses the file: HTTP 422", findings=[])
    sending.send_batches(office.desk(), house)
    refused = reread(office, claim)
    assert (refused.state, [each.code for each in refused.findings]) == ("rejected", ["REFUSED"])
    again = claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())
    assert again.state == "queued"
    house.failing = None
    assert len(sending.make_batches(office.desk(), house)) == 1


def test_a_payer_that_is_not_reached_has_its_files_sent_by_hand(office: Any, house: House) -> None:
    house.reached = False
    claim = queued(office)
    sending.make_batches(office.desk(), house)
    by_hand = reread(office, claim)
    assert (by_hand.state, by_hand.history[-1].cause) == ("submitted", "sent by hand")
    assert sending.send_batches(later(office), house) == 0
    assert house.asked == []


def test_what_is_answered_at_once_is_taken_in(office: Any, house: House) -> None:
    claim = queued(office)
    sending.make_batches(office.desk(), house)
    told = SetVerdict(level="set", verdict="accepted", interchange="000000001")
    office.files[b"a 999"] = Read(
        format="x12",
        acknowledgements=(Acknowledgement(kind="999", identity="1", sets=(told,)),),
    )
    house.answers = [File(name="999", content_type="application/edi-x12", raw=b"a 999")]
    sending.send_batches(office.desk(), house)
    assert reread(office, claim).state == "received"


def test_a_999_is_about_its_own_file_alone(office: Any, house: House) -> None:
    """In each file of ours the set has the number 0001, which is a file's number too."""
    first = queued(office)
    sending.make_batches(office.desk(), house)
    sending.send_batches(office.desk(), house)
    second = queued(office, 2)
    sending.make_batches(office.desk(), house)
    sending.send_batches(office.desk(), house)
    verdict = SetVerdict(level="set", verdict="rejected", group="2", set="0001")
    told = Acknowledgement(kind="999", identity="1", sets=(verdict,))
    office.files[b"a 999"] = Read(format="x12", acknowledgements=(told,))
    answers.take_file(b"a 999", "application/edi-x12", office.desk())
    assert (reread(office, first).state, reread(office, second).state) == ("submitted", "rejected")


def test_mail_is_fetched_from_where_it_was_left(office: Any, house: House) -> None:
    office.files[b"one"] = office.files[b"two"] = Read(format="x12")
    house.mail = [File(name="1", content_type="text/plain", raw=b"one")]
    cursor = sending.fetch_answers("", office.desk(), house)
    house.mail.append(File(name="2", content_type="text/plain", raw=b"two"))
    assert sending.fetch_answers(cursor, office.desk(), house) == "2"
    assert sending.fetch_answers("", office.desk(), house) == "2"
    assert len(office.desk().claims.files(f.ListFiles(), None)[0]) == 2


def test_a_claim_in_a_batch_does_not_change_any_more(office: Any, house: House) -> None:
    claim = queued(office)
    sending.make_batches(office.desk(), house)
    with pytest.raises(IllegalTransition):
        claiming.change_claim(c.ChangeClaim(claim_id=claim.id, note="late"), office.desk())


def test_the_second_payer_waits_for_the_first_and_is_told_what_it_paid(
    office: Any, house: House
) -> None:
    second = CoverageChanged(
        coverage_id="pol_2",
        client_id="cli_1",
        kind="extended_health",
        carrier="Second",
        group_number="",
        member_id="2",
        percent=100,
        order=2,
        benefit_year_start="01-01",
    )
    office.know("pol_2", second)
    invoice = office.invoice()
    first, other = (office.claim(invoice, which) for which in (0, 1))
    assert (first.amount.amount_minor, other.amount.amount_minor) == (9200, 2300)
    with pytest.raises(ClaimUnfit, match="pays before"):
        claiming.submit_claim(c.ActOnClaim(claim_id=other.id), office.desk())
    claiming.submit_claim(c.ActOnClaim(claim_id=first.id), office.desk())
    house.reached = False
    sending.make_batches(office.desk(), house)
    office.files[b"paid"] = Read(
        format="x12",
        remittances=(
            Remittance(
                identity="1",
                payer_id="P",
                payer_name="P",
                paid_minor=9200,
                currency="CAD",
                claims=(
                    RemittedClaim(
                        reference=first.number,
                        decision="paid",
                        charge_minor=11500,
                        paid_minor=9200,
                        adjustments=(Adjustment(group="PR", reason="2", minor=2300),),
                    ),
                ),
            ),
        ),
    )
    answers.take_file(b"paid", "text/plain", office.desk())
    claiming.submit_claim(c.ActOnClaim(claim_id=other.id), office.desk())

    def sent(books: Any) -> Claim:
        return outgoing(sending.leaving_of([reread(office, other)], books)[0], None)

    told = office.desk().transact(sent)
    assert told.subscriber.rank == 2
    (prior,) = told.prior
    assert (prior.paid_minor, prior.adjustments) == (
        9200,
        (Adjustment(group="PR", reason="2", minor=2300),),
    )
    assert prior.payer.name == "Carrier"
