"""Claims of the day before, sent to the simulated payer and followed to what it decides."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from clinic_deploy.demo.api import Api, Refused, wait_for
from clinic_deploy.demo.clinics import CARRIERS, SIMULATED, Demo

CLAIMS = 24
UNDER_WAY = ("validated", "queued", "submitted", "received", "accepted", "pended", "adjudicated")
DECIDED = ("paid", "partially_paid", "denied", "rejected")
PATIENCE_SECONDS = 90
UNIT_MINUTES = 15
"""Of a timed procedure, by the rule of the payer's profile."""
BACK = "-REVERSE"
"""How the policies' numbers end of which the payer first takes back what it paid."""
BACK_PAIN = "M5450"

Document = dict[str, Any]


def play(api: Api, demo: Demo, step: Callable[[], None]) -> None:
    """Treat clients of the simulated payers yesterday, and submit their claims."""
    day = date.today() - timedelta(days=1)  # noqa: DTZ011 (any day gone by will do)
    insured = [
        client
        for number, client in enumerate(demo.clients)
        if CARRIERS[number % len(CARRIERS)] in SIMULATED
    ]
    for number in range(CLAIMS):
        location = demo.locations[number % len(demo.locations)]
        wish = {
            "location_id": location,
            "treatment_id": demo.treatments[0],
            "practitioner_id": "any",
            "client_id": insured[number % len(insured)],
            "local_start": f"{day}T{9 + number // len(demo.locations):02}:00",
        }
        _treat(api, wish, f"claim-{day}-{number}")
        step()


def decided(api: Api) -> Counter[str]:
    """Wait until the payer has decided all that was sent; return how many are in which state.

    ``pended`` and ``reversed`` are those that were held, or taken back, on the way.
    """

    def done() -> bool:
        if any(_of(api, state) for state in UNDER_WAY):
            return False
        decided = [claim for state in DECIDED for claim in _of(api, state)]
        return all(_is_taken_back(claim) for claim in decided if claim["member_id"].endswith(BACK))

    wait_for("the payer to have decided", done, PATIENCE_SECONDS)
    found = {state: _of(api, state) for state in DECIDED}
    states = Counter({state: len(claims) for state, claims in found.items()})
    for claim in (each for claims in found.values() for each in claims):
        states["pended"] += any(step["state"] == "pended" for step in claim["history"])
        states["reversed"] += _is_taken_back(claim)
    return states


def _is_taken_back(claim: Document) -> bool:
    return any(each["undone"] for each in claim["settlements"])


def _of(api: Api, state: str) -> list[Document]:
    found: list[Document] = api.get("/claims", state=state, limit=200)["items"]
    return [claim for claim in found if claim["carrier"] in SIMULATED]


def _treat(api: Api, wish: Document, key: str) -> None:
    try:
        visit = api.post("/appointments", wish, key=key)
    except Refused as refused:
        if refused.problem["code"] != "slot_taken":
            raise
        return
    for verb in ("arrive", "fulfil"):
        api.post(f"/appointments/{visit['id']}/{verb}", key=f"{key}-{verb}")
    claim = wait_for("a claim", lambda: _draft(api, visit["id"]))
    if claim["state"] == "draft":
        _submit(api, claim["id"], key)


def _draft(api: Api, appointment_id: str) -> Document | None:
    invoices = api.get("/invoices", appointment_id=appointment_id)["items"]
    ids = [id_ for invoice in invoices for id_ in invoice["claim_ids"]]
    return api.get(f"/claims/{ids[0]}") if ids else None


def _submit(api: Api, id_: str, key: str) -> None:
    claim = api.get(f"/claims/{id_}")
    (line,) = claim["details"]["lines"]
    details = {
        "diagnoses": [BACK_PAIN],
        "lines": [{**line, "units": max(1, line["minutes"] // UNIT_MINUTES), "pointers": [1]}],
        "person": {
            "birth_date": "1975-06-15",
            "sex": "F",
            "address": {
                "line": "12 Example St",
                "city": "Victoria",
                "region": "BC",
                "postal_code": "V8T 1A1",
            },
        },
    }
    changed = api.patch(f"/claims/{id_}", claim["version"], details)
    api.post(f"/claims/{changed['id']}/submit", key=f"{key}-submit")
