"""What belongs to a client: coverages in order of payment, consents with their evidence."""

from datetime import date, timedelta
from typing import Any

import eventlet
import pytest

from client_profile import repository
from client_profile.use_cases import clients as use_cases
from clinic_contracts.client_profile.requests import AddCoverage, ChangeCoverage, CoverageView
from clinic_contracts.errors import Invalid, NotFound, ServiceUnavailable, StaleVersion
from clinic_contracts.money import Money
from clinic_contracts.schemas import load
from clinic_runtime.clock import now


def listed(office: Any, id_: str) -> list[Any]:
    return list(use_cases.list_consents(id_, office.desk()).items)


def test_coverages_come_in_order_of_payment(office: Any) -> None:
    id_ = office.register().id
    for order in (2, 1):
        maximum = Money(amount_minor=60000)
        office.cover(id_, carrier=f"Carrier {order}", order=order, annual_maximum=maximum)
    coverages = use_cases.list_coverages(id_, office.desk()).items
    assert [coverage.carrier for coverage in coverages] == ["Carrier 1", "Carrier 2"]


def test_a_coverage_pays_in_the_currency_of_the_fees(office: Any) -> None:
    id_ = office.register().id
    for money in (Money(amount_minor=100, currency="USD"), Money(amount_minor=-1)):
        for name in ("per_visit_cap", "annual_maximum"):
            with pytest.raises(Invalid) as refused:
                office.cover(id_, **{name: money})
            assert list(refused.value.extra["errors"]) == [name]
    assert use_cases.list_coverages(id_, office.desk()).items == ()


INJURY = {"member_id": "", "percent": None, "accident_date": date(2025, 9, 1)}


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("icbc", {**INJURY, "claim_number": "C1"}),
        (
            "worksafebc",
            {**INJURY, "accepted_on": date(2026, 9, 4), "referred_on": date(2026, 9, 2)},
        ),
        ("msp_supplementary", {**INJURY, "beneficiary_since": date(2020, 1, 1)}),
    ],
)
def test_a_payer_of_its_own_kind_goes_by_its_own_facts(
    office: Any, kind: str, facts: dict[str, Any]
) -> None:
    id_ = office.register().id
    coverage = office.cover(id_, kind=kind, **facts)
    assert (coverage.kind, coverage.percent) == (kind, 100)
    row = office.database["coverages"].find_one({"_id": coverage.id})
    told = row["outbox"][0]["event"]["data"]
    for name, value in facts.items():
        if value is not None:
            assert getattr(coverage, name) == value
            assert told[name] == (value.isoformat() if isinstance(value, date) else value)


@pytest.mark.parametrize(
    ("kind", "facts", "field"),
    [
        ("extended_health", {"percent": None}, "percent"),
        ("extended_health", {"member_id": ""}, "member_id"),
        ("icbc", {}, "accident_date"),
        ("worksafebc", {}, "accident_date"),
        ("msp_supplementary", {}, "beneficiary_since"),
        ("extended_health", {"visits_elsewhere": 2}, "elsewhere_as_of"),
    ],
)
def test_a_coverage_without_what_its_payer_goes_by_is_refused(
    office: Any, kind: str, facts: dict[str, Any], field: str
) -> None:
    id_ = office.register().id
    with pytest.raises(Invalid) as refused:
        office.cover(id_, kind=kind, **facts)
    assert list(refused.value.extra["errors"]) == [field]


@pytest.mark.parametrize("day", ["02-30", "04-31", "13-01", "00-10", "06-00", "1-1", "9-31"])
def test_a_benefit_year_starts_on_a_day_that_there_is(day: str) -> None:
    body = {"client_id": "cli_1", "carrier": "c", "member_id": "1", "percent": 80}
    with pytest.raises(Invalid):
        load(AddCoverage, {**body, "benefit_year_start": day})
    for there in ("01-31", "02-29", "04-30", "12-31"):
        load(AddCoverage, {**body, "benefit_year_start": there})


def test_a_client_has_at_most_fifty_coverages(office: Any) -> None:
    id_, other = office.register().id, office.register().id
    made = [office.cover(id_, f"add {number}") for number in range(50)]
    with pytest.raises(Invalid) as refused:
        office.cover(id_)
    assert refused.value.extra["errors"] == {"client_id": ["a client has at most 50 coverages"]}
    assert office.cover(id_, "add 7") == made[7]
    assert len(use_cases.list_coverages(id_, office.desk()).items) == 50
    office.cover(other)


def test_a_coverage_delivered_twice_is_one_coverage_and_one_event(office: Any) -> None:
    id_ = office.register().id
    answers = list(eventlet.GreenPool().imap(lambda _: office.cover(id_, "same"), range(4)))
    assert answers == [office.cover(id_, "same")] * 4
    assert office.events("coverages") == [1]


def test_the_latest_consent_is_in_force_and_the_evidence_stays(office: Any) -> None:
    id_ = office.register().id
    for granted in (True, False):
        office.consent(id_, granted=granted)
    assert [consent.granted for consent in listed(office, id_)] == [False, True]
    assert office.events("consents") == [1, 2]


def test_the_last_written_consent_is_in_force_whatever_the_clock_said(office: Any) -> None:
    id_ = office.register().id
    at = now()
    office.consent(id_, granted=True, at=at)
    office.consent(id_, granted=True, channel="sms", at=at - timedelta(seconds=1))
    office.consent(id_, granted=False, at=at - timedelta(seconds=2))
    first = {(c.purpose, c.channel): c.granted for c in reversed(listed(office, id_))}
    assert first == {("appointments", "email"): False, ("appointments", "sms"): True}


def test_a_consent_delivered_twice_gives_its_own_answer_also_after_another(office: Any) -> None:
    id_ = office.register().id
    first = office.consent(id_, "same", granted=True, wording="May we write?")
    office.consent(id_, granted=False)
    assert office.consent(id_, "same", granted=True, wording="May we write?") == first
    assert [consent.granted for consent in listed(office, id_)] == [False, True]
    assert office.events("consents") == [1, 2]


def test_consents_at_once_are_each_recorded_and_told(office: Any) -> None:
    id_ = office.register().id

    def record(number: int) -> Any:
        return office.consent(id_, f"consent {number // 2}", wording=f"wording {number // 2}")

    answers = list(eventlet.GreenPool(40).imap(record, range(40)))
    assert answers[::2] == answers[1::2]
    kept = [consent.wording for consent in listed(office, id_)]
    assert sorted(kept) == sorted({answer.wording for answer in answers})
    assert office.events("consents") == list(range(1, 21))
    stored = office.database["consents"].find_one({"client_id": id_})
    told = [entry["event"]["data"]["given_at"] for entry in stored["outbox"]]
    assert told == [row["given_at"] for row in stored["evidence"]]


def test_a_consent_that_finds_no_turn_is_told_to_try_again(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository.clients, "TRIES", 1)
    id_ = office.register().id

    def record(number: int) -> str | None:
        try:
            return str(office.consent(id_, wording=f"wording {number}").wording)
        except ServiceUnavailable:
            return None

    answers = list(eventlet.GreenPool().imap(record, range(20)))
    assert None in answers
    kept = [consent.wording for consent in listed(office, id_)]
    assert sorted(kept) == sorted(answer for answer in answers if answer)


def test_the_evidence_of_one_consent_is_bounded(office: Any) -> None:
    id_ = office.register().id
    for number in range(102):
        office.consent(id_, wording=f"wording {number}")
    kept = [consent.wording for consent in listed(office, id_)]
    assert kept == [f"wording {number}" for number in range(101, 1, -1)]


def change(
    office: Any, coverage: CoverageView, operation_id: str | None = None, **facts: Any
) -> Any:
    given = {"client_id": coverage.client_id, "expected_version": coverage.version, **facts}
    request = ChangeCoverage(coverage_id=coverage.id, **given)
    return use_cases.change_coverage(request, office.desk(operation_id))


def test_what_a_payer_says_later_changes_the_coverage_and_is_told(office: Any) -> None:
    id_ = office.register().id
    claim = office.cover(id_, kind="worksafebc", **INJURY)
    accepted = change(office, claim, "op", accepted_on=date(2026, 9, 4), claim_number="W1")
    assert (accepted.version, accepted.accepted_on) == (2, date(2026, 9, 4))
    assert (accepted.accident_date, accepted.carrier) == (claim.accident_date, claim.carrier)
    assert use_cases.list_coverages(id_, office.desk()).items == (accepted,)
    assert change(office, claim, "op", accepted_on=date(2026, 9, 4), claim_number="W1") == accepted
    assert office.events("coverages") == [1, 2]
    row = office.database["coverages"].find_one({"_id": claim.id})
    assert row["outbox"][-1]["event"]["data"]["accepted_on"] == "2026-09-04"


def test_a_change_of_what_changed_meanwhile_or_is_not_there_is_refused(office: Any) -> None:
    claim = office.cover(office.register().id, kind="worksafebc", **INJURY)
    change(office, claim, claim_number="W1")
    with pytest.raises(StaleVersion) as stale:
        change(office, claim, claim_number="W2")
    assert stale.value.extra["current"]["claim_number"] == "W1"
    with pytest.raises(NotFound):
        change(office, claim, client_id=office.register().id, expected_version=None)


def test_an_accident_lies_in_the_past(office: Any) -> None:
    id_ = office.register().id
    claim = office.cover(id_, kind="icbc", **INJURY)
    ahead = now().date() + timedelta(days=2)
    with pytest.raises(Invalid) as added:
        office.cover(id_, kind="icbc", **{**INJURY, "accident_date": ahead})
    with pytest.raises(Invalid) as changed:
        change(office, claim, accident_date=ahead)
    for refused in (added, changed):
        assert refused.value.extra["errors"] == {"accident_date": ["lies in the future"]}


def test_a_change_may_not_take_what_the_payer_goes_by(office: Any) -> None:
    claim = office.cover(office.register().id, kind="worksafebc", **INJURY)
    with pytest.raises(Invalid) as refused:
        change(office, claim, accident_date=None)
    assert list(refused.value.extra["errors"]) == ["accident_date"]
