"""What a webhook tells, when it is tried again, and where it may go."""

import json
from datetime import timedelta
from typing import Any, get_args

import pytest

from clinic_contracts.billing.events import ClaimChanged, InvoiceIssued
from clinic_contracts.envelope import type_of
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money
from clinic_contracts.notification.webhooks import WebhookEvent
from notification.testing import NOW, event
from notification.webhooks.addresses import check_url, is_public
from notification.webhooks.domain import (
    TOLD,
    Endpoint,
    Secret,
    body_of,
    failure,
    next_try,
    outcome,
)

MONEY = Money(amount_minor=100)
INVOICE = InvoiceIssued(
    invoice_id="inv_1",
    appointment_id="apt_1",
    client_id="cli_1",
    total=MONEY,
    client_portion=MONEY,
    payer_portion=MONEY,
)
CLAIM = ClaimChanged(
    claim_id="clm_1",
    invoice_id="inv_1",
    client_id="cli_1",
    previous="accepted",
    state="denied",
    cause="denied",
    paid=MONEY,
    outstanding=MONEY,
)
FIRST = Secret(value="whsec_1", operation_id="o1", fingerprint="")
SECOND = Secret(value="whsec_2", operation_id="o2", fingerprint="")


def endpoint(**fields: Any) -> Endpoint:
    return Endpoint(
        **{
            "id": "whe_1",
            "url": "https://example.org",
            "event_types": (type_of(InvoiceIssued),),
            "location_ids": None,
            "created_at": NOW,
            "secrets": (FIRST,),
            **fields,
        }
    )


def test_an_event_is_told_in_ids_alone() -> None:
    told = json.loads(body_of(event(CLAIM, subject="clm_1")))
    assert told == {
        "type": "billing.claim_changed.v1",
        "timestamp": "2026-11-24T18:00:00.000+00:00",
        "data": {"claim_id": "clm_1", "invoice_id": "inv_1"},
    }


def test_what_may_be_asked_for_is_what_is_told() -> None:
    assert set(get_args(WebhookEvent)) == {type_of(cls) for cls in TOLD}


def test_tries_are_spread_over_three_days() -> None:
    pauses = []
    for attempts in range(1, 10):
        until = next_try(attempts, NOW, 0)
        assert until is not None
        pauses.append((until - NOW) / timedelta(seconds=1))
    hour = 3600
    expected = [5, 300, 1800, *(hours * hour for hours in (2, 5, 10, 14, 20, 24))]
    assert pauses == expected
    assert next_try(10, NOW, 0) is None
    assert next_try(2, NOW, 1) == NOW + timedelta(seconds=330), "a tenth longer at most"


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (200, "delivered"),
        (204, "delivered"),
        (302, "failed"),
        (404, "failed"),
        (410, "gone"),
        (500, "failed"),
    ],
)
def test_a_status_means(status: int, means: str) -> None:
    assert outcome(status) == means


def test_a_redirection_is_said_to_be_one() -> None:
    assert "redirections are not followed" in failure(302)
    assert failure(500) == "the endpoint answered 500"


@pytest.mark.parametrize(
    ("fields", "heard"),
    [
        ({}, True),
        ({"event_types": ("billing.claim_changed.v1",)}, False),
        ({"status": "disabled"}, False),
        ({"created_at": NOW + timedelta(milliseconds=1)}, False),
        ({"location_ids": ("loc_1",)}, False),
        ({"location_ids": ("",)}, True),
    ],
)
def test_an_endpoint_hears(fields: dict[str, Any], *, heard: bool) -> None:
    assert endpoint(**fields).hears(event(INVOICE, subject="inv_1")) is heard


def test_two_secrets_sign_for_a_day_after_a_rotation() -> None:
    rotated = endpoint().rotated(SECOND, NOW)
    day = timedelta(hours=24)
    assert rotated.signing(NOW) == ("whsec_2", "whsec_1")
    assert rotated.signing(NOW + day) == ("whsec_2",)
    again = rotated.rotated(Secret(value="whsec_3", operation_id="o3", fingerprint=""), NOW)
    assert again.signing(NOW) == ("whsec_3", "whsec_2"), "never more than two"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "ftp://example.org",
        "https://",
        "https://user:secret@example.org",
        "https://example.org/#part",
        "https://example.org:99999",
        "https://[::1",
        "https://localhost",
        "https://desk.localhost.",
        "https://127.0.0.1",
        "https://10.0.0.8/hook",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:192.168.0.1]/",
    ],
)
def test_an_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(url, private=False)
    assert list(refused.value.extra["errors"]) == ["url"]


@pytest.mark.parametrize(
    "url", ["https://example.org", "https://example.org:8443/a?b=c", "https://8.8.8.8/"]
)
def test_an_address_is_taken(url: str) -> None:
    assert check_url(url, private=False).hostname


def test_private_addresses_are_for_trying_it_out() -> None:
    assert check_url("http://127.0.0.1:9000/hook", private=True).port == 9000
    with pytest.raises(Invalid):
        check_url("file:///etc/passwd", private=True)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("0.0.0.0", False),  # noqa: S104 (refused, not listened on)
        ("100.64.0.1", False),
        ("172.16.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("ff02::1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
        ("::ffff:8.8.8.8", True),
        ("::127.0.0.1", False),
    ],
)
def test_what_is_public(address: str, *, public: bool) -> None:
    assert is_public(address) is public
