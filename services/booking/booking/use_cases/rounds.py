"""Rounds: a time that became free is offered to those who wait, in turn, until somebody has it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from booking.domain import round as rounds
from booking.domain import waitlist
from booking.domain.appointment import Appointment
from booking.domain.round import ANSWER, Offer, Round
from booking.ports import Desk
from booking.use_cases.waves import HoldChangedError, next_wave, who_want
from booking.waitlist_ports import Step
from clinic_contracts.booking.offer_token import token_hash
from clinic_contracts.booking.waitlist import EntryStatus, OfferStatus, WaitlistEntry
from clinic_contracts.envelope import Event

TRIES = 10
BECOMES: dict[OfferStatus, EntryStatus] = {"accepted": "booked"}
"""What an entry is when its offer ended so; else it waits on, where it was in the order."""


def time_freed(event: Event, desk: Desk) -> None:
    """Offer the time that an event about a visit leaves free; once an event."""
    opening = rounds.freed_by(event.data)
    if opening is None or opening.start - desk.now < rounds.NOTICE:
        return
    id_ = desk.derived_id("rnd", event.id)
    made = Round(
        id=id_,
        version=1,
        opening=opening,
        hold_id=desk.derived_id("apt", id_),
        freed_at=event.occurred_at,
        due=desk.now,
    )
    # Most times are waited for by nobody, and then one write is all.
    anybody = any(True for _ in who_want(made, desk))
    kept = desk.waitlist.add_round(made if anybody else made.end())
    advance(kept, desk)


def advance(current: Round, desk: Desk) -> None:
    """Take a round on if that is due: ask the next, or end it when nobody is left to ask.

    Safe to repeat, and to be done by several at once: the step that is saved first counts.
    """
    for _ in range(TRIES):
        if current.status != "open" or desk.now < current.due:
            return
        if _step(current, desk):
            return
        latest = desk.waitlist.get_round(current.id)
        if latest is None:
            return
        current = latest


def save(
    before: Round,
    after: Round,
    desk: Desk,
    visits: Sequence[tuple[Appointment, Any]] = (),
    *,
    leaves: str | None = None,
) -> bool:
    """Save a round's step with what it means for the entries; False when something is stale.

    ``leaves`` is the entry whose client waits no longer. Raises ClaimTakenError.
    """
    entries: list[tuple[WaitlistEntry, Any]] = []
    for offer in after.changed_since(before):
        entry = desk.waitlist.get(offer.entry_id)
        if entry is None or (offer.status == "open") != (entry.status == "waiting"):
            return False
        if offer.status == "open":
            entries.append(waitlist.offered(entry, offer, after, desk.now))
            continue
        becomes = "withdrawn" if entry.id == leaves else BECOMES.get(offer.status, "waiting")
        entries.append(waitlist.closed(entry, offer, after, desk.now, becomes))
    step = Step(round=after, entries=entries, visits=visits)
    return desk.waitlist.take_step(step, desk.context)


def _step(current: Round, desk: Desk) -> bool:
    """Ask the next, wait for the morning, or end; False when another step came first."""
    held = desk.appointments.get(current.hold_id)
    if held is not None and held.is_hold and not held.is_live(desk.now):
        desk.appointments.release(held)
        held = None
    morning = rounds.asleep_until(current.opening, desk.now)
    until = morning or desk.now + ANSWER
    booked = held is not None and not held.is_hold
    if booked or current.is_done(desk.now):
        return _end(current, desk)
    try:
        asked = next_wave(current, held, until, desk)
    except HoldChangedError:
        return False
    if not asked:
        return _end(current, desk)
    if morning is not None:
        return save(current, current.pause(morning), desk)
    offers = [_offer(current, entry, until, desk) for entry in asked]
    return save(current, current.offer_to(offers, until), desk)


def _end(current: Round, desk: Desk) -> bool:
    """End a round that nobody is left for, and give its time back."""
    if not save(current, current.end(), desk):
        return False
    # A process that ends just here leaves a hold that expires by itself.
    held = desk.appointments.get(current.hold_id)
    if held is not None and held.is_hold:
        desk.appointments.release(held)
    return True


def _offer(current: Round, entry: WaitlistEntry, until: datetime, desk: Desk) -> Offer:
    id_ = desk.derived_id("off", current.id, entry.id)
    return Offer(
        id=id_,
        entry_id=entry.id,
        client_id=entry.client_id,
        treatment_id=entry.treatment_id,
        token_hash=token_hash(desk.offer_token(id_)),
        expires_at=until,
    )
