"""What the card's processor tells by itself: what a process left goes on at once, and once."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from billing.service import BillingService
from billing.stripe_events import signed
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.card_events import CardEventTaken, TakeCardEvent
from clinic_contracts.errors import NotFound, ServiceUnavailable, Unauthenticated
from clinic_runtime.clock import now

SECRET = "whsec_1"


class GoneError(Exception):
    """The process ended."""


def event(id_: str, type_: str, **metadata: str) -> bytes:
    document = {"id": id_, "type": type_, "data": {"object": {"metadata": metadata}}}
    return json.dumps(document).encode()


def service_of(office: Any, secret: str = SECRET) -> BillingService:
    service: BillingService = office.service()
    service.stripe_webhook_secret = secret  # type: ignore[assignment]  # nameko injects a text
    service.cards = office.cards
    return service


def tell(office: Any, body: bytes, *, ago: int = 0, of: bytes | None = None) -> CardEventTaken:
    header = signed(body if of is None else of, SECRET, now() - timedelta(seconds=ago))
    asked = TakeCardEvent(content_base64=base64.b64encode(body).decode(), signature=header)
    taken: CardEventTaken = service_of(office).take_card_event(asked, office.desk().context)
    return taken


def left(office: Any) -> r.PaymentView:
    """Return a card payment whose process ended before it heard of the charge."""
    office.cards.after = GoneError()
    with pytest.raises(GoneError):
        office.pay_by_card(office.invoice())
    office.cards.after = None
    (payment,) = office.payments()
    assert payment.status == "processing"
    return payment  # type: ignore[no-any-return]  # an office is a test's


def everything(office: Any) -> dict[str, list[Any]]:
    names = sorted(office.database.list_collection_names())
    return {name: list(office.database[name].find().sort("_id")) for name in names}


def test_a_charge_that_is_told_of_is_recorded_once(office: Any) -> None:
    payment = left(office)
    body = event("evt_1", "payment_intent.succeeded", payment_id=payment.id)
    assert tell(office, body).state == "taken"
    (succeeded,) = office.payments()
    assert (succeeded.status, succeeded.reference) == ("succeeded", f"ch_{payment.id}")
    assert len(office.cards.charged) == 1
    after = everything(office)
    assert tell(office, body).state == "repeated"
    assert everything(office) == after
    other = event("evt_2", "payment_intent.succeeded", payment_id=payment.id)
    assert tell(office, other).state == "ignored"
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_a_refund_that_is_told_of_is_recorded(office: Any) -> None:
    payment = office.pay_by_card(office.invoice())
    office.cards.after = GoneError()
    with pytest.raises(GoneError):
        office.refund(payment)
    office.cards.after = None
    (row,) = office.database["refunds"].find()
    body = event("evt_1", "refund.updated", refund_id=row["_id"])
    assert tell(office, body).state == "taken"
    (row,) = office.database["refunds"].find()
    assert row["state"]["status"] == "succeeded"
    assert tell(office, body).state == "repeated"
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_a_charge_that_failed_gives_its_amount_free(office: Any) -> None:
    office.cards.before = GoneError()
    with pytest.raises(GoneError):
        office.pay_by_card(office.invoice(), card_token="tok_declined")
    office.cards.before = None
    (payment,) = office.payments()
    body = event("evt_1", "payment_intent.payment_failed", payment_id=payment.id)
    assert tell(office, body).state == "taken"
    assert [each.status for each in office.payments()] == ["canceled"]
    assert office.pay(office.reread(payment.invoice_id)).status == "succeeded"


def test_what_is_told_without_an_answer_is_taken_when_it_comes_again(office: Any) -> None:
    payment = left(office)
    body = event("evt_1", "payment_intent.succeeded", payment_id=payment.id)
    office.cards.before = ServiceUnavailable("no answer", retry_after=1)
    with pytest.raises(ServiceUnavailable):
        tell(office, body)
    office.cards.before = None
    assert tell(office, body).state == "taken"
    assert [each.status for each in office.payments()] == ["succeeded"]


def test_an_event_that_is_old_or_tampered_with_changes_nothing(office: Any) -> None:
    payment = left(office)
    body = event("evt_1", "payment_intent.succeeded", payment_id=payment.id)
    before = everything(office)
    with pytest.raises(Unauthenticated):
        tell(office, body, ago=301)
    with pytest.raises(Unauthenticated):
        tell(office, body, of=body.replace(b"succeeded", b"canceled"))
    assert everything(office) == before


def test_without_a_secret_there_is_no_such_door(office: Any) -> None:
    asked = TakeCardEvent(content_base64="e30=", signature="t=1,v1=0")
    with pytest.raises(NotFound, match="CLINIC_STRIPE_WEBHOOK_SECRET"):
        service_of(office, "").take_card_event(asked, office.desk().context)
