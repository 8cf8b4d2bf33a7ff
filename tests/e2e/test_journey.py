"""One visit from the phone call to the paid invoice; and a service lost on the way."""

from typing import Any

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually


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
    messages = eventually(
        lambda: [
            m
            for m in api.get("/messages", appointment_id=visit["id"])["items"]
            if m["state"] == "sent"
        ],
        timeout=30,
    )
    assert [message["kind"] for message in messages] == ["confirmation"]
    letter = (mail[0] / f"{messages[0]['id']}_clinicops.eml").read_text()
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


def test_a_service_killed_in_the_middle_loses_and_doubles_nothing(
    api: Api, house: Any, clinic: dict[str, str]
) -> None:
    visits = []
    for hour, victim in ((9, "billing"), (11, "notification"), (13, "booking")):
        house.kill(victim)
        if victim == "booking":
            house.start(victim)
        visit = api.post("/appointments", {**clinic, "local_start": f"2026-12-02T{hour:02d}:00"})
        api.post(f"/appointments/{visit['id']}/arrive")
        api.post(f"/appointments/{visit['id']}/fulfil")
        if victim != "booking":
            house.start(victim)
        visits.append(visit)
    for visit in visits:
        invoice_of(api, visit)
        sent = eventually(
            lambda visit=visit: [  # type: ignore[misc]
                m["kind"]
                for m in api.get("/messages", appointment_id=visit["id"])["items"]
                if m["state"] == "sent"
            ],
            timeout=60,
        )
        assert sent == ["confirmation"]
    verified = eventually(
        lambda: (
            found
            if (found := api.get("/operations/verify"))["unpublished_events"] == 0
            and not found["unavailable"]
            else None
        ),
        timeout=30,
    )
    assert (verified["overlaps"], verified["ledger_imbalance_minor"], verified["parked"]) == (
        0,
        0,
        0,
    )
