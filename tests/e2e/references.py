"""Requests that name another clinic's records in their bodies."""

from collections.abc import Iterator
from typing import Any

from tests.e2e import clinics
from tests.e2e.clinics import Row, cad, chart, series, visit, waiting

Reference = tuple[str, str, str, dict[str, Any]]
"""A role, a verb, a path and a body, which has one thing of somebody else's."""


def references(mine: Row, theirs: Row) -> Iterator[Reference]:
    """Yield requests that would be good were each id one's own."""
    names = ("location_id", "practitioner_id", "client_id", "room_id", "hold_id")
    for name in names:
        body = {**visit(mine, clinics.LATER, 15), name: theirs[name]}
        yield "front_desk", "POST", "/v1/appointments", body
    for name in ("location_id", "practitioner_id", "room_id"):
        held = {**visit(mine, clinics.LATER, 15), name: theirs[name]}
        del held["client_id"]
        yield "front_desk", "POST", "/v1/holds", held
        moved = f"/v1/appointments/{mine['appointment_id']}"
        yield "front_desk", "PATCH", moved, {name: theirs[name]}
    for name in ("location_id", "practitioner_id", "client_id", "room_id"):
        body = series(mine, 16)
        yield (
            "front_desk",
            "POST",
            "/v1/series",
            {**body, "template": {**body["template"], name: theirs[name]}},
        )
    for name, value in (
        ("client_id", theirs["client_id"]),
        ("location_ids", [theirs["location_id"]]),
        ("location_ids", [mine["location_id"], theirs["location_id"]]),
        ("practitioner_ids", [theirs["practitioner_id"]]),
        ("appointment_id", theirs["appointment_id"]),
    ):
        yield "front_desk", "POST", "/v1/waitlist", {**waiting(mine), name: value}
    yield from _of_the_clinic(mine, theirs)
    yield from _of_money(mine, theirs)


def _of_the_clinic(mine: Row, theirs: Row) -> Iterator[Reference]:
    elsewhere = [theirs["location_id"]]
    both = [mine["location_id"], theirs["location_id"]]
    person = {**clinics.therapist(mine, "Alpha2"), "location_ids": both}
    client = f"/v1{chart(mine)}"
    yield "front_desk", "POST", "/v1/clients", {"name": "Alpha2", "location_ids": elsewhere}
    yield "front_desk", "PATCH", client, {"location_ids": both}
    yield "front_desk", "POST", "/v1/clients/names", {"ids": [theirs["client_id"]]}
    at = {"role": "therapist", "location_ids": elsewhere}
    member = {"email": "alpha3@example.org", "name": "Alpha3", "roles": [at]}
    yield "manager", "POST", "/v1/staff", member
    yield "manager", "PATCH", f"/v1/staff/{mine['staff_id']}", {"roles": [at]}
    yield "owner", "POST", "/v1/api-keys", {"name": "Alpha3", **at}
    yield "manager", "POST", "/v1/practitioners", person
    changed = f"/v1/practitioners/{mine['practitioner_id']}"
    yield "manager", "PATCH", changed, {"location_ids": both}
    shift = {
        "location_id": theirs["location_id"],
        "weekday": "mon",
        "start": "09:00",
        "end": "10:00",
    }
    yield "manager", "PATCH", changed, {"shifts": [shift]}
    place = f"/v1/locations/{mine['location_id']}"
    travel = [{"location_id": theirs["location_id"], "minutes": 10}]
    yield "manager", "PATCH", place, {"travel": travel}
    period = {"from": str(clinics.LATER), "to": str(clinics.LATER), "dry_run": False}
    move = {
        **period,
        "location_id": mine["location_id"],
        "from_practitioner_id": mine["practitioner_id"],
        "to_practitioner_id": "any",
    }
    for name, value in (
        ("location_id", theirs["location_id"]),
        ("from_practitioner_id", theirs["practitioner_id"]),
        ("to_practitioner_id", theirs["practitioner_id"]),
        ("only", [theirs["appointment_id"]]),
    ):
        yield "front_desk", "POST", "/v1/bulk-moves", {**move, name: value}


def _of_money(mine: Row, theirs: Row) -> Iterator[Reference]:
    pay = f"/v1/invoices/{mine['invoice_id']}/payments"
    card = {"method": "gift_card", "prepaid_id": theirs["prepaid_id"]}
    yield "billing", "POST", pay, card
    here = {"location_id": mine["location_id"], "client_id": mine["client_id"]}
    package = {"treatment_id": mine["treatment_id"], "units": 2, "price": cad(100)}
    for name in here:
        sold = {**here, name: theirs[name]}
        yield "billing", "POST", "/v1/gift-cards", {**sold, "amount": cad(100)}
        yield "billing", "POST", "/v1/packages", {**sold, **package}
        yield "billing", "POST", "/v1/deposits", {**sold, "amount": cad(100)}
    day = {"day": str(clinics.YESTERDAY), "counted_cash": cad(0), "counted_card": cad(0)}
    yield "billing", "POST", "/v1/day-closes", {**day, "location_id": theirs["location_id"]}
    yield "billing", "POST", "/v1/claims", {"invoice_id": theirs["invoice_id"]}
    coverage = {"invoice_id": mine["invoice_id"], "coverage_id": theirs["coverage_id"]}
    yield "billing", "POST", "/v1/claims", coverage
    asked = f"/v1{chart(mine)}/coverages/{mine['coverage_id']}/eligibility"
    yield "billing", "POST", asked, {"location_id": theirs["location_id"]}
    assign = f"/v1/work-queue/{mine['unmatched_id']}/assign"
    yield "billing", "POST", assign, {"claim_id": theirs["claim_id"]}
    rate = {"from": str(clinics.LATER), "rate_bp": 5_000}
    yield "manager", "POST", "/v1/pay-rates", {**rate, "location_id": theirs["location_id"]}
    of_theirs = {"practitioner_id": theirs["practitioner_id"]}
    yield (
        "manager",
        "POST",
        "/v1/pay-rates",
        {**rate, **of_theirs, "location_id": mine["location_id"]},
    )
