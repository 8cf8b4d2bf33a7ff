"""Booking hears of clients over the broker, answers while nobody else runs, and can hear again."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking import repository
from booking.service import BookingService
from clinic_contracts.billing.events import CoverageUsed
from clinic_contracts.booking import operations as op
from clinic_contracts.client_profile.events import AlertChanged, ReferralChanged
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.money import Money
from clinic_runtime.rebuild import rebuild
from clinic_runtime.replay import hands_of
from clinic_runtime.rpc import RpcClient
from clinic_runtime.telling import deliver, fingerprints, forget, producers, told
from clinic_runtime.testing import eventually, running

Ask = Callable[[str], dict[str, Any]]


class Caller:
    name = "caller"
    rpc = RpcClient()


@pytest.fixture
def config(database: Database[dict[str, Any]], mongo_uri: str, amqp_uri: str) -> dict[str, str]:
    return {"mongo_uri": mongo_uri, "amqp_uri": amqp_uri, "database": database.name}


@pytest.fixture
def limits_of(config: dict[str, str]) -> Iterator[Ask]:
    """Yield what asks for a client's limits."""
    with running(Caller, config) as container:
        rpc = next(each for each in container.dependencies if isinstance(each, RpcClient))

        def ask(client_id: str) -> dict[str, Any]:
            caller = CallContext(actor="staff:test", correlation_id="c", operation_id="o")
            return rpc.call(op.GET_BOOKING_LIMITS, {"client_id": client_id}, caller)

        yield ask


def history() -> list[Event]:
    """Return what is said of ten clients: everything changed three times."""
    events = []
    for seq in (1, 2, 3):
        for number in range(10):
            client = f"cli_{number}"
            alert = AlertChanged(
                alert_id=f"alert_{number}",
                client_id=client,
                level="caution",
                acknowledgement_needed=seq == 3,
            )
            used = CoverageUsed(
                coverage_id=f"pol_{number}",
                client_id=client,
                year_from=date(2026, 1, 1),
                used=Money(amount_minor=9200 * seq),
                left=None,
                visits_used=seq,
            )
            events += [told(alert.alert_id, seq, alert), told(f"pol_{number}|2026", seq, used)]
    referral = ReferralChanged(
        referral_id="ref_1", client_id="cli_1", issued=date(2026, 1, 1), expires=date(2099, 1, 1)
    )
    return [*events, told("ref_1", 1, referral)]


def test_what_was_heard_is_answered_alone_and_a_rebuild_gives_the_same_bytes(
    database: Database[dict[str, Any]], config: dict[str, str], limits_of: Ask
) -> None:
    events = history()
    forget(config["amqp_uri"], "booking")
    with running(BookingService, config):  # and neither client_profile nor billing
        deliver(config["amqp_uri"], "booking", events)
        eventually(lambda: database["inbox"].count_documents({}) == len(events), timeout=30)
        known, nobody = limits_of("cli_1"), limits_of("cli_nobody")
    (alert,), (referral,) = known["alerts"]["items"], known["referrals"]["items"]
    assert (alert["acknowledgement_needed"], referral["visits_left"]) == (True, None)
    (last,) = [e for e in events if (e.subject, e.seq) == ("alert_1", 3)]
    as_of = datetime.fromisoformat(alert["as_of"])
    assert abs(as_of - last.occurred_at) < timedelta(milliseconds=1)  # as the database keeps it
    assert {part: nobody[part]["known"] for part in ("alerts", "referrals", "coverages")} == {
        "alerts": False,
        "referrals": False,
        "coverages": False,
    }
    own = {"_id": "evt_own", "type": "booking.appointment_moved.v1"}
    database["inbox"].insert_one(own)
    before = fingerprints(database, repository.PROJECTIONS)
    database["client_facts"].update_many({"kind": "alerts"}, {"$set": {"said.level": "block"}})
    with producers(database, config, events), hands_of(BookingService, config) as hands:
        steps = list(rebuild(BookingService, config, hands))
        assert steps[-1].handed_over == len(events)
    assert fingerprints(database, repository.PROJECTIONS) == before
    assert database["inbox"].find_one({"_id": "evt_own"}) == own  # what it told itself is no part
    assert database["parked"].count_documents({}) == 0
