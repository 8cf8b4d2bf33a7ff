"""Offers, as whoever has the link in the letter answers them: nobody is signed in here."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from booking.domain import appointment as visits
from booking.domain import wall_time
from booking.domain.appointment import Appointment
from booking.domain.availability import Resources
from booking.domain.round import Offer, Round
from booking.ports import ClaimTakenError, Desk
from booking.use_cases import rounds
from booking.use_cases.overriding import with_overlapping
from booking.use_cases.waves import may_come, wanted_at
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.offer_token import token_hash
from clinic_contracts.booking.waitlist import OfferView, WaitlistEntry
from clinic_contracts.errors import NotFound, OfferOver, ServiceUnavailable

TRIES = 10
GAVE_UP = "an earlier time was accepted"


def get_offer(token: str, desk: Desk) -> OfferView:
    """Return what the link offers, and whether it can still be had; raises NotFound."""
    return _view(*_offer(token, desk), desk)


def accept_offer(token: str, desk: Desk) -> Appointment:
    """Make the time the client's, and give up the later visit it is instead of.

    All in one write, so that of several who accept at once one has it. Who accepted before is
    answered the same. Raises NotFound, OfferOver.
    """
    for _ in range(TRIES):
        current, offer = _offer(token, desk)
        if offer.status == "accepted":
            return _visit(current, desk)
        won = current.accept(offer.id, desk.now)
        theirs = _as_the_client(desk, offer)
        entry = desk.waitlist.get(offer.entry_id)
        if entry is None or not may_come(entry, current.opening, theirs):
            # Why is between the client and the clinic: the link may be in other hands.
            raise OfferOver(
                "this visit cannot be booked by link: call the clinic", offer_status="open"
            )
        booked = _booked(current, offer, theirs)
        if booked is None:
            if desk.waitlist.get_round(current.id) == current:
                raise OfferOver("the time is taken", offer_status="withdrawn")
            continue  # by somebody in this very round, perhaps by this very link
        changes = [*_given_up(current, entry, theirs), booked]
        try:
            if rounds.save(current, won, theirs, changes):
                return _visit(current, desk)
        except ClaimTakenError as error:
            detail = "you have another visit at that time"
            raise OfferOver(detail, offer_status="open") from error
    raise ServiceUnavailable("too many answer at once; try again", retry_after=1)


def decline_offer(token: str, desk: Desk) -> OfferView:
    """Leave the time to the next; who declined before is answered the same.

    Raises NotFound, OfferOver.
    """
    for _ in range(TRIES):
        current, offer = _offer(token, desk)
        if offer.status == "declined":
            return _view(current, offer, desk)
        left = current.decline(offer.id, desk.now)
        if rounds.save(current, left, _as_the_client(desk, offer)):
            return _view(*_offer(token, desk), desk)
    raise ServiceUnavailable("too many answer at once; try again", retry_after=1)


def _offer(token: str, desk: Desk) -> tuple[Round, Offer]:
    hashed = token_hash(token)
    found = desk.waitlist.round_of(hashed)
    if found is None:
        raise NotFound("there is no such offer")
    return found, next(offer for offer in found.offers if offer.token_hash == hashed)


def _as_the_client(desk: Desk, offer: Offer) -> Desk:
    """Return a desk at which the client does what they do, wherever the time is."""
    id_ = desk.derived_id("op", offer.id)
    actor = f"client:{offer.client_id}"
    context = replace(desk.context, actor=actor, operation_id=id_, location_scope=None)
    return replace(desk, context=context)


def _booked(current: Round, offer: Offer, desk: Desk) -> tuple[Appointment, Any] | None:
    """Return the hold as the client's visit, in the terms of what they wait for; None if lost."""
    held = desk.appointments.get(current.hold_id)
    if held is None or not held.is_hold or not held.is_live(desk.now):
        return None
    wanted = wanted_at(current.opening, offer.treatment_id, desk)
    unit = held.equipment_id if held.equipment_id in wanted.offering.units else None
    found = Resources(held.practitioner_id, held.room_id, unit)
    terms = replace(visits.hold(held.id, wanted.terms(found, desk.tzdata)), version=held.version)
    return terms.book_for(offer.client_id)


def _given_up(current: Round, entry: WaitlistEntry, desk: Desk) -> list[tuple[Appointment, Any]]:
    """Return the client's later visit called off, and what that means for those it overlapped."""
    if entry.appointment_id is None:
        return []
    later = desk.appointments.get(entry.appointment_id)
    if later is None or later.status != "booked" or later.start <= current.opening.start:
        return []
    off, event = later.cancel(GAVE_UP, desk.now, waive_fee=True)
    return with_overlapping(desk, later, off, event)


def _visit(current: Round, desk: Desk) -> Appointment:
    found = desk.appointments.get(current.hold_id)
    if found is None:
        raise NotFound("there is no such visit")
    return found


def _view(current: Round, offer: Offer, desk: Desk) -> OfferView:
    opening = current.opening
    location = desk.settings.known(r.LocationView, opening.location_id)
    person = desk.settings.known(r.PractitionerView, opening.practitioner_id)
    treatment = desk.settings.known(r.TreatmentView, offer.treatment_id)
    minutes = 0 if treatment is None else treatment.duration
    end = opening.start + timedelta(minutes=minutes)
    return OfferView(
        status=current.status_of(offer.id, desk.now),
        expires_at=wall_time.at_offset(offer.expires_at, opening.timezone),
        start=wall_time.at_offset(opening.start, opening.timezone),
        end=wall_time.at_offset(end, opening.timezone),
        local_start=opening.local_start,
        timezone=opening.timezone,
        location="" if location is None else location.name,
        address="" if location is None else location.address,
        practitioner="" if person is None else person.name,
    )
