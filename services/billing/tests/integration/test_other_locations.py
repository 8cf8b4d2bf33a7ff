"""What belongs to another location's client, and what payers say of other locations' claims."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from billing.payers.profiles import profiles
from billing.payers.resources import Resources
from billing.ports import Desk
from billing.testing import decided, remittance, reread, sent
from billing.use_cases import (
    answers,
    eligibility,
    fhir,
    payer_files,
    practitioner_pay,
    selling,
    stating,
    unmatched,
)
from clinic_contracts.billing import eligibility as e
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing import prepaid as c
from clinic_contracts.billing.fhir import GetResource
from clinic_contracts.billing.pay import AddPayRate
from clinic_contracts.billing.statements import GetStatement
from clinic_contracts.client_profile.events import ClientChanged
from clinic_contracts.errors import Invalid, NotFound
from clinic_contracts.money import Money
from payer_formats.answers import Acknowledgement, ClaimVerdict, Read

HERE, ELSEWHERE = ("loc_1",), ("loc_2",)
STATEMENT = GetStatement(client_id="cli_1")
CHECKS = e.ListEligibility(client_id="cli_1", coverage_id="pol_1")
POLICY = GetResource(resource_type="Coverage", resource_id="pol-1")
CARD = c.SellGiftCard(location_id="loc_1", client_id="cli_1", amount=Money(amount_minor=100))
QUESTIONS: dict[str, Callable[[Desk], Any]] = {
    "statement": lambda desk: stating.get_statement(STATEMENT, desk),
    "eligibility": lambda desk: eligibility.page(CHECKS, desk),
    "policy": lambda desk: fhir.get_resource(POLICY, fhir.Door(desk, Resources(profiles()))),
    "sale": lambda desk: selling.sell_gift_card(
        replace(CARD, location_id=(desk.context.location_scope or HERE)[0]), desk
    ),
}


def belongs_to(office: Any, *location_ids: str, seq: int = 2) -> None:
    office.know("cli_1", ClientChanged(
        client_id="cli_1", name="Ada Sample", emails=(), phones=(), preferred_channel="email",
        language="en", location_ids=location_ids), seq)  # fmt: skip


@pytest.fixture
def two(office: Any) -> Any:
    """An office of two locations."""
    (place,) = office.database["locations"].find()
    view = {**place["view"], "location_id": "loc_2"}
    office.database["locations"].insert_one({**place, "_id": "loc_2", "view": view})
    return office


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_client_s_are_for_who_sees_the_client(two: Any, question: str) -> None:
    ask = QUESTIONS[question]
    ask(two.desk(location_scope=ELSEWHERE))  # of no location yet
    belongs_to(two, "loc_1")
    for scope in (None, HERE, (*HERE, *ELSEWHERE)):
        ask(two.desk(location_scope=scope))
    with pytest.raises(NotFound, match=r"there is no \S*\s?\S*(cli|pol)_1"):
        ask(two.desk(location_scope=ELSEWHERE))
    belongs_to(two, "loc_1", "loc_2", seq=3)
    ask(two.desk(location_scope=ELSEWHERE))


def test_what_was_paid_in_advance_goes_where_its_client_goes(two: Any) -> None:
    belongs_to(two, "loc_1")
    sold = selling.sell_gift_card(CARD, two.desk())
    two.pay(two.reread(sold.invoice_id))
    listed = c.ListPrepaid(client_id="cli_1")
    elsewhere = two.desk(location_scope=ELSEWHERE)
    assert selling.list_prepaid(listed, elsewhere).items == ()
    with pytest.raises(NotFound, match=f"there is no {sold.id}"):
        selling.get_prepaid(sold.id, elsewhere)
    for seq, scope in enumerate((HERE, ELSEWHERE), start=3):
        belongs_to(two, "loc_1", *scope, seq=seq)
        desk = two.desk(location_scope=scope)
        assert [each.id for each in selling.list_prepaid(listed, desk).items] == [sold.id]
        assert selling.get_prepaid(sold.id, desk).id == sold.id


def test_another_location_s_gift_card_pays_nothing(two: Any) -> None:
    sold = selling.sell_gift_card(replace(CARD, location_id="loc_2"), two.desk())
    two.pay(two.reread(sold.invoice_id))
    two.database["coverages"].delete_many({})
    invoice = two.invoice()
    by_card = {"method": "gift_card", "prepaid_id": sold.id}
    belongs_to(two, "loc_3")
    with pytest.raises(NotFound, match=f"there is no gift_card {sold.id}"):
        two.pay_as(HERE, invoice, **by_card)
    belongs_to(two, "loc_1", seq=3)
    assert (
        two.pay_as(HERE, invoice, method="gift_card", prepaid_id=sold.id).value.amount_minor == 100
    )


def test_a_rate_names_nobody_who_works_elsewhere_alone(two: Any) -> None:
    rate = AddPayRate(
        location_id="loc_1", from_=two.desk().now.date(), practitioner_id="prac_1", rate_bp=5000
    )
    two.therapist_changes(location_ids=("loc_2",))
    with pytest.raises(Invalid) as refused:
        practitioner_pay.add_pay_rate(rate, two.desk(location_scope=HERE))
    assert list(refused.value.extra["errors"]) == ["practitioner_id"]
    practitioner_pay.add_pay_rate(rate, two.desk())


def take(office: Any, read: Read, scope: tuple[str, ...] | None, raw: bytes = b"x") -> f.FileView:
    office.files[raw] = read
    return answers.take_file(raw, "application/edi-x12", office.desk(location_scope=scope))


def test_a_file_says_nothing_of_claims_elsewhere(two: Any) -> None:
    claim = sent(two)
    raw = remittance(decided(claim))
    file = take(two, raw, ELSEWHERE)
    assert (file.state, file.unmatched, file.location_ids) == ("posted", 1, ELSEWHERE)
    assert claim.id not in str(file)
    (item,) = unmatched.list_unmatched(f.ListUnmatched(), two.desk(location_scope=ELSEWHERE)).items
    assert (item.suggestions, reread(two, claim)) == ((), claim)
    assign = f.AssignUnmatched(unmatched_id=item.id, claim_id=claim.id)
    for scope, missing in ((ELSEWHERE, claim.id), (HERE, item.id)):
        with pytest.raises(NotFound, match=f"there is no {missing}"):
            unmatched.assign(assign, two.desk(location_scope=scope))
    assert unmatched.assign(assign, two.desk()).claim_id == claim.id
    assert two.findings() == dict.fromkeys(two.findings(), 0)


def test_an_acknowledgement_moves_no_claim_elsewhere(two: Any) -> None:
    claim = sent(two)
    verdict = ClaimVerdict(reference=claim.number, verdict="rejected", codes=("A7",))
    told = Acknowledgement(kind="277CA", identity="a", claims=(verdict,))
    read = Read(format="x12", acknowledgements=(told,))
    (finding,) = take(two, read, ELSEWHERE).findings
    assert (finding.code, reread(two, claim)) == ("UNKNOWN_CLAIM", claim)
    assert take(two, read, HERE, b"y").findings == ()
    assert reread(two, claim).state == "rejected"


def test_a_file_is_seen_by_those_who_see_all_that_it_may_speak_of(two: Any) -> None:
    claim = sent(two)
    of_all = take(two, remittance(decided(claim)), None)
    of_here = take(two, remittance(decided(claim), identity="two"), HERE, b"y")
    seen = {
        None: [of_here.id, of_all.id],
        HERE: [of_here.id],
        ELSEWHERE: [],
        (*HERE, *ELSEWHERE): [of_here.id],
    }
    for scope, ids in seen.items():
        desk = two.desk(location_scope=scope)
        assert [each.id for each in payer_files.list_files(f.ListFiles(), desk).items] == ids
        for id_ in {of_all.id, of_here.id} - {*ids}:
            for ask in (payer_files.get_file, payer_files.read_file):
                with pytest.raises(NotFound, match=f"there is no {id_}"):
                    ask(id_, desk)


def test_who_sends_a_file_again_is_told_only_that_it_is_known(two: Any) -> None:
    claim = sent(two)
    read = remittance(decided(claim))
    first = take(two, read, None)
    for raw in (b"x", b"in other bytes"):
        again = take(two, read, HERE, raw)
        assert (again.state, again.first_id, again.postings) == ("duplicate", None, ())
        # What comes a third time has the bytes of the second.
        assert take(two, read, None, raw).first_id in {first.id, again.id}
