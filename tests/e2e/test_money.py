"""Money through the public API: paid, given back, prepaid, closed, and the books still right."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinic_deploy.demo.api import Api, Refused
from clinic_runtime.testing import eventually


def cad(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor, "currency": "CAD"}


def page(api: Api, path: str) -> str:
    answer = api.session.get(f"{api.address}/v1{path}", timeout=15)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.text


def only_invoice(api: Api, visit: dict[str, Any]) -> dict[str, Any]:
    (found,) = eventually(
        lambda: api.get("/invoices", appointment_id=visit["id"])["items"], timeout=60
    )
    return dict(found)


@pytest.fixture
def invoice(api: Api, clinic: dict[str, str]) -> dict[str, Any]:
    """Return the invoice of a visit that was given."""
    visit = api.post("/appointments", {**clinic, "local_start": "2027-05-03T10:00"})
    api.post(f"/appointments/{visit['id']}/arrive")
    api.post(f"/appointments/{visit['id']}/fulfil")
    return only_invoice(api, visit)


def test_money_comes_and_goes_and_the_books_are_right(
    api: Api, clinic: dict[str, str], invoice: dict[str, Any]
) -> None:
    paying = {"method": "card", "card_token": "tok_visa"}
    payment = api.post(f"/invoices/{invoice['id']}/payments", paying)
    asked = {"amount": cad(1000), "reason": "paid too much"}
    refund = api.post(f"/payments/{payment['id']}/refunds", asked, key="one refund")
    assert api.post(f"/payments/{payment['id']}/refunds", asked, key="one refund") == refund
    assert api.get(f"/payments/{payment['id']}")["refunded"] == cad(1000)
    assert api.get(f"/invoices/{invoice['id']}")["balance"] == cad(1000)
    assert "Refund receipt" in page(api, f"/receipts/{refund['receipt_id']}.html")
    corrected = api.post(
        f"/receipts/{payment['receipt_id']}/corrections", {"reason": "the name is misspelt"}
    )
    assert corrected["corrects_id"] == payment["receipt_id"]

    here = {"location_id": clinic["location_id"], "client_id": clinic["client_id"]}
    card = api.post("/gift-cards", {**here, "amount": cad(5000)})
    api.post(f"/invoices/{card['invoice_id']}/payments", {"method": "cash"})
    by_card = {"method": "gift_card", "prepaid_id": card["id"]}
    assert api.post(f"/invoices/{invoice['id']}/payments", by_card)["amount"] == cad(1000)
    left = api.get(f"/prepaid/{card['id']}")
    assert (left["status"], left["balance"]) == ("active", cad(4000))
    assert card["id"] in {
        p["id"] for p in api.get("/prepaid", client_id=here["client_id"])["items"]
    }
    given = api.post(f"/prepaid/{card['id']}/refund", {"reason": "moves away"})
    assert (given["amount"], given["method"]) == (cad(4000), "cash")

    statement = api.get(f"/clients/{clinic['client_id']}/statement", as_of="2028-01-01")
    assert statement["balance"]["amount_minor"] == sum(
        line["amount"]["amount_minor"] for line in statement["lines"]
    )
    as_of = "?as_of=2028-01-01"
    assert "Refund of a payment" in page(
        api, f"/clients/{clinic['client_id']}/statement.html{as_of}"
    )
    found = api.get("/operations/verify")
    off = {name: n for name, n in found.items() if name.endswith("_minor") or "receipt" in name}
    assert set(off.values()) == {0}


def test_a_fee_is_invoiced_and_may_be_let_go(api: Api, clinic: dict[str, str]) -> None:
    visit = api.post("/appointments", {**clinic, "local_start": "2027-05-04T10:00"})
    api.post(f"/appointments/{visit['id']}/no-show", {})
    fee = only_invoice(api, visit)
    assert (fee["kind"], fee["total"], fee["payer_portion"]["amount_minor"]) == (
        "fee",
        cad(11500),
        0,
    )
    off = api.post(f"/invoices/{fee['id']}/void", {"reason": "she was in hospital"})
    assert (off["status"], off["balance"]) == ("void", cad(0))


def test_a_day_is_closed_once(api: Api, clinic: dict[str, str]) -> None:
    day = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    at = {"location_id": clinic["location_id"], "day": day}
    assert api.get("/day-takings", **at)["cash"] == cad(0)
    counted = {**at, "counted_cash": cad(150), "counted_card": cad(0)}
    closed = api.post("/day-closes", counted)
    assert closed["methods"][0]["difference"] == cad(150)
    with pytest.raises(Refused, match="already_exists"):
        api.post("/day-closes", counted)
    assert "$1.50" in page(api, f"/day-closes/{closed['id']}.html")
    listed = api.get("/day-closes", location_id=clinic["location_id"])["items"]
    assert closed["id"] in {each["id"] for each in listed}
    opened = api.post(f"/day-closes/{closed['id']}/reopen", {"reason": "miscounted"})
    assert opened["status"] == "reopened"
