"""Letters about offered times: whether one is sent when it is due.

An offer is open for minutes, so its letter waits for nothing, quiet hours included: booking begins
no round in them unless the time is so near that by the morning it would be lost. What would come
when the offer is over is not sent.
"""

from dataclasses import dataclass
from datetime import datetime

from clinic_contracts.booking.events import OfferMade
from notification.domain import ASK_AGAIN, Contact, Fail, Place, Skip, Wait, address


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What is true of an offer when its letter is due.

    ``contact`` and ``place`` are None as long as the client or the location is not known here.
    """

    offer: OfferMade
    status: str
    contact: Contact | None
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Tell ``email`` of an offer."""

    offer: OfferMade
    place: Place
    name: str
    email: str


def decide(offered: Offered, now: datetime) -> Tell | Skip | Fail | Wait:
    """Decide about a due letter of an offer."""
    contact, place = offered.contact, offered.place
    if offered.status != "open":
        return Skip(f"the offer is {offered.status}")
    if now >= offered.offer.expires_at:
        return Skip("the time to answer is over")
    if contact is None or place is None:
        unknown = "client" if contact is None else "location"
        return Wait(now + ASK_AGAIN, f"the {unknown} is not known yet")
    email = address(contact)
    if isinstance(email, Skip):
        return email
    return Tell(offer=offered.offer, place=place, name=contact.name, email=email)
