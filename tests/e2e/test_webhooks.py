"""A clinic's own program is told of a payment, notification killed before it could tell."""

from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook

from clinic_deploy.demo.api import Api, Refused
from clinic_runtime.testing import eventually
from tests.e2e.programs import Heard, listening


@pytest.fixture
def program() -> Iterator[tuple[str, Heard]]:
    """Return the address of a clinic's own program, and what is posted to it."""
    with listening() as found:
        yield found


def test_a_payment_is_told_though_notification_was_killed(
    api: Api, house: Any, clinic: dict[str, str], program: tuple[str, Heard]
) -> None:
    url, heard = program
    wanted = {"url": url, "event_types": ["billing.payment_received.v1"]}
    endpoint = api.post("/webhook-endpoints", wanted, key="one endpoint")
    assert api.post("/webhook-endpoints", wanted, key="one endpoint") == endpoint
    (listed,) = api.get("/webhook-endpoints")["items"]
    assert "secret" not in listed

    house.kill("notification")
    here = {"location_id": clinic["location_id"], "client_id": clinic["client_id"]}
    amount = {"amount_minor": 5000, "currency": "CAD"}
    card = api.post("/gift-cards", {**here, "amount": amount})
    payment = api.post(f"/invoices/{card['invoice_id']}/payments", {"method": "cash"})
    house.start("notification")
    eventually(lambda: heard, timeout=60)
    ((head, body),) = heard
    told = Webhook(endpoint["secret"]).verify(body, head)
    assert told["type"] == "billing.payment_received.v1"
    assert told["data"] == {
        "payment_id": payment["id"],
        "invoice_id": card["invoice_id"],
        "receipt_id": payment["receipt_id"],
        "location_id": clinic["location_id"],
    }

    deliveries = f"/webhook-endpoints/{endpoint['id']}/deliveries"

    def delivered() -> dict[str, Any] | None:
        (found,) = api.get(deliveries)["items"]
        return dict(found) if found["state"] == "delivered" else None

    delivery = eventually(delivered, timeout=30)
    assert delivery["answer"] == 204
    api.post(f"{deliveries}/{delivery['id']}/redeliver")
    eventually(lambda: len(heard) == 2, timeout=30)
    assert heard[1][0]["webhook-id"] == head["webhook-id"] == delivery["webhook_id"]
    api.session.delete(f"{api.address}/v1/webhook-endpoints/{endpoint['id']}", timeout=15)
    with pytest.raises(Refused, match="no webhook endpoint"):
        api.get(deliveries)
