"""A clinic's day: booked, moved, cancelled, arrived, fulfilled, paid."""

import random
from datetime import date, timedelta
from typing import Any

from clinic_deploy.demo.api import Api, Refused, wait_for
from clinic_deploy.demo.clinics import Demo

VISITS_A_CLINIC = 18
STEPS = 3 * VISITS_A_CLINIC * 2
KEYS = (
    "events_published",
    "events_consumed",
    "messages_sent",
    "invoices",
    "payments",
    "claims",
)
INVARIANTS = ("ledger_imbalance_minor", "overlaps", "unpublished_events", "parked")


def play(api: Api, demo: Demo, step: Any) -> None:  # noqa: ANN401 (a progress callback)
    """Play the day; ``step()`` is called after each visit booked and each dealt with."""
    chance = random.Random(2026)
    day = date.today() + timedelta(days=1)  # noqa: DTZ011 (any day ahead will do)
    booked = []
    for location in demo.locations:
        for number in range(VISITS_A_CLINIC):
            visit = _book(api, demo, location, day, number, chance)
            if visit is not None:
                booked.append(visit)
            step()
    for number, visit in enumerate(booked):
        _deal(api, visit, number)
        step()


def settle(api: Api) -> dict[str, Any]:
    """Wait until every event had its effect; return the system's own account of itself."""

    def quiet() -> dict[str, Any] | None:
        now = api.get("/operations/verify")
        counts = now["counts"]
        expected = counts.get("messages", 0)
        due = expected and counts.get("messages_sent", 0)
        idle = now["unpublished_events"] == 0 and not now["unavailable"]
        return now if idle and due and counts == api.get("/operations/verify")["counts"] else None

    return wait_for("the system to settle", quiet)


def account(verified: dict[str, Any]) -> dict[str, int]:
    """Return the one JSON object a run ends with."""
    counts = verified["counts"]
    return {
        "appointments": counts.get("appointments", 0),
        **{key: counts.get(key, 0) for key in KEYS},
        **{key: verified[key] for key in INVARIANTS},
    }


def _book(  # noqa: PLR0913, PLR0917 (what a booking is made of)
    api: Api, demo: Demo, location: str, day: date, number: int, chance: random.Random
) -> dict[str, Any] | None:
    treatment = chance.choice(demo.treatments)
    wanted = {
        "location_id": location,
        "treatment_id": treatment,
        "practitioner_id": chance.choice(["any", *demo.therapists[location]]),
        "client_id": chance.choice(demo.clients),
        "local_start": f"{day}T{9 + number % 8:02d}:{chance.choice(['00', '15', '30'])}",
    }
    try:
        visit: dict[str, Any] = api.post("/appointments", wanted)
    except Refused as refused:
        slots = refused.problem.get("alternatives")
        if not slots:
            return None
        chosen = {key: slots[0][key] for key in ("practitioner_id", "local_start")}
        try:
            visit = api.post("/appointments", {**wanted, **chosen})
        except Refused:
            return None
    return visit


def _deal(api: Api, visit: dict[str, Any], number: int) -> None:
    path = f"/appointments/{visit['id']}"
    if number % 9 == 4:  # noqa: PLR2004 (one in nine)
        api.post(f"{path}/cancel", {"reason": "unwell"})
        return
    if number % 17 == 8:  # noqa: PLR2004
        api.post(f"{path}/no-show")
        return
    if number % 7 == 3:  # noqa: PLR2004
        visit = _move(api, visit)
    api.post(f"{path}/arrive")
    if number % 11 == 5:  # noqa: PLR2004
        api.post(f"{path}/unarrive")
        api.post(f"{path}/arrive")
    api.post(f"{path}/fulfil")
    invoice = wait_for("an invoice", lambda: _invoice(api, visit["id"]))
    if invoice["balance"]["amount_minor"]:
        card = {"method": "card", "card_token": "tok_visa"}
        api.post(f"/invoices/{invoice['id']}/payments", card if number % 2 else {"method": "cash"})


def _move(api: Api, visit: dict[str, Any]) -> dict[str, Any]:
    found = api.get(
        "/availability",
        location_id=visit["location_id"],
        treatment_id=visit["treatment_id"],
        **{"from": visit["local_start"][:10], "to": visit["local_start"][:10]},
    )["slots"]
    if not found:
        return visit
    slot = {key: found[-1][key] for key in ("practitioner_id", "local_start")}
    moved: dict[str, Any] = api.patch(f"/appointments/{visit['id']}", visit["version"], slot)
    return moved


def _invoice(api: Api, appointment_id: str) -> dict[str, Any] | None:
    found = api.get("/invoices", appointment_id=appointment_id)["items"]
    return found[0] if found else None
