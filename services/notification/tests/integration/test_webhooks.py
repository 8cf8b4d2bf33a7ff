"""Webhooks to a real HTTP server, by a clock that stands where the test puts it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database
from standardwebhooks import Webhook, WebhookVerificationError

from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.errors import (
    IdempotencyMismatch,
    IllegalTransition,
    Invalid,
    NotFound,
)
from clinic_contracts.notification import webhooks as w
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id
from clinic_runtime.sealing import Sealer
from notification import repository
from notification.repository.webhooks import LEASE, MongoDeliveries, MongoEndpoints
from notification.testing import PAID, WEBHOOK_KEY, Receiver, event
from notification.webhooks import use_cases
from notification.webhooks.posting import HttpPoster, headers, new_secret
from notification.webhooks.sending import Courier

START = now()
OWNER = CallContext(actor="staff:owner", correlation_id="c", operation_id="op_1")


@pytest.fixture(autouse=True)
def receivers_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the standard's library read the clock of these tests, however long ago they began."""

    class At(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "At":  # noqa: ARG003 (its shape)
            return cls.fromtimestamp(START.timestamp(), UTC)

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", At)


class Office:
    """The webhooks of a notification service."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        repository.ensure(database)
        self.database = database
        self.endpoints = MongoEndpoints(database, Sealer(WEBHOOK_KEY, "CLINIC_WEBHOOK_KEY"))
        self.deliveries = MongoDeliveries(database)
        self.reports: list[str] = []

    def desk(self, context: CallContext = OWNER, at: datetime = START) -> use_cases.Desk:
        return use_cases.Desk(
            endpoints=self.endpoints,
            deliveries=self.deliveries,
            context=context,
            now=at,
            private=True,
            new_secret=new_secret,
            derived_id=derived_id,
        )

    def create(self, url: str, operation_id: str = "op_1") -> w.WebhookSecretView:
        request = w.CreateWebhookEndpoint(url=url, event_types=("billing.payment_received.v1",))
        return use_cases.create_endpoint(
            request, self.desk(replace(OWNER, operation_id=operation_id))
        )

    def tell(self, *, at: datetime = START) -> Event:
        told = event(PAID, subject="pay_1", at=at)
        for _ in range(2):  # a broker delivers at least once
            use_cases.tell(told, self.desk())
        return told

    def run(self, at: datetime = START) -> int:
        return Courier(
            endpoints=self.endpoints,
            deliveries=self.deliveries,
            poster=HttpPoster(private=True, seconds=2),
            clock=lambda: at,
            jitter=lambda: 0.0,
            report=lambda id_, error: self.reports.append(f"{id_} {error!r}"),
        ).send_due()

    def log(self, endpoint_id: str) -> tuple[w.WebhookDeliveryView, ...]:
        request = w.ListWebhookDeliveries(endpoint_id=endpoint_id)
        return use_cases.list_deliveries(request, self.desk()).items

    def only(self, endpoint_id: str) -> w.WebhookDeliveryView:
        (found,) = self.log(endpoint_id)
        return found


@pytest.fixture
def office(database: Database[dict[str, Any]]) -> Iterator[Office]:
    made = Office(database)
    yield made
    assert made.reports == []


def test_a_receiver_verifies_it_by_the_standards_library(
    office: Office, receiver: Receiver
) -> None:
    made = office.create(f"{receiver.url}/hook?a=b")
    told = office.tell()
    assert office.run() == 1
    ((head, body),) = receiver.heard
    assert Webhook(made.secret).verify(body, head)["data"] == {
        "payment_id": "pay_1",
        "invoice_id": "inv_1",
        "receipt_id": "rcp_1",
    }
    assert head["webhook-id"] == told.id
    found = office.only(made.id)
    assert (found.state, found.answer, found.attempts) == ("delivered", 204, 1)
    assert found.delivered_at == START
    assert office.run(START + timedelta(days=4)) == 0
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(made.secret).verify(body.replace("pay_1", "pay_2"), head)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(new_secret()).verify(body, head)


@pytest.mark.parametrize(("age", "accepted"), [(290, True), (301, False)])
def test_a_captured_webhook_is_refused_when_it_is_old(age: int, *, accepted: bool) -> None:
    secret = new_secret()
    head = headers("evt_1", "{}", [secret], START - timedelta(seconds=age))
    if accepted:
        assert Webhook(secret).verify("{}", head) == {}
    else:
        with pytest.raises(WebhookVerificationError, match="too old"):
            Webhook(secret).verify("{}", head)


def test_what_fails_is_tried_again_under_the_same_id(office: Office, receiver: Receiver) -> None:
    made = office.create(receiver.url)
    office.tell()
    receiver.status = 500
    assert office.run() == 1
    found = office.only(made.id)
    assert (found.state, found.answer) == ("scheduled", 500)
    assert found.reason == "the endpoint answered 500"
    assert office.run(START + timedelta(seconds=4)) == 0
    receiver.status = 200
    assert office.run(START + timedelta(seconds=5)) == 1
    assert office.only(made.id).state == "delivered"
    (first, body), (second, same) = receiver.heard
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 5
    assert body == same


def test_after_the_tenth_try_it_failed_and_can_be_asked_for_again(
    office: Office, receiver: Receiver
) -> None:
    made = office.create(receiver.url)
    office.tell()
    receiver.status = 503
    at = START
    while (found := office.only(made.id)).due_at is not None:
        at = found.due_at
        assert office.run(at) == 1
    assert len(receiver.heard) == 10
    assert (found.state, found.attempts) == ("failed", 10)
    assert timedelta(hours=75) < at - START < timedelta(hours=77)
    receiver.status = 200
    asked = w.RedeliverWebhook(endpoint_id=made.id, delivery_id=found.id)
    assert use_cases.redeliver(asked, office.desk(at=at)).state == "scheduled"
    assert office.run(at) == 1
    assert office.only(made.id).state == "delivered"
    assert len({head["webhook-id"] for head, _ in receiver.heard}) == 1


def test_a_sender_that_died_is_followed_by_another_under_the_same_id(
    office: Office, receiver: Receiver
) -> None:
    made = office.create(receiver.url)
    told = office.tell()
    taken = office.deliveries.take(START, ())
    assert taken is not None, "and the process ends here, before or after it has posted"
    asked = w.RedeliverWebhook(endpoint_id=made.id, delivery_id=taken.id)
    with pytest.raises(IllegalTransition):
        use_cases.redeliver(asked, office.desk())
    assert office.run(START + LEASE - timedelta(seconds=1)) == 0
    assert office.run(START + LEASE) == 1
    ((head, _),) = receiver.heard
    assert head["webhook-id"] == told.id
    office.deliveries.ended(taken, "failed", "too late", None, START)
    assert office.only(made.id).state == "delivered", "the first has it no more"


def test_who_is_gone_is_told_no_more(office: Office, receiver: Receiver) -> None:
    made = office.create(receiver.url)
    for _ in range(2):
        office.tell()
    receiver.status = 410
    assert office.run() == 2
    assert len(receiver.heard) == 1
    assert sorted(each.state for each in office.log(made.id)) == ["failed", "skipped"]
    (seen,) = use_cases.list_endpoints(office.desk()).items
    assert seen.status == "disabled"
    office.tell()
    assert len(office.log(made.id)) == 2, "nothing more is planned"


def test_a_redirection_is_not_followed(office: Office, receiver: Receiver) -> None:
    made = office.create(receiver.url)
    office.tell()
    receiver.status, receiver.location = 302, f"{receiver.url}/elsewhere"
    office.run()
    assert len(receiver.heard) == 1
    assert "redirections are not followed" in office.only(made.id).reason


def test_an_endpoint_that_fails_does_not_hold_up_another(
    office: Office, receiver: Receiver
) -> None:
    silent = office.create("http://127.0.0.1:1", "op_0")
    well = office.create(receiver.url)
    for _ in range(3):
        office.tell()
    assert office.run() == 4, "the silent one is tried once in a round"
    assert [each.state for each in office.log(well.id)] == ["delivered"] * 3
    waits = [each for each in office.log(silent.id) if each.attempts == 1]
    assert [each.reason for each in waits] == [
        "the endpoint did not answer: ConnectionRefusedError"
    ]


def test_a_repeated_request_has_the_same_answer_and_secrets_are_sealed(
    office: Office, receiver: Receiver
) -> None:
    made = office.create(receiver.url)
    assert office.create(receiver.url) == made
    (stored,) = office.database["webhook_endpoints"].find()
    assert made.secret not in str(stored)
    other = replace(OWNER, fingerprint="another request")
    request = w.RotateWebhookSecret(endpoint_id=made.id)
    with pytest.raises(IdempotencyMismatch):
        use_cases.rotate_secret(request, office.desk(other))


def test_while_secrets_are_rotated_both_verify(office: Office, receiver: Receiver) -> None:
    before = office.create(receiver.url)
    context = replace(OWNER, operation_id="op_2")
    request = w.RotateWebhookSecret(endpoint_id=before.id)
    after = use_cases.rotate_secret(request, office.desk(context))
    assert use_cases.rotate_secret(request, office.desk(context)) == after
    office.tell()
    office.run()
    ((head, body),) = receiver.heard
    for secret in (before.secret, after.secret):
        Webhook(secret).verify(body, head)
    assert before.secret != after.secret


def test_what_is_deleted_is_told_nothing(office: Office, receiver: Receiver) -> None:
    made = office.create(receiver.url)
    office.tell()
    use_cases.delete_endpoint(w.DeleteWebhookEndpoint(endpoint_id=made.id), office.desk())
    assert office.run() == 1
    assert receiver.heard == []
    with pytest.raises(NotFound):
        office.log(made.id)


def test_an_old_event_is_not_told(office: Office, receiver: Receiver) -> None:
    made = office.create(receiver.url)
    told = event(PAID, subject="pay_1", at=START)
    use_cases.tell(told, office.desk(at=START + timedelta(days=14, seconds=1)))
    assert office.log(made.id) == ()


def test_another_locations_endpoint_is_not_seen(office: Office, receiver: Receiver) -> None:
    made = office.create(receiver.url)
    elsewhere = replace(OWNER, location_scope=("loc_2",))
    assert use_cases.list_endpoints(office.desk(elsewhere)).items == ()
    with pytest.raises(NotFound):
        use_cases.delete_endpoint(
            w.DeleteWebhookEndpoint(endpoint_id=made.id), office.desk(elsewhere)
        )


def test_there_are_at_most_twenty(office: Office) -> None:
    for number in range(20):
        office.create("http://127.0.0.1:1", f"op_{number}")
    with pytest.raises(Invalid, match="20 webhook endpoints"):
        office.create("http://127.0.0.1:1", "op_20")


def test_deliveries_are_listed_in_pages(office: Office, receiver: Receiver) -> None:
    made = office.create(receiver.url)
    told = {office.tell().id for _ in range(5)}
    listed: list[str] = []
    cursor = None
    for _page in range(3):
        request = w.ListWebhookDeliveries(endpoint_id=made.id, limit=2, cursor=cursor)
        page = use_cases.list_deliveries(request, office.desk())
        listed += [each.webhook_id for each in page.items]
        cursor = page.next
    assert cursor is None
    assert len(listed) == 5
    assert set(listed) == told
