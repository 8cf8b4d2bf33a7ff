"""Who waits for a time: which times they want, in which order they are asked, what becomes of it.

An entry is in one round at a time: while a client thinks about one time, another that becomes free
is offered to those who have none to think about. They lose nothing by it, as a round that nobody
accepts comes to them in its next wave.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from booking.domain import wall_time
from booking.domain.invalid import invalid
from booking.domain.round import Offer, Opening, Round
from clinic_contracts.booking.events import OfferClosed, OfferMade, WaitlistEntryChanged
from clinic_contracts.booking.waitlist import (
    EntryStatus,
    JoinWaitlist,
    OfferRecord,
    Urgency,
    WaitlistEntry,
    Window,
)
from clinic_contracts.errors import IllegalTransition

RANK: Mapping[Urgency, int] = {"urgent": 0, "soon": 1, "routine": 2}
RECORDS_KEPT = 20
LONGEST_WAIT_DAYS = 366


def precedence(entry: WaitlistEntry) -> tuple[int, datetime, int, str]:
    """Return by what those who wait for a time are ordered, who comes first being least.

    This is a promise to clients. The more urgent come first; of equally urgent ones who has waited
    longer; of those who began at the same instant whoever was offered fewer times so far; and at
    last the id, which favours nobody. A time is offered along this order, nobody who could
    take it left out, except who has another offer to answer just then.
    """
    return RANK[entry.urgency], entry.waiting_since, entry.offered, entry.id


def wants(entry: WaitlistEntry, opening: Opening, minutes: int) -> bool:
    """Say whether a visit of so many minutes that starts then is what the client waits for.

    Whoever gave the time up is not offered it again.
    """
    return (
        entry.client_id != opening.left_by
        and opening.location_id in entry.location_ids
        and (not entry.practitioner_ids or opening.practitioner_id in entry.practitioner_ids)
        and any(_holds(window, opening.local_start, minutes) for window in entry.windows)
    )


def join(
    id_: str, request: JoinWaitlist, now: datetime
) -> tuple[WaitlistEntry, WaitlistEntryChanged]:
    """Return a new entry; raises Invalid for windows in which no time can ever lie."""
    for window in request.windows:
        _check(window, now)
    entry = WaitlistEntry(
        id=id_,
        version=1,
        status="waiting",
        client_id=request.client_id,
        treatment_id=request.treatment_id,
        location_ids=tuple(dict.fromkeys(request.location_ids)),
        practitioner_ids=tuple(dict.fromkeys(request.practitioner_ids)),
        windows=request.windows,
        urgency=request.urgency,
        waiting_since=now,
        appointment_id=request.appointment_id,
    )
    return entry, _told(entry)


def last_day(entry: WaitlistEntry) -> date:
    """Return the last day on which the client wants a time."""
    return max(window.to for window in entry.windows)


def withdraw(entry: WaitlistEntry) -> tuple[WaitlistEntry, WaitlistEntryChanged]:
    """Have a client who has no offer to answer wait no longer."""
    return _left(entry, "withdrawn")


def expire(entry: WaitlistEntry) -> tuple[WaitlistEntry, WaitlistEntryChanged]:
    """Record that the last day the client wanted is over."""
    return _left(entry, "expired")


def offered(
    entry: WaitlistEntry, offer: Offer, round_: Round, now: datetime
) -> tuple[WaitlistEntry, OfferMade]:
    """Record an offer with the entry, and why this client was asked."""
    opening = round_.opening
    record = OfferRecord(
        offer_id=offer.id,
        round_id=round_.id,
        location_id=opening.location_id,
        practitioner_id=opening.practitioner_id,
        start=opening.start,
        local_start=opening.local_start,
        made_at=now,
        expires_at=offer.expires_at,
        place=round_.offers.index(offer) + 1,
        why=f"{entry.urgency}, waiting since {entry.waiting_since.isoformat(timespec='seconds')}, "
        f"offered {entry.offered} times before",
    )
    changed = replace(
        entry,
        status="offered",
        offered=entry.offered + 1,
        offers=(*entry.offers, record)[-RECORDS_KEPT:],
    )
    made = OfferMade(
        offer_id=offer.id,
        entry_id=entry.id,
        client_id=entry.client_id,
        location_id=opening.location_id,
        practitioner_id=opening.practitioner_id,
        treatment_id=entry.treatment_id,
        start=opening.start,
        local_start=opening.local_start,
        timezone=opening.timezone,
        expires_at=offer.expires_at,
    )
    return changed, made


def closed(
    entry: WaitlistEntry, offer: Offer, round_: Round, now: datetime, becomes: EntryStatus
) -> tuple[WaitlistEntry, OfferClosed]:
    """Record what became of an offer; the client has the time, waits on, or waits no longer."""
    offers = tuple(
        replace(record, status=offer.status, closed_at=now)
        if record.offer_id == offer.id
        else record
        for record in entry.offers
    )
    booked = round_.hold_id if becomes == "booked" else None
    changed = replace(entry, status=becomes, offers=offers, booked_appointment_id=booked)
    told = OfferClosed(
        offer_id=offer.id,
        entry_id=entry.id,
        client_id=entry.client_id,
        location_id=round_.opening.location_id,
        status=offer.status,
        entry_status=becomes,
    )
    return changed, told


def _holds(window: Window, local: datetime, minutes: int) -> bool:
    starts = local.hour * 60 + local.minute
    weekday = wall_time.WEEKDAYS[local.weekday()]
    return (
        window.from_ <= local.date() <= window.to
        and (not window.weekdays or weekday in window.weekdays)
        and wall_time.minutes_of(window.earliest) <= starts
        and starts + minutes <= wall_time.minutes_of(window.latest)
    )


def _check(window: Window, now: datetime) -> None:
    if window.to < window.from_:
        raise invalid("windows", "to must not lie before from")
    if wall_time.minutes_of(window.latest) <= wall_time.minutes_of(window.earliest):
        raise invalid("windows", "latest must lie after earliest")
    today = now.date()
    # The day may have ended here and not yet where the location is.
    if window.to < today - timedelta(days=1):
        raise invalid("windows", "is over already")
    if window.to > today + timedelta(days=LONGEST_WAIT_DAYS):
        raise invalid("windows", f"lies more than {LONGEST_WAIT_DAYS} days ahead")


def _left(entry: WaitlistEntry, status: EntryStatus) -> tuple[WaitlistEntry, WaitlistEntryChanged]:
    if entry.status != "waiting":
        raise IllegalTransition("waitlist entry", entry.status, status)
    changed = replace(entry, status=status)
    return changed, _told(changed)


def _told(entry: WaitlistEntry) -> WaitlistEntryChanged:
    return WaitlistEntryChanged(
        entry_id=entry.id,
        client_id=entry.client_id,
        treatment_id=entry.treatment_id,
        location_ids=entry.location_ids,
        urgency=entry.urgency,
        status=entry.status,
    )
