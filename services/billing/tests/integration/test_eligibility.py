"""Eligibility: asked and answered once by its number; what answers nothing changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from billing.claim_ports import File
from billing.domain.eligibility import UNANSWERED_AFTER
from billing.eligibility_ports import Question
from billing.payers.reading import read_file
from billing.ports import Desk
from billing.use_cases import eligibility
from billing.use_cases.answers import take_file
from clinic_contracts.billing import eligibility as e
from clinic_contracts.billing.payer_files import FileView
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import ClaimUnfit, Invalid, NotFound, NotSupported, ServiceUnavailable
from clinic_contracts.money import Money
from payer_formats.answers import Benefit, Eligibility, SetVerdict, Verdict
from payer_formats.claim import Payer
from payer_formats.fhir.entitling import read_request, response_bytes
from payer_formats.x12 import syntax
from payer_formats.x12.acknowledging import write_999
from payer_formats.x12.entitling import write_271
from payer_formats.x12.inquiring import read_270
from payer_formats.x12.writing import Envelope

X12 = "application/edi-x12"
BENEFITS = (
    Benefit(kind="active", code="1", services=("30",)),
    Benefit(kind="limit", code="F", services=("30",), minor=40000, period="remaining"),
    Benefit(kind="limit", code="F", services=("30",), quantity=7, in_network=True),
)


class House:
    """A payer that answers at once what it is given to say, and can be away or refuse."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.failing: BaseException | None = None
        self.says: Callable[[bytes], bytes] | None = answer
        self.reached = True

    def ask(self, question: Question) -> list[File]:
        self.asked.append(question)
        if self.failing is not None:
            raise self.failing
        if self.says is None:
            return []
        said = self.says(question.file.raw)
        return [File(name="answer", content_type=question.file.content_type, raw=said)]

    def asks(self, _coverage: CoverageChanged) -> bool:
        return self.reached


def answer(raw: bytes, **changes: Any) -> bytes:
    """Return the 271 to a 270: in force, 400 dollars and 7 visits left."""
    (asked,), findings = read_270(raw)
    assert not findings
    told = Eligibility(
        payer_id=asked.payer.id,
        member_id=asked.subscriber.member_id,
        active=True,
        benefits=BENEFITS,
        trace=asked.trace,
    )
    payer, at = Payer(id=asked.payer.id, name=asked.payer.name), datetime(2026, 12, 1, 9, 30)
    envelope = Envelope(sender="HARBOUR", receiver="CLINICOPS", control=7, at=at)
    return write_271(envelope, [replace(told, **changes)], payer, asked.provider)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture(autouse=True)
def insured(office: Any) -> None:
    office.read_file = read_file
    office.know("pol_1", CoverageChanged(
        coverage_id="pol_1", client_id="cli_1", kind="extended_health", carrier="Harbour Mutual",
        group_number="G-1", member_id="M-1", percent=80, order=1, benefit_year_start="01-01",
        annual_maximum=Money(amount_minor=50000)), seq=2)  # fmt: skip


def ask(office: Any, house: House, operation: str = "op-1", **more: Any) -> e.EligibilityView:
    wanted = {"client_id": "cli_1", "coverage_id": "pol_1", "location_id": "loc_1", **more}
    return eligibility.ask(e.AskEligibility(**wanted), office.desk(operation), house)


def later(office: Any, after: timedelta) -> Desk:
    desk: Desk = office.desk()
    return replace(desk, now=desk.now + after)


def handed(office: Any, raw: bytes) -> FileView:
    return take_file(raw, X12, office.desk())


def test_what_the_payer_says_stands_beside_what_is_counted_here(office: Any, house: House) -> None:
    check = ask(office, house, date_=None)
    assert (check.state, check.active, check.findings) == ("answered", "yes", ())
    amount, visits = check.benefits[1:]
    assert (amount.amount, amount.period) == (Money(amount_minor=40000), "remaining")
    assert (visits.visits, visits.network) == (7, "in")
    assert [each.left for each in check.counted] == [Money(amount_minor=50000)]
    assert check.file_id is not None
    assert office.desk().claims.raw(check.file_id) == answer(house.asked[0].file.raw)


def test_what_the_payer_says_is_sealed(office: Any, house: House) -> None:
    check = ask(office, house)
    row = office.database["eligibility"].find_one({"_id": check.id})
    assert set(row["state"]) == {"state", "client_id", "coverage_id", "location_id", "payer_id"}
    assert b"remaining" not in row["sealed"]
    assert b"M-1" not in row["raw"]
    assert "due" not in row


def test_an_operation_asks_once(office: Any, house: House) -> None:
    assert ask(office, house) == ask(office, house)
    assert len(house.asked) == 1
    assert ask(office, house, "op-2").id != ask(office, house).id


def test_a_process_that_ends_after_asking_asks_again_by_the_same_number(
    office: Any, house: House
) -> None:
    house.failing = SystemExit()
    with pytest.raises(SystemExit):
        ask(office, house)
    house.failing = None
    assert eligibility.ask_again(office.desk(), house) == 0
    assert eligibility.ask_again(later(office, eligibility.AGAIN_AFTER * 2), house) == 1
    first, second = house.asked
    assert first == second
    assert eligibility.get(first.id, office.desk()).state == "answered"
    assert eligibility.ask_again(later(office, UNANSWERED_AFTER * 2), house) == 0


def test_a_payer_that_is_away_is_asked_again(office: Any, house: House) -> None:
    house.failing = ServiceUnavailable("away")
    check = ask(office, house)
    assert (check.state, check.active) == ("asked", "unknown")
    house.failing = None
    eligibility.ask_again(later(office, timedelta(minutes=1)), house)
    assert eligibility.get(check.id, office.desk()).state == "answered"


def test_an_answer_by_mail_is_matched_by_its_number(office: Any, house: House) -> None:
    house.says = None
    check = ask(office, house)
    assert check.state == "asked"
    assert eligibility.ask_again(later(office, timedelta(hours=1)), house) == 0
    file = handed(office, answer(house.asked[0].file.raw))
    assert (file.state, file.kind, file.findings) == ("posted", "eligibility", ())
    told = eligibility.get(check.id, office.desk())
    assert (told.state, told.file_id) == ("answered", file.id)


def test_a_payer_that_is_silent_for_a_day_is_unanswered_and_may_still_answer(
    office: Any, house: House
) -> None:
    house.says = None
    check = ask(office, house)
    eligibility.ask_again(later(office, UNANSWERED_AFTER + timedelta(minutes=1)), house)
    silent = eligibility.get(check.id, office.desk())
    assert (silent.state, [each.code for each in silent.findings]) == ("unanswered", ["NO_ANSWER"])
    assert len(house.asked) == 1
    handed(office, answer(house.asked[0].file.raw))
    told = eligibility.get(check.id, office.desk())
    assert (told.state, told.findings) == ("answered", ())


def test_a_rejection_is_told_in_words(office: Any, house: House) -> None:
    house.says = lambda raw: answer(raw, benefits=(), rejections=("75", "ZZ"))
    check = ask(office, house)
    assert (check.state, check.active) == ("refused", "unknown")
    known, other = check.findings
    assert (known.code, known.text) == ("75", "the payer does not find the member")
    assert known.where == "2100C AAA03"
    assert (other.code, other.text) == ("ZZ", "the payer rejects it: 'ZZ'")


def test_what_the_payer_does_not_take_is_refused(office: Any, house: House) -> None:
    house.failing = ClaimUnfit("the payer refuses the file: HTTP 422", findings=[])
    check = ask(office, house)
    assert (check.state, [each.code for each in check.findings]) == ("refused", ["REFUSED"])
    assert eligibility.ask_again(later(office, timedelta(hours=1)), house) == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"trace": "T-9"}, "TRACE_UNKNOWN"), ({"payer_id": "OTHER"}, "PAYER_MISMATCH")],
)
def test_an_answer_to_nothing_is_kept_and_changes_nothing(
    office: Any, house: House, changes: dict[str, str], code: str
) -> None:
    house.says = None
    check = ask(office, house)
    raw = answer(house.asked[0].file.raw, **changes)
    file = handed(office, raw)
    assert (file.state, [each.code for each in file.findings]) == ("posted", [code])
    assert office.desk().claims.raw(file.id) == raw
    assert eligibility.get(check.id, office.desk()).state == "asked"


def test_a_second_answer_changes_nothing(office: Any, house: House) -> None:
    check = ask(office, house)
    file = handed(office, answer(house.asked[0].file.raw, benefits=BENEFITS[:1]))
    assert [each.code for each in file.findings] == ["ANSWERED_BEFORE"]
    assert eligibility.get(check.id, office.desk()) == check


def test_a_truncated_answer_is_kept_apart(office: Any, house: House) -> None:
    house.says = lambda raw: answer(raw)[:-60]
    check = ask(office, house)
    assert check.state == "asked"
    (row,) = office.database["files"].find()
    assert row["state"]["state"] == "quarantined"


def test_another_member_number_is_told(office: Any, house: House) -> None:
    house.says = lambda raw: answer(raw, member_id="M-2")
    check = ask(office, house)
    assert (check.state, [each.code for each in check.findings]) == ("answered", ["MEMBER_DIFFERS"])


def test_lists_are_of_the_callers_locations_the_latest_first(office: Any, house: House) -> None:
    first, second = ask(office, house), ask(office, house, "op-2")
    wanted = e.ListEligibility(client_id="cli_1", coverage_id="pol_1")
    assert eligibility.page(wanted, office.desk()).items == (second, first)
    elsewhere = office.desk(location_scope=("loc_9",))
    assert eligibility.page(wanted, elsewhere).items == ()
    with pytest.raises(NotFound):
        eligibility.get(first.id, elsewhere)


def test_what_cannot_be_asked_is_refused_in_words(office: Any, house: House) -> None:
    with pytest.raises(NotFound):
        ask(office, house, client_id="cli_2")
    with pytest.raises(NotFound):
        ask(office, house, location_id="loc_2")
    with pytest.raises(Invalid, match="X12 has codes"):
        ask(office, house, service="massage")
    house.reached = False
    with pytest.raises(NotSupported, match="Harbour Mutual answers no question"):
        ask(office, house)
    assert house.asked == []
    assert office.database["eligibility"].count_documents({}) == 0


def in_fhir(office: Any) -> None:
    office.know("pol_1", CoverageChanged(
        coverage_id="pol_1", client_id="cli_1", kind="extended_health", carrier="Coast Benefits",
        group_number="G-1", member_id="M-1", percent=80, order=1, benefit_year_start="01-01",
        relationship="spouse", holder_first_name="Bo"), seq=3)  # fmt: skip


def resource(house: House, **changes: Any) -> bytes:
    """Return the response to the question in FHIR that was asked last."""
    inquiry, findings = read_request(house.asked[-1].file.raw)
    assert inquiry is not None
    assert not findings
    told = Eligibility(
        payer_id=inquiry.payer.id,
        member_id=inquiry.subscriber.member_id,
        active=True,
        benefits=(Benefit(kind="used", code="visit", quantity=3),),
        trace=inquiry.trace,
    )
    return response_bytes(replace(told, **changes), created=inquiry.day, currency="CAD")


def test_a_payer_that_speaks_fhir_is_asked_in_fhir(office: Any, house: House) -> None:
    in_fhir(office)
    house.says = None
    check = ask(office, house, service="massage")
    inquiry, _ = read_request(house.asked[0].file.raw)
    assert inquiry is not None
    assert (inquiry.trace, inquiry.services) == (check.trace, ("massage",))
    assert inquiry.patient is not None
    names = (inquiry.patient.first_name, inquiry.subscriber.person.first_name)
    assert names == ("Ada", "Bo")
    take_file(resource(house), "application/fhir+json", office.desk())
    told = eligibility.get(check.id, office.desk())
    assert (told.state, told.active, told.benefits[1].visits) == ("answered", "yes", 3)


def test_a_payer_that_queues_the_question_has_not_answered(office: Any, house: House) -> None:
    in_fhir(office)
    house.says = lambda _raw: resource(house, active=None, benefits=())
    check = ask(office, house)
    assert check.state == "asked"
    (row,) = office.database["files"].find()
    assert [each["code"] for each in row["state"]["findings"]] == ["NOTHING_TOLD"]
    take_file(resource(house), "application/fhir+json", office.desk())
    assert eligibility.get(check.id, office.desk()).state == "answered"


def test_payers_that_are_away_hold_up_one_question_alone(office: Any, house: House) -> None:
    house.failing = ServiceUnavailable("away")
    checks = [ask(office, house, f"op-{number}") for number in range(3)]
    soon = later(office, timedelta(seconds=30))
    eligibility.ask_again(soon, house)
    assert len(house.asked) == len(checks) + 1
    house.failing = None
    assert eligibility.ask_again(soon, house) == len(checks) - 1
    assert eligibility.ask_again(later(office, timedelta(minutes=2)), house) == 1
    states = {eligibility.get(each.id, office.desk()).state for each in checks}
    assert states == {"answered"}
    assert len({each.id for each in house.asked}) == len(checks)


@pytest.mark.parametrize(
    ("verdict", "state", "told"),
    [("rejected", "refused", ["REFUSED"]), ("accepted", "asked", [])],
)
def test_a_999_about_a_question_is_heard(
    office: Any, house: House, verdict: Verdict, state: str, told: list[str]
) -> None:
    house.says = lambda raw: write_999(
        Envelope(sender="HARBOUR", receiver="CLINICOPS", control=7, at=datetime(2026, 12, 1, 9)),
        [
            SetVerdict(level=level, verdict=verdict, group=str(control_of(raw)), set="0001")
            for level in ("group", "set")
        ],
    )
    check = ask(office, house)
    assert (check.state, [each.code for each in check.findings]) == (state, told)
    (row,) = office.database["files"].find()
    assert (row["state"]["state"], row["state"]["findings"]) == ("posted", [])


def control_of(raw: bytes) -> int:
    (interchange,) = syntax.read(raw).interchanges
    return int(interchange.groups[0].control)
