"""A clinic's day: booked, moved, cancelled, arrived, fulfilled, paid."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from clinic_deploy.demo.api import Api, Refused, wait_for
from clinic_deploy.demo.clinics import Demo

VISITS_A_CLINIC = 18
STEPS = 3 * VISITS_A_CLINIC * 2
INVARIANTS = ("ledger_imbalance_minor", "overlaps", "unpublished_events", "parked")
PRODUCED = ("messages_sent", "invoices", "payments", "claims")
KEYS = ("appointments", "events_published", "events_consumed", *PRODUCED)

Document = dict[str, Any]
Step = Callable[[], None]


def play(api: Api, demo: Demo, step: Step) -> None:
    """Play tomorrow; ``step()`` is called after each visit booked and each dealt with.

    Every command has a key of its own, so that a day interrupted is gone on with.
    """
    day = date.today() + timedelta(days=1)  # noqa: DTZ011 (any day ahead will do)
    booked = []
    for wish in _wishes(demo, day):
        visit = _book(api, wish)
        if visit is not None:
            booked.append(visit)
        step()
    for number, visit in enumerate(booked):
        _deal(api, visit, number)
        step()


def settle(api: Api) -> Document:
    """Wait until every event and every message due had its effect; return the system's account."""
    return wait_for("every event and message to have had its effect", lambda: settled(api))


def settled(api: Api) -> Document | None:
    """Return the system's account of itself once nothing is under way, else None."""
    found: Document = api.get("/operations/verify")
    return found if delivered(found) and found["counts"]["messages_due"] == 0 else None


def delivered(verified: Document) -> bool:
    """Say whether every event there is has been published and had its effect everywhere."""
    counts = verified["counts"]
    handled = counts["deliveries_handled"] + verified["parked"]
    return (
        not verified["unavailable"]
        and verified["unpublished_events"] == 0
        and counts["deliveries_expected"] == handled
    )


def account(verified: Document) -> dict[str, int]:
    """Return the one JSON object a run ends with: what the system says of itself."""
    counts = verified["counts"]
    return {
        **{key: counts[key] for key in KEYS},
        **{key: verified[key] for key in INVARIANTS},
    }


def with_claims(told: dict[str, int], states: Mapping[str, int]) -> dict[str, int]:
    """Return the account with what became of the claims that were sent."""
    return {**{f"claims_{state}": number for state, number in states.items()}, **told}


def faults(told: dict[str, int]) -> list[str]:
    """Return what is wrong with a day's account: invariants broken, things that were not made."""
    broken = [f"{name} is {told[name]}, not 0" for name in INVARIANTS if told[name]]
    return broken + [f"{name} is 0" for name in PRODUCED if not told[name]]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a client asks for on the phone; ``key`` tells it from the others of the day."""

    key: str
    body: Document


def _wishes(demo: Demo, day: date) -> Iterator[_Wish]:
    chance = random.Random(2026)
    for location in demo.locations:
        for number in range(VISITS_A_CLINIC):
            start = f"{day}T{9 + number % 8:02d}:{chance.choice(['00', '15', '30'])}"
            body = {
                "location_id": location,
                "treatment_id": chance.choice(demo.treatments),
                "practitioner_id": chance.choice(["any", *demo.therapists[location]]),
                "client_id": chance.choice(demo.clients),
                "local_start": start,
            }
            yield _Wish(f"{day}-{location}-{number}", body)


def _book(api: Api, wish: _Wish) -> Document | None:
    try:
        visit: Document = api.post("/appointments", wish.body, key=wish.key)
    except Refused as refused:
        slots = refused.problem.get("alternatives")
        if not slots:
            return None
        chosen = {key: slots[0][key] for key in ("practitioner_id", "local_start")}
        try:
            visit = api.post("/appointments", {**wish.body, **chosen}, key=f"{wish.key}-again")
        except Refused:
            return None
    return visit


def _deal(api: Api, visit: Document, number: int) -> None:
    path = f"/appointments/{visit['id']}"

    def say(verb: str, body: Document | None = None, again: str = "") -> None:
        api.post(f"{path}/{verb}", body, key=f"{visit['id']}-{verb}{again}")

    if number % 9 == 4:  # noqa: PLR2004 (one in nine)
        say("cancel", {"reason": "unwell"})
        return
    if number % 17 == 8:  # noqa: PLR2004
        say("no-show")
        return
    if number % 7 == 3:  # noqa: PLR2004
        _move(api, visit)
    say("arrive")
    if number % 11 == 5:  # noqa: PLR2004
        say("unarrive")
        say("arrive", again="-again")
    say("fulfil")
    _pay(api, visit, {"method": "card", "card_token": "tok_visa"} if number % 2 else None)


def _move(api: Api, visit: Document) -> None:
    day = visit["local_start"][:10]
    where = {key: visit[key] for key in ("location_id", "treatment_id")}
    found = api.get("/availability", **where, **{"from": day, "to": day})["slots"]
    if not found:
        return
    slot = {key: found[-1][key] for key in ("practitioner_id", "local_start")}
    try:
        api.patch(f"/appointments/{visit['id']}", visit["version"], slot)
    except Refused as refused:
        if refused.problem["code"] != "stale_version":  # moved before the interruption
            raise


def _pay(api: Api, visit: Document, card: Document | None) -> None:
    invoice = wait_for("an invoice", lambda: _invoice(api, visit["id"]))
    if invoice["balance"]["amount_minor"]:
        path = f"/invoices/{invoice['id']}/payments"
        api.post(path, card or {"method": "cash"}, key=f"{invoice['id']}-pay")


def _invoice(api: Api, appointment_id: str) -> Document | None:
    found = api.get("/invoices", appointment_id=appointment_id)["items"]
    return found[0] if found else None
