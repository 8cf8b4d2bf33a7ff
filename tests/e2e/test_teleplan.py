"""MSP's claims followed to their end, through the gateway and a payer that speaks Teleplan."""

from datetime import date, timedelta
from typing import Any

import pytest

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually
from payer_formats.numbers import is_phn
from tests.e2e.conftest import House
from tests.e2e.test_claims import days, explained, insured

ENDS = {
    "PAY": "paid",
    "DENY": "denied",
    "SHORT": "partially_paid",
    "PEND": "paid",
    "REVERSE": "paid",
    "DUPLICATE": "paid",
    "REJECT": "rejected",
    "REFUSE": "rejected",
    "UNBALANCED": "submitted",
    "WITHHOLD": "paid",
}
"""Where a claim ends whose comment says so."""
FEE_ITEM = 2300
PHNS = [str(number) for number in range(9_100_000_000, 9_100_001_000) if is_phn(str(number))]


@pytest.fixture
def therapist(api: Api, clinic: dict[str, Any]) -> dict[str, Any]:
    """Return the clinic at another location, with a therapist of a number that MSP knows."""
    week = ("mon", "tue", "wed", "thu", "fri")
    opening = {
        "name": "Oakland",
        "timezone": "America/Vancouver",
        "address": "2 Main, Victoria, BC V8T 1A1",
        "hours": {day: [["09:00", "18:00"]] for day in week},
        "rooms": [{"name": "One"}],
    }
    location_id = api.post("/locations", opening)["id"]
    shift = {"location_id": location_id, "start": "09:00", "end": "18:00"}
    wanted = {
        "name": "Kim Lee",
        "registration": {"college": "CCHPBC", "number": "00567"},
        "location_ids": [location_id],
        "treatment_ids": [clinic["treatment_id"]],
        "shifts": [{**shift, "weekday": day} for day in week],
    }
    practitioner_id = api.post("/practitioners", wanted)["id"]
    return {**clinic, "location_id": location_id, "practitioner_id": practitioner_id}


def treated(api: Api, clinic: dict[str, Any], phn: str, day: date) -> Any:
    """Treat somebody with supplementary benefits; return the draft of the claim."""
    since = str(day - timedelta(days=400))
    coverage = {
        "kind": "msp_supplementary",
        "carrier": "MSP",
        "member_id": phn,
        "beneficiary_since": since,
    }
    wish = {**clinic, "client_id": insured(api, coverage), "local_start": f"{day}T14:00"}
    visit = api.post("/appointments", wish)
    for verb in ("arrive", "fulfil"):
        api.post(f"/appointments/{visit['id']}/{verb}")

    def claim() -> Any:
        (invoice,) = api.get("/invoices", appointment_id=visit["id"])["items"] or [None]
        return invoice and invoice["claim_ids"] and api.get(f"/claims/{invoice['claim_ids'][0]}")

    return eventually(claim, timeout=30)


def test_each_claim_of_msp_comes_to_its_end_and_every_cent_is_explained(
    house: House, api: Api, therapist: dict[str, Any]
) -> None:
    known = {file["id"] for file in api.get("/remittances", state="quarantined")["items"]}
    ids: dict[str, str] = {}
    for name, phn, day in zip(ENDS, PHNS, days(), strict=False):
        claim = treated(api, therapist, phn, day)
        assert (claim["payer_id"], claim["charge"]["amount_minor"]) == ("MSP", FEE_ITEM)
        details = {"diagnoses": ["7245"], "note": name, "person": {"birth_date": "1970-05-04"}}
        api.patch(f"/claims/{claim['id']}", claim["version"], details)
        ids[name] = claim["id"]
    for id_ in ids.values():
        assert api.post(f"/claims/{id_}/submit")["state"] == "queued"
    house.kill("billing")
    house.start("billing")

    def ended() -> bool:
        states = {name: api.get(f"/claims/{id_}")["state"] for name, id_ in ids.items()}
        wrong = {file["id"] for file in api.get("/remittances", state="quarantined")["items"]}
        return states == ENDS and len(wrong - known) == 1

    # A batch that was on its way when billing was killed is due again after a minute.
    eventually(ended, timeout=120)
    claims = {name: api.get(f"/claims/{id_}") for name, id_ in ids.items()}
    assert "pended" in [step["state"] for step in claims["PEND"]["history"]]
    assert [each["undone"] for each in claims["REVERSE"]["settlements"]] == [True, False]
    assert len(claims["DUPLICATE"]["settlements"]) == 1
    for claim in claims.values():
        explained(api, claim)
    assert api.get("/operations/verify")["ledger_imbalance_minor"] == 0
