"""A client hurt in a crash: the payer's limits at booking, its part of the fee, and its rules."""

from datetime import timedelta
from typing import Any

from clinic_deploy.demo.api import Api, Refused
from clinic_runtime.clock import now
from clinic_runtime.testing import eventually

A_DAY = timedelta(days=1)


def next_open_day(api: Api, wanted: dict[str, Any]) -> dict[str, Any]:
    """Book a visit on the next day on which the clinic is open, and return it."""
    for ahead in range(1, 15):
        day = now().date() + ahead * A_DAY
        try:
            return dict(api.post("/appointments", {**wanted, "local_start": f"{day}T10:00"}))
        except Refused:
            continue
    raise AssertionError("the clinic is shut for two weeks")


def test_a_crash_is_paid_by_icbc_and_booking_knows_what_is_left(
    api: Api, clinic: dict[str, Any]
) -> None:
    client = api.post("/clients", {"name": "Cy Sample"})
    chart = f"/clients/{client['id']}"
    crash = {"kind": "icbc", "carrier": "ICBC", "accident_date": str(now().date() - A_DAY)}
    coverage = api.post(f"{chart}/coverages", crash)
    (limit,) = eventually(lambda: api.get(f"{chart}/booking-limits")["coverages"]["items"])
    assert (limit["visits_left"], limit["limit_code"]) == (12, "AUTH_LIMIT")
    api.patch(f"{chart}/coverages/{coverage['id']}", coverage["version"], {"claim_number": "AB123"})
    eventually(
        lambda: (
            api.get(f"{chart}/booking-limits")["coverages"]["items"][0]["as_of"] != limit["as_of"]
        )
    )

    visit = next_open_day(api, {**clinic, "client_id": client["id"]})
    api.post(f"/appointments/{visit['id']}/arrive")
    api.post(f"/appointments/{visit['id']}/fulfil")
    (invoice,) = eventually(
        lambda: api.get("/invoices", appointment_id=visit["id"])["items"], timeout=60
    )
    payer, rest = invoice["split"]
    assert (payer["payer"], payer["amount"]["amount_minor"], payer["code"]) == ("ICBC", 12075, None)
    assert (rest["payer"], rest["amount"]["amount_minor"]) == ("client", 0)
    eventually(
        lambda: api.get(f"{chart}/booking-limits")["coverages"]["items"][0]["visits_left"] == 11
    )

    rules = api.get("/payer-rules", on=invoice["service_date"])["items"]
    fewer = [{**rule, "visits": None} if rule["kind"] == "icbc" else rule for rule in rules]
    (icbc,) = (rule for rule in fewer if rule["kind"] == "icbc")
    icbc.update(one_a_day=False, fee={"amount_minor": 9000}, initial_fee=None)
    changed = api.post("/payer-rules/preview", {"rules": fewer})
    (difference,) = (d for d in changed["differences"] if d["invoice_id"] == invoice["id"])
    assert [part["amount"]["amount_minor"] for part in difference["after"]] == [9450, 2625]
    assert api.get(f"/invoices/{invoice['id']}")["split"] == invoice["split"]
