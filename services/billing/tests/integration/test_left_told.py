"""What is left of a coverage is told when it is made or changed, before any visit uses it."""

import base64
from datetime import date, timedelta
from typing import Any

from billing.service import BillingService
from billing.use_cases.coverages import tell_left
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_runtime.clock import now
from clinic_runtime.telling import deliver, forget
from clinic_runtime.telling import told as told_of
from clinic_runtime.testing import eventually, running

THIS_YEAR = f"pol_9|{now().year}-01-01"


def msp(**more: Any) -> CoverageChanged:
    given: dict[str, Any] = {"beneficiary_since": date(2020, 1, 1), **more}
    return CoverageChanged(
        coverage_id="pol_9", client_id="cli_1", kind="msp_supplementary", carrier="MSP",
        group_number="", member_id="", percent=100, order=1, benefit_year_start="01-01", **given,
    )  # fmt: skip


def told(office: Any, key: str = THIS_YEAR) -> list[dict[str, Any]]:
    row = office.database["benefit_years"].find_one({"_id": key}) or {}
    return [entry["event"]["data"] for entry in row.get("outbox", ())]


def test_a_new_coverage_has_all_its_visits_left(office: Any) -> None:
    tell_left(msp(), 1, office.desk())
    (event,) = told(office)
    assert (event["visits_used"], event["visits_left"]) == (0, 10)
    assert event["period_to"] == f"{now().year}-12-31"


def test_visits_elsewhere_are_told_when_they_become_known(office: Any) -> None:
    tell_left(msp(), 1, office.desk())
    tell_left(msp(visits_elsewhere=4, elsewhere_as_of=now().date()), 2, office.desk())
    assert [event["visits_left"] for event in told(office)] == [10, 6]


def test_a_change_heard_again_or_late_is_not_told(office: Any) -> None:
    later = msp(visits_elsewhere=4, elsewhere_as_of=now().date())
    tell_left(later, 2, office.desk())
    tell_left(later, 2, office.desk())
    tell_left(msp(), 1, office.desk())
    assert [event["visits_left"] for event in told(office)] == [6]


def test_an_injury_is_told_of_with_the_end_of_its_window(office: Any) -> None:
    crash = now().date()
    icbc = CoverageChanged(
        coverage_id="pol_9", client_id="cli_1", kind="icbc", carrier="ICBC", group_number="",
        member_id="", percent=100, order=1, benefit_year_start="01-01", accident_date=crash,
    )  # fmt: skip
    tell_left(icbc, 1, office.desk())
    (event,) = told(office, f"pol_9|{crash}|icbc-massage-therapy")
    assert (event["visits_left"], event["one_a_day"]) == (12, True)
    assert (date.fromisoformat(event["period_to"]) - crash).days == 84


def test_what_a_payer_approves_besides_is_told(office: Any) -> None:
    crash = now().date()
    icbc = CoverageChanged(
        coverage_id="pol_9", client_id="cli_1", kind="icbc", carrier="ICBC", group_number="",
        member_id="", percent=100, order=1, benefit_year_start="01-01", accident_date=crash,
        approved_visits=18, approved_until=crash + timedelta(days=120),
    )  # fmt: skip
    tell_left(icbc, 1, office.desk())
    (event,) = told(office, f"pol_9|{crash}|icbc-massage-therapy")
    assert (event["visits_left"], event["period_to"]) == (18, str(crash + timedelta(days=120)))


def test_a_policy_without_limits_has_nothing_to_tell(office: Any) -> None:
    plain = CoverageChanged(
        coverage_id="pol_9", client_id="cli_1", kind="extended_health", carrier="C",
        group_number="", member_id="1", percent=80, order=1, benefit_year_start="01-01",
    )  # fmt: skip
    tell_left(plain, 1, office.desk())
    assert office.database["benefit_years"].count_documents({}) == 0


def test_an_event_delivered_twice_is_told_once(mongo_uri: str, amqp_uri: str, office: Any) -> None:
    database = office.database
    config = {
        "amqp_uri": amqp_uri,
        "mongo_uri": mongo_uri,
        "database": database.name,
        "file_key": base64.b64encode(b"k" * 32).decode(),
    }
    forget(amqp_uri, "billing")
    event = told_of("pol_9", 1, msp())
    last = told_of("pol_9", 2, msp(visits_elsewhere=1, elsewhere_as_of=now().date()))
    with running(BillingService, config):
        deliver(amqp_uri, "billing", [event, event, last, last])
        eventually(lambda: year(office).get("coverage_seq") == 2, timeout=30)
        eventually(lambda: database["inbox"].count_documents({}) == 2, timeout=30)
    assert year(office)["version"] in {1, 2}, "one telling for each change, or the later one alone"


def year(office: Any) -> dict[str, Any]:
    return office.database["benefit_years"].find_one({"_id": THIS_YEAR}) or {}
