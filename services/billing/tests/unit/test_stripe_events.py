"""Stripe's webhooks: whose they are and of when, and what they are about."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.stripe_events import CardEvent, read, signed
from clinic_contracts.errors import Invalid, Unauthenticated

SECRET = "whsec_1"
NOW = datetime(2026, 12, 1, 18, tzinfo=UTC)


def body(type_: str = "payment_intent.succeeded", **metadata: Any) -> bytes:
    about = {"metadata": metadata or {"payment_id": "pay_1", "refund_id": "rfd_1"}}
    return json.dumps({"id": "evt_1", "type": type_, "data": {"object": about}}).encode()


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_an_event_of_the_last_five_minutes_is_read(seconds: int) -> None:
    header = signed(body(), SECRET, NOW - timedelta(seconds=seconds))
    assert read(body(), header, SECRET, NOW) == CardEvent(
        "evt_1", "payment_intent.succeeded", payment_id="pay_1"
    )


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_an_event_of_another_time_is_not(seconds: int) -> None:
    header = signed(body(), SECRET, NOW - timedelta(seconds=seconds))
    with pytest.raises(Unauthenticated, match="300 seconds"):
        read(body(), header, SECRET, NOW)


GOOD = signed(body(), SECRET, NOW)
TIME, MAC = GOOD.split(",")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1=",
        TIME,
        MAC,
        f"{TIME},v1=",
        f"{TIME},v0={MAC[3:]}",
        f"{TIME},v1=é",
        f"t=-1,{MAC}",
        f"t=abc,{MAC}",
        f"{TIME},{TIME},{MAC}",
        f"t={int(NOW.timestamp()) + 1},{MAC}",
        signed(body(), "whsec_2", NOW),
        signed(body() + b" ", SECRET, NOW),
    ],
)
def test_what_is_not_signed_by_this_endpoints_secret_is_refused(header: str) -> None:
    with pytest.raises(Unauthenticated):
        read(body(), header, SECRET, NOW)


def test_one_of_several_signatures_is_enough() -> None:
    header = f"{TIME},v1={'0' * 64},{MAC},v0=abc"
    assert read(body(), header, SECRET, NOW).payment_id == "pay_1"


@pytest.mark.parametrize(
    ("type_", "payment", "refund"),
    [
        ("payment_intent.payment_failed", "pay_1", ""),
        ("payment_intent.canceled", "pay_1", ""),
        ("refund.updated", "", "rfd_1"),
        ("refund.failed", "", "rfd_1"),
        ("customer.created", "", ""),
    ],
)
def test_what_an_event_is_about_goes_by_its_type(type_: str, payment: str, refund: str) -> None:
    raw = body(type_)
    event = read(raw, signed(raw, SECRET, NOW), SECRET, NOW)
    assert (event.payment_id, event.refund_id) == (payment, refund)


@pytest.mark.parametrize(
    "raw",
    [b"", b"hello", b"[]", b"{}", b'{"id": "evt_1"}', b'{"id": 1, "type": 2, "data": {}}',
     b'{"id": "evt_1", "type": "t", "data": {"object": 5}}', b"[" * 100_000, b"\xff"],
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_told(raw: bytes) -> None:
    with pytest.raises(Invalid):
        read(raw, signed(raw, SECRET, NOW), SECRET, NOW)


def test_metadata_that_is_none_of_ours_names_nothing() -> None:
    raw = body(payment_id=5, other="x")
    assert read(raw, signed(raw, SECRET, NOW), SECRET, NOW).payment_id == ""
