"""Payers' limits count across locations and professions, each visit once, told twice or not."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from billing import together
from clinic_contracts.booking.events import LocationChanged, TreatmentChanged, Visit
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.money import Money

CRASH = date(2026, 9, 1)
ICBC = {"kind": "icbc", "carrier": "ICBC", "claim_number": "C1", "accident_date": CRASH}
MSP = {"kind": "msp_supplementary", "carrier": "MSP", "beneficiary_since": date(2020, 1, 1)}
INJURY = "pol_2|2026-09-01|icbc-massage-therapy"


@pytest.fixture
def clinic(office: Any) -> Any:
    """Two locations with two professions; the client has no coverage."""
    office.know("loc_2", LocationChanged(
        location_id="loc_2", name="Oaklands", timezone="America/Vancouver",
        address="2 Main", tax_region="CA-BC"))  # fmt: skip
    office.know("trt_2", TreatmentChanged(
        treatment_id="trt_2", name="Physiotherapy", discipline="physiotherapy",
        duration=60, price=Money(amount_minor=9000)))  # fmt: skip
    office.database["coverages"].delete_many({})
    return office


def cover(office: Any, facts: dict[str, Any], seq: int = 1) -> None:
    coverage = CoverageChanged(
        coverage_id="pol_2", client_id="cli_1", group_number="", member_id="",
        percent=100, order=1, benefit_year_start="01-01", **facts,
    )  # fmt: skip
    office.know("pol_2", coverage, seq=seq)


def cad(minor: int) -> Money:
    return Money(amount_minor=minor)


def visit(office: Any, number: int, day: date, **more: Any) -> Visit:
    start = datetime(day.year, day.month, day.day, 10)
    location = f"loc_{number % 2 + 1}"
    given: Visit = replace(office.visit(number, location), local_start=start, **more)
    return given


def parts(office: Any, visit: Visit) -> list[tuple[str, int, str | None]]:
    """Invoice a visit and return who pays what of it, with why not."""
    office.fulfil(visit)
    found = office.database["invoices"].find_one({"state.appointment_id": visit.appointment_id})
    return [(p["payer"], p["amount"]["amount_minor"], p["code"]) for p in found["state"]["split"]]


def events(office: Any, key: str) -> list[dict[str, Any]]:
    row = office.database["benefit_years"].find_one({"_id": key}) or {}
    return [entry["event"]["data"] for entry in row.get("outbox", ())]


def test_the_12th_visit_after_a_crash_is_paid_and_the_13th_is_not_at_any_location(
    clinic: Any,
) -> None:
    cover(clinic, ICBC)
    divided = [
        parts(clinic, visit(clinic, number, CRASH + timedelta(days=number)))
        for number in range(1, 14)
    ]
    assert divided[0] == [("ICBC", 12075, None), ("client", 0, None)]
    assert divided[1] == [("ICBC", 11025, None), ("client", 1050, None)]
    assert divided[11] == divided[1]
    assert divided[12] == [("ICBC", 0, "AUTH_LIMIT"), ("client", 12075, None)]
    told = events(clinic, INJURY)
    assert [event["visits_left"] for event in told] == list(range(11, -1, -1))
    assert told[-1] | {"used": 0} == {
        "coverage_id": "pol_2",
        "client_id": "cli_1",
        "year_from": "2026-09-01",
        "used": 0,
        "left": None,
        "visits_used": 12,
        "visits_left": 0,
        "limit_code": "AUTH_LIMIT",
        "period_to": "2026-11-24",
        "window_code": "AUTH_WINDOW",
        "one_a_day": True,
        "disciplines": ["massage_therapy"],
        "rule": "icbc-massage-therapy",
    }


def test_icbc_pays_gst_for_registrants_alone(clinic: Any) -> None:
    cover(clinic, ICBC)
    clinic.therapist_changes(gst_registered=False)
    first, second = (
        parts(clinic, visit(clinic, number, CRASH + timedelta(days=number), price=cad(13000)))
        for number in (1, 2)
    )
    assert first == [("ICBC", 12800, None), ("client", 200, None)]
    assert second == [("ICBC", 10500, None), ("client", 2500, None)]


def test_day_84_after_a_crash_is_paid_and_day_85_is_not(clinic: Any) -> None:
    cover(clinic, ICBC)
    last, after = CRASH + timedelta(days=84), CRASH + timedelta(days=85)
    assert parts(clinic, visit(clinic, 1, last))[0] == ("ICBC", 12075, None)
    assert parts(clinic, visit(clinic, 2, after))[0] == ("ICBC", 0, "AUTH_WINDOW")


def test_a_second_visit_on_a_day_is_not_paid_at_another_location_either(clinic: Any) -> None:
    cover(clinic, ICBC)
    day = CRASH + timedelta(days=3)
    assert parts(clinic, visit(clinic, 1, day))[0] == ("ICBC", 12075, None)
    assert parts(clinic, visit(clinic, 2, day))[0] == ("ICBC", 0, "SAME_DAY")
    assert parts(clinic, visit(clinic, 3, day + timedelta(days=1)))[0] == ("ICBC", 11025, None)


def test_visits_invoiced_together_are_counted_one_after_the_other(clinic: Any) -> None:
    cover(clinic, ICBC)
    day = CRASH + timedelta(days=3)
    for wait in [clinic.hand_in(visit(clinic, number, day)) for number in range(4)]:
        wait()
    paid = clinic.database["claims"].count_documents({})
    assert (paid, events(clinic, INJURY)[-1]["visits_used"]) == (1, 1)


def test_the_10th_msp_visit_is_paid_and_the_11th_is_not_over_two_professions_and_locations(
    clinic: Any,
) -> None:
    cover(clinic, MSP)
    divided = [
        parts(
            clinic,
            visit(
                clinic, number, date(2026, 1, 5) + timedelta(days=number),
                treatment_id=f"trt_{number % 3 % 2 + 1}",
            ),
        )[0]
        for number in range(11)
    ]  # fmt: skip
    assert divided == [("MSP", 2300, None)] * 10 + [("MSP", 0, "BENEFIT_LIMIT")]
    treatments = {
        row["state"]["lines"][0]["treatment_id"] for row in clinic.database["invoices"].find()
    }
    assert treatments == {"trt_1", "trt_2"}
    assert parts(clinic, visit(clinic, 12, date(2027, 1, 2)))[0] == ("MSP", 2300, None)


def test_msp_pays_nothing_to_a_practitioner_who_has_opted_out(clinic: Any) -> None:
    cover(clinic, MSP)
    clinic.therapist_changes(msp_opted_out=True)
    assert parts(clinic, visit(clinic, 1, date(2026, 1, 5)))[0] == ("MSP", 0, "OPTED_OUT")
    assert events(clinic, "pol_2|2026-01-01") == []


def test_a_visit_told_of_twice_is_counted_once(clinic: Any) -> None:
    cover(clinic, ICBC)
    one = visit(clinic, 1, CRASH + timedelta(days=3))
    replicas = [clinic.visits, together.visits(clinic.desk_of)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: clinic.fulfil(one, replicas[at % 2]), range(16)))
    assert [event["visits_used"] for event in events(clinic, INJURY)] == [1]
    assert parts(clinic, one)[0] == ("ICBC", 12075, None)


def test_what_the_payers_pay_with_tax_is_in_balance_with_the_claims(clinic: Any) -> None:
    cover(clinic, ICBC)
    clinic.fulfil(visit(clinic, 1, CRASH + timedelta(days=3)))
    claim = clinic.database["claims"].find_one()
    assert claim["state"]["amount"] == {"amount_minor": 12075, "currency": "CAD"}
    assert clinic.findings()["ledger_imbalance_minor"] == 0
