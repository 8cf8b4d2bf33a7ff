"""Two clinics of one chain, each with records of every kind; what is asked about them by path."""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually
from payer_formats.answers import Remittance, RemittedClaim, RemittedLine
from payer_formats.claim import Address, Provider
from payer_formats.x12.remitting import write_835
from payer_formats.x12.writing import Envelope

Row = dict[str, str]
"""A clinic's place and all that hangs on it: the name of a path's segment to an id."""
Ask = Callable[..., Any]
AT_ONCE = 4
ZONE = "America/Vancouver"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TODAY = datetime.now(UTC).date()
YESTERDAY, LATER = (TODAY + timedelta(days=days) for days in (-2, 30))
PAST, AWAY = (TODAY + timedelta(days=days) for days in (-9, 200))
ID = re.compile(r"\b[a-z]+[_-][0-9A-Za-z]{20,32}\b")
FHIR_RECORDS = {
    "Claim": "claim_id",
    "ClaimResponse": "claim_id",
    "Coverage": "coverage_id",
    "Invoice": "invoice_id",
    "Appointment": "appointment_id",
    "Patient": "client_id",
    "Practitioner": "practitioner_id",
    "Location": "location_id",
}


def cad(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor, "currency": "CAD"}


def furnished(owner: Api, name: str, treatment_id: str) -> Row:
    """Return a place, its people, and what was done there, as the owner makes it."""
    row: Row = {"treatment_id": treatment_id}
    hours = {day: [["08:00", "20:00"]] for day in DAYS}
    place = {
        "name": f"{name} Place",
        "timezone": ZONE,
        "address": "1 Main, Victoria, BC V8T 1A1",
        "hours": hours,
        "rooms": [{"name": "One"}],
    }
    location = owner.post("/locations", place)
    row["location_id"], row["room_id"] = location["id"], location["rooms"][0]["id"]
    row["practitioner_id"] = owner.post("/practitioners", therapist(row, name))["id"]
    person = {"name": f"{name} Client", "emails": [f"{name.lower()}@example.org"]}
    client = owner.post("/clients", {**person, "location_ids": [row["location_id"]]})
    row["client_id"] = client["id"]
    _chart(owner, row, name)
    _diary(owner, row)
    eventually(lambda: owner.get(f"{chart(row)}/booking-limits")["coverages"]["known"])
    _money(owner, row)
    return row


def therapist(row: Row, name: str) -> dict[str, Any]:
    at = {"location_id": row["location_id"], "start": "08:00", "end": "20:00"}
    return {
        "name": f"{name} Therapist",
        "location_ids": [row["location_id"]],
        "treatment_ids": [row["treatment_id"]],
        "registration": {"college": "CCHPBC", "number": f"RMT-{name}"},
        "shifts": [{**at, "weekday": day} for day in DAYS],
    }


def chart(row: Row) -> str:
    return f"/clients/{row['client_id']}"


def coverage(name: str) -> dict[str, Any]:
    policy = {"carrier": "Harbour Mutual", "member_id": f"{name}-PAY", "percent": 80}
    return {**policy, "annual_maximum": cad(100_000)}


def visit(row: Row, day: date, hour: int) -> dict[str, Any]:
    names = ("location_id", "practitioner_id", "treatment_id", "client_id")
    return {**{each: row[each] for each in names}, "local_start": f"{day}T{hour:02}:00"}


def waiting(row: Row) -> dict[str, Any]:
    return {
        "client_id": row["client_id"],
        "treatment_id": row["treatment_id"],
        "location_ids": [row["location_id"]],
        "windows": [{"from": str(LATER), "to": str(LATER)}],
    }


def series(row: Row, hour: int) -> dict[str, Any]:
    start = f"{LATER}T{hour:02}:00"
    template = visit(row, LATER, hour)
    del template["local_start"]
    return {"template": template, "rrule": "FREQ=WEEKLY", "count": 2, "local_start": start}


def _chart(owner: Api, row: Row, name: str) -> None:
    row["coverage_id"] = owner.post(f"{chart(row)}/coverages", coverage(name))["id"]
    owner.post(f"{chart(row)}/consents", {"channel": "email", "granted": True})
    alert = {"level": "caution", "kind": "x", "acknowledgement_needed": False}
    row["alert_id"] = owner.post(f"{chart(row)}/alerts", alert)["id"]
    referral = {"referrer": "Dr. Ray", "issued": str(PAST), "expires": str(AWAY)}
    owner.post(f"{chart(row)}/referrals", referral)


def _diary(owner: Api, row: Row) -> None:
    period = {"from": str(AWAY), "to": str(AWAY), "reason": "painting"}
    closures = f"/locations/{row['location_id']}/closures"
    absences = f"/practitioners/{row['practitioner_id']}/absences"
    feeds = f"/practitioners/{row['practitioner_id']}/calendar-feeds"
    row["closure_id"] = owner.post(closures, period)["id"]
    row["absence_id"] = owner.post(absences, period)["id"]
    row["feed_id"] = owner.post(feeds)["id"]
    row["appointment_id"] = owner.post("/appointments", visit(row, LATER, 9))["id"]
    row["series_id"] = owner.post("/series", series(row, 11))["id"]
    row["entry_id"] = owner.post("/waitlist", waiting(row))["id"]


def _money(owner: Api, row: Row) -> None:
    treated = owner.post("/appointments", visit(row, YESTERDAY, 10))["id"]
    for verb in ("arrive", "fulfil"):
        owner.post(f"/appointments/{treated}/{verb}")
    (invoice,) = eventually(
        lambda: owner.get("/invoices", appointment_id=treated)["items"], timeout=30
    )
    row["invoice_id"], (row["claim_id"],) = invoice["id"], invoice["claim_ids"]
    paid = owner.post(f"/invoices/{invoice['id']}/payments", {"method": "cash", "amount": cad(500)})
    row["payment_id"], row["receipt_id"] = paid["id"], paid["receipt_id"]
    back = {"reason": "too much", "amount": cad(100)}
    row["refund_id"] = owner.post(f"/payments/{paid['id']}/refunds", back)["id"]
    _submit(owner, row["claim_id"])
    card = {"location_id": row["location_id"], "client_id": row["client_id"], "amount": cad(5_000)}
    row["prepaid_id"] = owner.post("/gift-cards", card)["id"]
    day = {"location_id": row["location_id"], "day": str(PAST)}
    counted = {"counted_cash": cad(0), "counted_card": cad(0)}
    row["day_close_id"] = owner.post("/day-closes", {**day, **counted})["id"]
    asked = f"{chart(row)}/coverages/{row['coverage_id']}/eligibility"
    row["eligibility_id"] = owner.post(asked, {"location_id": row["location_id"]})["id"]


def _submit(owner: Api, claim_id: str) -> None:
    """Send a claim with all that its payer asks for."""
    claim = owner.get(f"/claims/{claim_id}")
    street = {"line": "2 Oak", "city": "Victoria", "region": "BC", "postal_code": "V8T 1A1"}
    person = {"birth_date": "1970-05-04", "sex": "F", "address": street}
    lines = [{**each, "units": 4, "pointers": [1]} for each in claim["details"]["lines"]]
    told = {"diagnoses": ["M5450"], "person": person, "lines": lines}
    owner.patch(f"/claims/{claim_id}", claim["version"], told)
    owner.post(f"/claims/{claim_id}/submit")


def _is_paid(owner: Api, row: Row) -> bool:
    return bool(owner.get(f"/claims/{row['claim_id']}")["state"] == "paid")


def furnish(owner: Api, name: str, treatment_id: str, number: int) -> list[Row]:
    """Return so many rows, some made at a time, once their payer has paid."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        names = [f"{name}{at}" for at in range(number)]
        rows = list(pool.map(lambda each: furnished(owner, each, treatment_id), names))
    for row in rows:
        eventually(partial(_is_paid, owner, row), timeout=90)
    return rows


def an_835(references: Iterable[str], trace: str) -> bytes:
    """Return a payer's file that pays claims by their numbers, known here or not."""
    claims = tuple(
        RemittedClaim(
            reference=reference,
            decision="paid",
            charge_minor=100,
            paid_minor=100,
            code="1",
            payer_reference=f"ICN{reference}",
            lines=(RemittedLine(procedure="97124", charge_minor=100, paid_minor=100, day=PAST),),
            day=PAST,
        )
        for reference in references
    )
    remittance = Remittance(
        identity="",
        payer_id="HARBOUR",
        payer_name="Harbour Mutual",
        paid_minor=100 * len(claims),
        currency="CAD",
        claims=claims,
        trace=trace,
        paid_on=PAST,
        method="ACH",
    )
    street = Address(line="1 Main", city="Victoria", region="BC", postal_code="V8T1A1")
    payer = Provider(name="Harbour Mutual", tax_id="123456789", address=street)
    envelope = Envelope(sender="PAYER", receiver="CLINIC", control=7, at=datetime.now(UTC))
    return write_835(envelope, [remittance], payer, Provider(name="Beta", npi="1234567893"))


def filled(path: str, row: Row) -> str:
    """Return a route's path with a row's ids; raises KeyError for a segment that is not known."""
    if path.startswith("/fhir/R4/Schedule/"):
        both = f"{row['location_id']}.{row['practitioner_id']}".replace("_", "-")
        return path.replace("<resource_id>", both)
    if path.startswith("/fhir/"):
        kind = path.split("/")[3]
        return path.replace("<resource_id>", row[FHIR_RECORDS[kind]].replace("_", "-"))
    known = {**row, "closure_id": row["absence_id"]} if "/absences" in path else row
    return re.sub(r"<(\w+)>", lambda found: known[found[1]], path)


def nobody(row: Row) -> Row:
    """Return a row of ids as those of a row look, which nothing has."""
    return {
        name: re.sub(r"(?<=[_-])\w+$", lambda m: "0" * len(m[0]), id_) for name, id_ in row.items()
    }
