"""Stripe's events at the public door: old or tampered 401, the same again 200 and nothing done."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from billing.stripe_events import signed
from clinic_runtime.ids import ulid


def event(type_: str = "payment_intent.succeeded") -> bytes:
    about = {"object": "payment_intent", "metadata": {"payment_id": "pay_unknown"}}
    document = {"id": f"evt_{ulid()}", "type": type_, "data": {"object": about}}
    return json.dumps(document).encode()


@pytest.fixture
def send(house: Any) -> Callable[..., requests.Response]:
    """Return what sends an event as Stripe does, signed by its secret so many seconds ago."""

    def sent(body: bytes, *, ago: int = 0, of: bytes | None = None) -> requests.Response:
        at = datetime.now(UTC) - timedelta(seconds=ago)
        secret = house.environment["CLINIC_STRIPE_WEBHOOK_SECRET"]
        headers = {
            "Content-Type": "application/json",
            "Stripe-Signature": signed(body if of is None else of, secret, at),
        }
        url = f"{house.address}/v1/webhooks/stripe"
        return requests.post(url, data=body, headers=headers, timeout=20)

    return sent


def test_an_event_is_taken_once_and_only_from_stripe(
    send: Callable[..., requests.Response], house: Any
) -> None:
    body = event()
    assert send(body, ago=301).status_code == 401
    tampered = send(body.replace(b"pay_unknown", b"pay_another"), of=body)
    assert (tampered.status_code, tampered.json()["code"]) == (401, "unauthenticated")
    unsigned = requests.post(f"{house.address}/v1/webhooks/stripe", data=body, timeout=20)
    assert unsigned.status_code == 401

    first, again = send(body), send(body)
    assert (first.status_code, first.json()["state"]) == (200, "ignored")
    assert (again.status_code, again.json()) == (200, {**first.json(), "state": "repeated"})
    unknown = send(event("customer.created"))
    assert (unknown.status_code, unknown.json()["state"]) == (200, "ignored")
    assert send(b"{}").status_code == 422
