"""Alerts and referrals: what is told of them, what is kept sealed, and their limits."""

from datetime import date
from typing import Any

import eventlet
import pytest
import structlog

from client_profile.use_cases import alerts, referrals
from clinic_contracts.client_profile import alerts as a
from clinic_contracts.client_profile import referrals as f
from clinic_contracts.client_profile.requests import ListOfClient
from clinic_contracts.errors import Invalid, NotFound, ServiceUnavailable, StaleVersion
from clinic_contracts.money import Money

KIND, REFERRER = "deep vein thrombosis", "Dr. Oncologist"


def raise_alert(
    office: Any, client_id: str, operation_id: str | None = None, **more: Any
) -> a.AlertView:
    given: dict[str, Any] = {"level": "block", "kind": KIND, **more}
    request = a.RaiseAlert(client_id=client_id, **given)
    return alerts.raise_alert(request, office.desk(operation_id))


def add_referral(
    office: Any, client_id: str, operation_id: str | None = None, **more: Any
) -> f.ReferralView:
    given: dict[str, Any] = {
        "referrer": REFERRER,
        "issued": date(2026, 11, 1),
        "expires": date(2027, 4, 30),
        **more,
    }
    request = f.AddReferral(client_id=client_id, **given)
    return referrals.add_referral(request, office.desk(operation_id))


def listed(office: Any, client_id: str) -> tuple[a.AlertView, ...]:
    return alerts.list_alerts(ListOfClient(client_id=client_id), office.desk()).items


def told(office: Any, collection: str) -> list[dict[str, Any]]:
    """Return what the events that wait to be sent tell, in order."""
    rows = office.database[collection].find().sort("at", 1)
    return [entry["event"]["data"] for row in rows for entry in row["outbox"]]


def change(office: Any, alert: a.AlertView, operation_id: str | None = None, **more: Any) -> Any:
    request = a.ChangeAlert(client_id=alert.client_id, alert_id=alert.id, **more)
    return alerts.change_alert(request, office.desk(operation_id))


def lift(office: Any, alert: a.AlertView, **more: Any) -> a.AlertView:
    request = a.LiftAlert(client_id=alert.client_id, alert_id=alert.id, **more)
    return alerts.lift_alert(request, office.desk())


def test_an_alert_is_told_by_its_level_changed_and_lifted(office: Any) -> None:
    id_ = office.register().id
    alert = raise_alert(office, id_, until=date(2027, 1, 1))
    changed = change(office, alert, expected_version=1, level="caution", until=None)
    assert (changed.version, changed.kind, changed.until) == (2, KIND, None)
    lifted = lift(office, changed, expected_version=2)
    assert (lifted.version, lifted.lifted) == (3, True)
    assert lift(office, lifted) == lifted
    assert listed(office, id_) == (lifted,)
    base = {"alert_id": alert.id, "client_id": id_, "acknowledgement_needed": True, "from": None}
    assert told(office, "alerts") == [
        {**base, "level": "block", "until": "2027-01-01", "lifted": False},
        {**base, "level": "caution", "until": None, "lifted": False},
        {**base, "level": "caution", "until": None, "lifted": True},
    ]
    assert office.events("alerts") == [1, 2, 3]


def test_what_tells_of_health_is_kept_sealed_and_told_to_nobody(office: Any) -> None:
    id_ = office.register().id
    alert, referral = raise_alert(office, id_), add_referral(office, id_)
    assert (alert.kind, referral.referrer) == (KIND, REFERRER)
    assert listed(office, id_)[0].kind == KIND
    stored = str([list(office.database[name].find()) for name in ("alerts", "referrals")])
    for text in (KIND, REFERRER):
        assert text not in stored


def test_words_whose_key_is_missing_are_said_in_the_log_by_their_id(office: Any) -> None:
    alert = raise_alert(office, office.register().id)
    office.lose_the_old_key()
    with structlog.testing.capture_logs() as log, pytest.raises(ServiceUnavailable):
        listed(office, alert.client_id)
    assert [(line["event"], line["field"], line["record_id"]) for line in log] == [
        ("sealed_field.unopened", "kind", alert.id)
    ]


def test_a_change_minds_the_version_and_whose_alert_it_is(office: Any) -> None:
    alert = raise_alert(office, office.register().id)
    with pytest.raises(StaleVersion) as refused:
        change(office, alert, expected_version=7, level="caution")
    assert refused.value.extra["current"]["version"] == 1
    other = a.LiftAlert(client_id=office.register().id, alert_id=alert.id)
    with pytest.raises(NotFound):
        alerts.lift_alert(other, office.desk())
    one = a.GetAlert(client_id=alert.client_id, alert_id=alert.id)
    assert alerts.get_alert(one, office.desk()) == alert


def test_what_is_delivered_twice_at_once_is_done_once(office: Any) -> None:
    id_ = office.register().id
    pool = eventlet.GreenPool()
    raised = list(pool.imap(lambda _: raise_alert(office, id_, "same"), range(4)))
    assert raised == raised[:1] * 4
    changed = list(pool.imap(lambda _: change(office, raised[0], "op", level="caution"), range(4)))
    assert {each.version for each in changed} == {2}
    added = list(pool.imap(lambda _: add_referral(office, id_, "ref"), range(4)))
    assert added == added[:1] * 4
    assert (office.events("alerts"), office.events("referrals")) == ([1, 2], [1])


def test_a_referral_is_told_by_its_limits_and_the_latest_is_listed_first(office: Any) -> None:
    id_ = office.register().id
    old = add_referral(office, id_, issued=date(2026, 1, 1))
    amount = Money(amount_minor=100000)
    new = add_referral(office, id_, maximum_visits=10, maximum_amount=amount, no_shows_count=True)
    request = ListOfClient(client_id=id_)
    assert referrals.list_referrals(request, office.desk()).items == (new, old)
    assert told(office, "referrals")[1] == {
        "referral_id": new.id,
        "client_id": id_,
        "issued": "2026-11-01",
        "expires": "2027-04-30",
        "maximum_visits": 10,
        "maximum_amount": {"amount_minor": 100000, "currency": "CAD"},
        "disciplines": [],
        "no_shows_count": True,
    }


@pytest.mark.parametrize(
    ("add", "wrong", "field"),
    [
        (raise_alert, {"from_": date(2027, 1, 2), "until": date(2027, 1, 1)}, "until"),
        (add_referral, {"expires": date(2026, 10, 31)}, "expires"),
        (
            add_referral,
            {"maximum_amount": Money(amount_minor=1, currency="USD")},
            "maximum_amount",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(
    office: Any, add: Any, wrong: dict[str, Any], field: str
) -> None:
    id_ = office.register().id
    with pytest.raises(Invalid) as refused:
        add(office, id_, **wrong)
    assert list(refused.value.extra["errors"]) == [field]
    with pytest.raises(NotFound):
        add(office, "cli_nobody")


@pytest.mark.parametrize("add", [raise_alert, add_referral])
def test_a_client_has_at_most_a_hundred_of_each(office: Any, add: Any) -> None:
    id_ = office.register().id
    made = [add(office, id_, f"add {number}") for number in range(100)]
    with pytest.raises(Invalid) as refused:
        add(office, id_)
    assert list(refused.value.extra["errors"]) == ["client_id"]
    assert add(office, id_, "add 7") == made[7]
