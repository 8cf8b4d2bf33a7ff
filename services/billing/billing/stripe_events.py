"""Stripe's webhooks: whether one is Stripe's own and new, and what it is about.

Source: Stripe's documentation, "Receive Stripe events in your webhook endpoint", "Verify webhook
signatures manually": the header ``Stripe-Signature`` has ``t``, the time in seconds, and one ``v1``
or more, an HMAC-SHA256 by the endpoint's secret of ``t``, a full stop and the body.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic_contracts.errors import Invalid, Unauthenticated

TOLERANCE_SECONDS = 300
"""Stripe's own libraries allow as much."""
_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
OF_PAYMENTS = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
    }
)
OF_REFUNDS = frozenset(
    {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}
)


@dataclass(frozen=True, slots=True)
class CardEvent:
    """An event by its id at Stripe; what it is about by its id here, empty where it is not ours."""

    id: str
    type: str
    payment_id: str = ""
    refund_id: str = ""


def read(body: bytes, signature: str, secret: str, now: datetime) -> CardEvent:
    """Return a signed event.

    Raises Unauthenticated for a signature that is not Stripe's or of another time than now,
    Invalid for a body that is no event.
    """
    _check(body, signature, secret, now)
    try:
        event = json.loads(body)
        id_, type_ = str(event["id"]), str(event["type"])
        about = _named(event["data"]["object"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        detail = "is no event of Stripe's"
        raise Invalid(detail, errors={"_body": [detail]}) from error
    return CardEvent(
        id=id_,
        type=type_,
        payment_id=about.get("payment_id", "") if type_ in OF_PAYMENTS else "",
        refund_id=about.get("refund_id", "") if type_ in OF_REFUNDS else "",
    )


def signed(body: bytes, secret: str, at: datetime) -> str:
    """Return the header by which Stripe signs a body at a time."""
    told = int(at.timestamp())
    return f"t={told},v1={_mac(secret, told, body)}"


def _check(body: bytes, signature: str, secret: str, now: datetime) -> None:
    parts = list(_parts(signature))
    times = [value for name, value in parts if name == "t" and _TIME.fullmatch(value)]
    if len(times) != 1:
        raise Unauthenticated("Stripe-Signature says no time")
    told = int(times[0])
    mac = _mac(secret, told, body).encode()
    # With two secrets in force while one is rolled, Stripe signs by both.
    macs = [value.encode() for name, value in parts if name == "v1"]
    if not any([hmac.compare_digest(mac, each) for each in macs]):  # noqa: C419 (all, in one time)
        raise Unauthenticated("Stripe-Signature is not of this body by this endpoint's secret")
    if abs(now.timestamp() - told) > TOLERANCE_SECONDS:
        raise Unauthenticated(f"it was signed more than {TOLERANCE_SECONDS} seconds from now")


def _parts(signature: str) -> Iterator[tuple[str, str]]:
    for part in signature.split(","):
        name, _, value = part.strip().partition("=")
        yield name, value


def _mac(secret: str, told: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d.%s" % (told, body), hashlib.sha256).hexdigest()


def _named(about: Any) -> dict[str, str]:  # noqa: ANN401 (JSON)
    """Return the ids that a payment intent, or a refund, was given here."""
    metadata = about.get("metadata") or {}
    return {name: value for name, value in metadata.items() if isinstance(value, str)}
