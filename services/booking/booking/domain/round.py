"""A round: one time that became free, offered to those who wait for it, three at a time.

``open`` → ``filled`` by the first acceptance, or ``over`` when nobody is left. Every step is a
function of the round as it was, and is saved over that version alone: of two steps taken at once,
by whichever replicas, one is saved and the other is taken anew from what it left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Literal, Self

from booking.domain import wall_time
from clinic_contracts.booking.events import (
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentMoved,
    Visit,
)
from clinic_contracts.booking.waitlist import OfferStatus
from clinic_contracts.constraints import WallTime
from clinic_contracts.errors import OfferOver

WAVE = 3
MOST_WAVES = 100
ANSWER = timedelta(minutes=15)
NOTICE = timedelta(hours=1)
"""A time that begins sooner is not offered: nobody could answer and still be there."""
QUIET_FROM, QUIET_UNTIL = time(21), time(8)
NEAR = timedelta(hours=12)
"""A time that begins within it is offered at night too: by the morning it would be lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A time that became free: where, whose, and when it starts; ``left_by`` its client."""

    location_id: str
    practitioner_id: str
    left_by: str
    start: datetime
    local_start: WallTime
    timezone: str
    fold: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The time offered to one of those who wait, to be accepted before ``expires_at``."""

    id: str
    entry_id: str
    client_id: str
    treatment_id: str
    token_hash: str
    expires_at: datetime
    status: OfferStatus = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One freed time and all offers of it, in the order in which they were made.

    ``hold_id`` is the appointment that keeps the time meanwhile and becomes the visit. At ``due``
    there is something to do: the open offers end, or nothing is on offer.
    """

    id: str
    version: int
    opening: Opening
    hold_id: str
    freed_at: datetime
    due: datetime
    status: Literal["open", "filled", "over"] = "open"
    offers: tuple[Offer, ...] = ()
    waves: int = 0
    filled_at: datetime | None = None

    @property
    def entry_ids(self) -> frozenset[str]:
        """Who was offered this time before: nobody is twice."""
        return frozenset(offer.entry_id for offer in self.offers)

    def is_done(self, now: datetime) -> bool:
        """Say whether no more may be offered: too many were, or it is too late to come."""
        return self.waves >= MOST_WAVES or self.opening.start - now < NOTICE

    def offer_to(self, offers: Sequence[Offer], until: datetime) -> Self:
        """Return the next wave: the time of those who did not answer is over."""
        offers = (*_closed(self.offers, "expired"), *offers)
        return replace(self, offers=offers, waves=self.waves + 1, due=until)

    def pause(self, until: datetime) -> Self:
        """Return the round with nothing on offer until then."""
        return replace(self, offers=_closed(self.offers, "expired"), due=until)

    def accept(self, offer_id: str, now: datetime) -> Self:
        """Return the round that this client won; raises OfferOver when it is too late."""
        self._check(offer_id, now)
        offers = _closed(_with(self.offers, offer_id, "accepted"), "withdrawn")
        return replace(self, offers=offers, status="filled", filled_at=now)

    def decline(self, offer_id: str, now: datetime) -> Self:
        """Return the round without this client; raises OfferOver when it is too late."""
        self._check(offer_id, now)
        return self._without(offer_id, "declined", now)

    def take_back(self, offer_id: str, now: datetime) -> Self:
        """Return the round without this client, who does not wait any more."""
        return self._without(offer_id, "withdrawn", now)

    def end(self) -> Self:
        """Return the round that nobody is left for."""
        return replace(self, offers=_closed(self.offers, "expired"), status="over")

    def status_of(self, offer_id: str, now: datetime) -> OfferStatus:
        """Return what an offer is now: its time can be over before the next wave begins."""
        (offer,) = (each for each in self.offers if each.id == offer_id)
        return "expired" if offer.status == "open" and now >= offer.expires_at else offer.status

    def changed_since(self, before: "Round") -> list[Offer]:
        """Return the offers that are new, or not what they were."""
        were = {offer.id: offer for offer in before.offers}
        return [offer for offer in self.offers if were.get(offer.id) != offer]

    def _check(self, offer_id: str, now: datetime) -> None:
        status = self.status_of(offer_id, now)
        if status != "open":
            raise OfferOver(
                f"this offer is {status}: the time is not yours to take", offer_status=status
            )

    def _without(self, offer_id: str, status: OfferStatus, now: datetime) -> Self:
        offers = _with(self.offers, offer_id, status)
        answered = all(offer.status != "open" for offer in offers)
        return replace(self, offers=offers, due=now if answered else self.due)


def freed_by(change: object) -> Opening | None:
    """Return the time that an event about a visit leaves free, if it does."""
    match change:
        case AppointmentCancelled(visit=visit) | AppointmentMissed(visit=visit):
            return _opening(visit)
        case AppointmentMoved(previous=visit, cause=None):  # the zone data's moves free nothing
            return _opening(visit)
        case _:
            return None


def asleep_until(opening: Opening, now: datetime) -> datetime | None:
    """Return when people may be asked again, in UTC, if not now (the location's 21:00 to 08:00)."""
    local = wall_time.at_offset(now, opening.timezone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM or opening.start - now < NEAR:
        return None
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    morning = datetime.combine(day, QUIET_UNTIL)
    return wall_time.instant(morning, opening.timezone)


def _opening(visit: Visit) -> Opening:
    return Opening(
        location_id=visit.location_id,
        practitioner_id=visit.practitioner_id,
        left_by=visit.client_id,
        start=visit.start,
        local_start=visit.local_start,
        timezone=visit.timezone,
        fold=visit.fold,
    )


def _with(offers: Iterable[Offer], offer_id: str, status: OfferStatus) -> tuple[Offer, ...]:
    return tuple(replace(o, status=status) if o.id == offer_id else o for o in offers)


def _closed(offers: Iterable[Offer], status: OfferStatus) -> tuple[Offer, ...]:
    return tuple(replace(o, status=status) if o.status == "open" else o for o in offers)
