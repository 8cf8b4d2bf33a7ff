"""Claims followed to their end, through the gateway and a payer, billing killed on the way."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually
from tests.e2e.conftest import House

ENDS = {
    "PAY": "paid",
    "DENY": "denied",
    "SHORT": "partially_paid",
    "PEND": "paid",
    "REVERSE": "paid",
    "DUPLICATE": "paid",
    "REJECT": "rejected",
    "UNBALANCED": "accepted",
}
"""Where a claim ends that the payer treats so."""
CARRIERS = ("Harbour Mutual", "Coast Benefits")
"""Payers in X12 and in FHIR."""
ADDRESS = {"line": "2 Oak", "city": "Victoria", "region": "BC", "postal_code": "V8T 1A1"}
DETAILS = {
    "diagnoses": ["M5450"],
    "person": {"birth_date": "1970-05-04", "sex": "F", "address": ADDRESS},
}


def days() -> Iterator[date]:
    """Yield working days gone by, the latest first."""
    day = date.today()  # noqa: DTZ011 (any days gone by will do)
    while True:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            yield day


def insured(api: Api, coverage: dict[str, Any]) -> str:
    """Return a client whose coverage, which has a limit, billing knows: it says what is left."""
    client_id = str(api.post("/clients", {"name": f"Client {coverage['member_id']}"})["id"])
    api.post(f"/clients/{client_id}/coverages", coverage)
    eventually(lambda: api.get(f"/clients/{client_id}/booking-limits")["coverages"]["known"])
    return client_id


def treated(api: Api, clinic: dict[str, Any], carrier: str, member_id: str, day: date) -> Any:
    """Treat somebody who is insured so; return the draft of the claim."""
    most = {"amount_minor": 100_000, "currency": "CAD"}
    client_id = insured(
        api, {"carrier": carrier, "member_id": member_id, "percent": 80, "annual_maximum": most}
    )
    wish = {**clinic, "client_id": client_id, "local_start": f"{day}T10:00"}
    visit = api.post("/appointments", wish)
    for verb in ("arrive", "fulfil"):
        api.post(f"/appointments/{visit['id']}/{verb}")

    def claim() -> Any:
        (invoice,) = api.get("/invoices", appointment_id=visit["id"])["items"] or [None]
        return invoice and invoice["claim_ids"] and api.get(f"/claims/{invoice['claim_ids'][0]}")

    return eventually(claim, timeout=30)


def submitted(api: Api, claim: dict[str, Any]) -> str:
    """Submit a claim with all that its payer asks for; return its id."""
    (line,) = claim["details"]["lines"]
    lines = [{**line, "units": 4, "pointers": [1]}]
    api.patch(f"/claims/{claim['id']}", claim["version"], {**DETAILS, "lines": lines})
    assert api.post(f"/claims/{claim['id']}/submit")["state"] == "queued"
    return str(claim["id"])


def test_each_claim_comes_to_its_end_and_every_cent_is_explained(
    house: House, api: Api, clinic: dict[str, Any]
) -> None:
    known = {file["id"] for file in api.get("/remittances", state="quarantined")["items"]}
    gone_by = days()
    wanted = [(carrier, name) for carrier in CARRIERS for name in ENDS]
    drafts = {
        (carrier, name): treated(api, clinic, carrier, f"{carrier[0]}-{name}", next(gone_by))
        for carrier, name in wanted
    }
    ids = {case: submitted(api, claim) for case, claim in drafts.items()}
    house.kill("billing")
    house.start("billing")

    def ended() -> bool:
        return all(
            api.get(f"/claims/{id_}")["state"] == ENDS[name] for (_, name), id_ in ids.items()
        )

    # A batch that was on its way when billing was killed is due again after a minute.
    eventually(ended, timeout=120)
    house.kill("billing")
    house.start("billing")
    eventually(house.ready, timeout=60)
    claims = {case: api.get(f"/claims/{id_}") for case, id_ in ids.items()}
    for carrier in CARRIERS:
        pended, taken_back, twice = (
            claims[carrier, name] for name in ("PEND", "REVERSE", "DUPLICATE")
        )
        assert "pended" in [step["state"] for step in pended["history"]]
        assert [each["undone"] for each in taken_back["settlements"]] == [True, False]
        assert len(twice["settlements"]) == 1
    wrong = api.get("/remittances", state="quarantined")["items"]
    assert len({file["id"] for file in wrong} - known) == len(CARRIERS)
    for (_, name), claim in claims.items():
        assert claim["state"] == ENDS[name]
        explained(api, claim)
    assert api.get("/operations/verify")["ledger_imbalance_minor"] == 0


def explained(api: Api, claim: dict[str, Any]) -> None:
    """Add up an invoice: every cent is the client's, a payer's, or written off, and says why."""
    invoice = api.get(f"/invoices/{claim['invoice_id']}")

    def minor(name: str) -> int:
        return int(invoice[name]["amount_minor"])

    assert minor("total") == minor("client_portion") + minor("payer_portion") + minor("written_off")
    told = {"payer_paid": 0, "moved_to_client": 0, "written_off": 0}
    for each in invoice["adjustments"]:
        assert each["text"]
        told[each["kind"]] += each["amount"]["amount_minor"]
    assert (told["payer_paid"], told["written_off"]) == (minor("payer_paid"), minor("written_off"))
    split = sum(part["amount"]["amount_minor"] for part in invoice["split"])
    assert split == minor("total")


def test_a_claim_that_lacks_something_is_told_what(api: Api, clinic: dict[str, Any]) -> None:
    *_, day = (next(each) for each in [days()] for _ in range(2 * len(ENDS) + 1))
    claim = treated(api, clinic, "Harbour Mutual", "H-9", day)
    found = api.post(f"/claims/{claim['id']}/validate")
    assert found["state"] == "draft"
    assert {each["code"] for each in found["findings"]} == {"DX_COUNT", "DX_POINTER", "UNITS"}
    assert all(each["text"] for each in found["findings"])
