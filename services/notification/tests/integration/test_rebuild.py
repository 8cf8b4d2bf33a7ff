"""What notification knows of others, lost and made anew from their journals; messages stay."""

from dataclasses import replace
from typing import Any

from pymongo.database import Database

from clinic_contracts.booking.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
)
from clinic_contracts.client_profile.events import ConsentChanged
from clinic_contracts.envelope import Event
from clinic_runtime.rebuild import rebuild
from clinic_runtime.replay import hands_of
from clinic_runtime.sealing import Sealer
from clinic_runtime.telling import deliver, fingerprints, forget, producers, told
from clinic_runtime.testing import eventually, running
from notification import repository
from notification.repository.webhooks import MongoEndpoints
from notification.service import NotificationService
from notification.testing import ADA, FERNWOOD, NOW, PAID, ROBIN, WEBHOOK_KEY, later
from notification.webhooks.domain import Endpoint, Secret
from notification.webhooks.posting import new_secret

PLANNED = ("messages", "webhook_deliveries")
NOBODY = {"host": "127.0.0.1", "port": 1, "sender": "desk@example.org", "tls": "none"}


def history() -> list[Event]:
    """Return everything changed three times, and ten visits booked, moved and cancelled."""
    events = []
    for seq in (1, 2, 3):
        consent = ConsentChanged(
            client_id="cli_1", purpose="appointments", channel="email", granted=True, given_at=NOW
        )
        events += [
            told("loc_1", seq, replace(FERNWOOD, name=f"Fernwood {seq}")),
            told("prac_1", seq, replace(ROBIN, name=f"Robin {seq}")),
            told("cli_1", seq, replace(ADA, name=f"Ada {seq}")),
            told("con_1", seq, replace(consent, granted=seq == 3)),
        ]
    for number in range(10):
        id_ = f"apt_{number}"
        first, moved = (replace(later(hours), appointment_id=id_) for hours in (number, 99))
        events += [
            told(id_, 1, AppointmentBooked(visit=first)),
            told(id_, 2, AppointmentMoved(visit=moved, previous=first)),
            told(id_, 3, AppointmentCancelled(visit=moved, late=False, fee_waived=True)),
        ]
    return [*events, told("pay_1", 1, PAID)]


def test_a_rebuild_gives_the_same_bytes_and_plans_no_message_again(
    database: Database[dict[str, Any]], mongo_uri: str, amqp_uri: str
) -> None:
    base = {"amqp_uri": amqp_uri, "mongo_uri": mongo_uri, "database": database.name}
    # Nothing is due meanwhile.
    config = {**base, "webhook_key": WEBHOOK_KEY, "grace_seconds": 3_600, "smtp": NOBODY}
    events = history()
    endpoint = Endpoint(
        id="whe_1",
        url="https://127.0.0.1",  # refused, so that each delivery ends at once
        event_types=("billing.payment_received.v1",),
        location_ids=None,
        created_at=NOW,
        secrets=(Secret(value=new_secret(), operation_id="o", fingerprint=""),),
    )
    MongoEndpoints(database, Sealer(WEBHOOK_KEY)).add(endpoint)
    forget(amqp_uri, "notification")
    with running(NotificationService, config):
        deliver(amqp_uri, "notification", events)
        eventually(lambda: database["inbox"].count_documents({}) == len(events), timeout=30)
        eventually(lambda: database["webhook_deliveries"].count_documents({"state": "failed"}) == 1)
    known = fingerprints(database, repository.PROJECTIONS)
    messages = fingerprints(database, PLANNED)
    assert database["messages"].count_documents({"kind": "cancelled"}) == 10

    database["visits"].update_many({}, {"$set": {"status": "booked", "junk": 1}})
    database["clients"].delete_many({})
    with producers(database, config, events), hands_of(NotificationService, config) as hands:
        for _ in range(2):
            steps = list(rebuild(NotificationService, config, hands))
            assert steps[-1].handed_over == len(events)
            assert fingerprints(database, repository.PROJECTIONS) == known
    assert fingerprints(database, PLANNED) == messages
    assert database["parked"].count_documents({}) == 0
