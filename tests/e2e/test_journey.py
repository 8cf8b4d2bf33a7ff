"""One visit from the phone call to the paid invoice; and a service lost on the way."""

from typing import Any

import eventlet
import pytest

from clinic_deploy.demo import day as demo_day
from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually
from clinic_runtime.topology import SERVICES

BACK_TO_BACK = ("09:00", "10:15", "11:30", "12:45", "14:00", "15:15", "16:30")


def invoice_of(api: Api, visit: dict[str, Any]) -> dict[str, Any]:
    found = eventually(
        lambda: api.get("/invoices", appointment_id=visit["id"])["items"], timeout=60
    )
    assert len(found) == 1
    return dict(found[0])


def test_a_visit_from_booking_to_receipt(
    api: Api, clinic: dict[str, str], mail: tuple[Any, int]
) -> None:
    visit = api.post("/appointments", {**clinic, "local_start": "2026-12-01T10:00"})
    assert visit["start"] == "2026-12-01T10:00:00-07:00"
    (message,) = eventually(lambda: sent_of(api, visit), timeout=30)
    assert message["kind"] == "confirmation"
    letter = (mail[0] / f"{message['id']}_clinicops.eml").read_text()
    assert "Fernwood" in letter
    api.post(f"/appointments/{visit['id']}/arrive")
    api.post(f"/appointments/{visit['id']}/fulfil")
    invoice = invoice_of(api, visit)
    assert invoice["total"]["amount_minor"] == 12075
    assert invoice["balance"]["amount_minor"] == 2875
    assert [part["payer"] for part in invoice["split"]] == ["Pacific Example Life", "client"]
    payment = api.post(f"/invoices/{invoice['id']}/payments", {"method": "cash"})
    receipt = api.get(f"/receipts/{payment['receipt_id']}")
    assert (receipt["amount_paid"]["amount_minor"], receipt["balance"]["amount_minor"]) == (2875, 0)
    printed = api.session.get(f"{api.address}/v1/receipts/{receipt['id']}.pdf", timeout=15)
    assert printed.content.startswith(b"%PDF")
    claims = api.get("/claims", invoice_id=invoice["id"])["items"]
    assert [(c["state"], c["amount"]["amount_minor"]) for c in claims] == [("draft", 9200)]


@pytest.mark.parametrize(("day", "victim"), list(enumerate(SERVICES, start=1)))
def test_a_service_killed_in_the_middle_loses_and_doubles_nothing(
    api: Api, house: Any, clinic: dict[str, str], day: int, victim: str
) -> None:
    """Seven visits under way at once, from booking to payment, when a process is killed."""
    starts = [f"2027-03-{day:02d}T{time}" for time in BACK_TO_BACK]
    done: list[dict[str, Any]] = []

    def visit(start: str) -> dict[str, Any]:
        made: dict[str, Any] = desk.post("/appointments", {**clinic, "local_start": start})
        done.append(made)
        desk.post(f"/appointments/{made['id']}/arrive")
        desk.post(f"/appointments/{made['id']}/fulfil")
        invoice = invoice_of(desk, made)
        desk.post(f"/invoices/{invoice['id']}/payments", {"method": "cash"})
        return made

    desk = house.sign_in()
    under_way = [eventlet.spawn(visit, start) for start in starts]
    eventually(lambda: len(done) >= len(starts) // 2)
    house.kill(victim)
    house.start(victim)
    for made in [thread.wait() for thread in under_way]:
        invoice = invoice_of(api, made)
        assert (invoice["status"], invoice["balance"]["amount_minor"]) == ("paid", 0)
        sent = eventually(lambda made=made: sent_of(api, made), timeout=60)  # type: ignore[misc]
        assert [message["kind"] for message in sent] == ["confirmation"]
    verified = eventually(lambda: demo_day.settled(api), timeout=60)
    assert demo_day.faults(demo_day.account(verified)) == []


def sent_of(api: Api, visit: dict[str, Any]) -> list[dict[str, Any]]:
    items = api.get("/messages", appointment_id=visit["id"])["items"]
    return [message for message in items if message["state"] == "sent"]
