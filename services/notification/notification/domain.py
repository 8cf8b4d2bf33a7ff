"""Which messages a visit asks for, and, when one is due, whether and as what it is sent.

What a client must know of a visit is its schedule: when, where, with whom. A change that leaves
the schedule as it is (another room) asks for no message; each schedule is reminded of once. No
message but a cancellation is sent about a visit that has begun.

Quiet hours are 21:00 to 08:00 of the clinic's wall time. A reminder that would be due in them is
planned for the evening before; one that comes up in them all the same (that evening was past, the
mail server was away) waits until 08:00, unless the visit begins before. Confirmations and notices
of a move or a cancellation follow something done a moment ago and do not wait.

A new edition of the zone data may give a visit another instant at the same wall time: the client,
whose calendar shows the old one, gets a correction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from clinic_contracts.booking.events import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentUnarrived,
    Visit,
)
from clinic_contracts.context import CallContext

Kind = Literal["confirmation", "reminder", "moved", "corrected", "cancelled", "offer"]
NEWS = frozenset({"confirmation", "moved", "corrected"})
REMINDER_BEFORE = timedelta(hours=24)
QUIET_FROM = time(21)
QUIET_UNTIL = time(8)
ADVANCED_TO = time(20, 55)
STATUS_AFTER: Mapping[type, str] = {
    AppointmentBooked: "booked",
    AppointmentMoved: "booked",
    AppointmentCancelled: "cancelled",
    AppointmentArrived: "arrived",
    AppointmentUnarrived: "booked",
    AppointmentFulfilled: "fulfilled",
    AppointmentMissed: "noshow",
}
"""The status in which each event leaves its visit."""
ENDED = frozenset({"cancelled", "noshow"})
BY_ZONE_DATA = "tzdb"
"""The cause of a move that nobody made."""
CORRECTED = "the zone data changed meanwhile"
WHY: Mapping[tuple[Kind, Kind], str] = {
    ("moved", "confirmation"): "moved within the grace time: the first the client hears",
    ("corrected", "confirmation"): "the first the client hears",
    ("confirmation", "moved"): "the client may have been told otherwise before",
    ("corrected", "moved"): "the client may have been told otherwise before",
    ("confirmation", "corrected"): CORRECTED,
    ("moved", "corrected"): CORRECTED,
}
"""Why news is worded as other news than it was planned as."""
LONGEST_WAIT = timedelta(minutes=30)
ASK_AGAIN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Planned:
    """A message to decide about at ``due_at``."""

    kind: Kind
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A due message in a sender's hands.

    ``subject`` is the visit, or the offer, it was planned for, as stored: one that cannot be read
    must fail where it is decided about, not where it is taken. ``attempts`` counts how often the
    message was taken, this time included, waits not.
    """

    id: str
    version: int
    kind: Kind
    appointment_id: str
    client_id: str
    location_id: str
    subject: Mapping[str, Any]
    attempts: int
    first_taken_at: datetime
    context: CallContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and with whom, as the client reads it."""

    location: str
    address: str
    practitioner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where a client can be reached, and whether they want to be."""

    name: str
    email: str | None
    wants_email: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What another message said of the visit; not ``certain``: it may not have arrived."""

    visit: Visit
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is true when a message is due.

    ``planned`` is the visit as it was when the message was planned, ``visit`` as it is now, at
    ``version``; ``told`` is the latest that another message told or may have told the client.
    ``contact`` and ``place`` (of the visit that ``visit_to_tell`` names) are None as long as
    the client or the location is not known here.
    """

    planned: Visit
    visit: Visit
    version: int
    status: str
    contact: Contact | None
    place: Place | None
    told: Told | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Tell ``email`` of ``visit``, at ``version``, worded as ``kind``, because of ``reason``."""

    kind: Kind
    visit: Visit
    version: int
    place: Place
    name: str
    email: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message ready for its channel; ``calendar`` is empty where there is no visit to enter."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    calendar: bytes = b""
    method: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """Do not send it, because of ``reason``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """It cannot be sent, because of ``reason``: somebody should look."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again at ``until``."""

    until: datetime
    reason: str


def plan(change: object, at: datetime, grace: timedelta) -> list[Planned]:
    """Return the messages that an event about a visit, of the instant ``at``, asks for.

    News after the grace time, a cancellation's at once; a reminder unless the visit is too near.
    """
    match change:
        case AppointmentBooked(visit=visit):
            return [Planned("confirmation", at + grace), *_reminder(visit, at + grace)]
        case AppointmentMoved(visit=visit, previous=previous, cause=cause):
            if schedule(visit) == schedule(previous):
                return []
            kind: Kind = "corrected" if cause == BY_ZONE_DATA else "moved"
            return [Planned(kind, at + grace), *_reminder(visit, at + grace)]
        case AppointmentCancelled():
            return [Planned("cancelled", at)]
        case _:
            return []


def decide(
    kind: Kind, situation: Situation, first_taken_at: datetime, now: datetime
) -> Send | Skip | Fail | Wait:
    """Decide about a due message."""
    contact, place = situation.contact, situation.place
    outdated = _outdated(kind, situation, now)
    if outdated is not None:
        return Skip(outdated)
    if contact is None or place is None:
        unknown = "client" if contact is None else "location"
        if now - first_taken_at > LONGEST_WAIT:
            return Fail(f"the {unknown} never became known")
        return Wait(now + ASK_AGAIN, f"the {unknown} is not known yet")
    email = address(contact)
    if isinstance(email, Skip):
        return email
    if kind == "reminder":
        resumed = quiet_until(now, situation.visit.timezone)
        if resumed is not None and resumed < situation.visit.start:
            return Wait(resumed, "held until the quiet hours end")
    worded, reason = _wording(kind, situation)
    return Send(
        kind=worded,
        visit=visit_to_tell(kind, situation.visit, situation.told),
        version=situation.version,
        place=place,
        name=contact.name,
        email=email,
        reason=reason,
    )


def address(contact: Contact) -> str | Skip:
    """Return where a letter reaches the client, or that none is to be sent."""
    if contact.email is None:
        return Skip("the client has no e-mail address")
    return contact.email if contact.wants_email else Skip("the client does not want e-mail")


def visit_to_tell(kind: Kind, visit: Visit, told: Told | None) -> Visit:
    """Return the visit that a message is about: a cancellation names the one the client knows."""
    return told.visit if kind == "cancelled" and told is not None else visit


def schedule(visit: Visit) -> tuple[datetime, str, str]:
    """Return what a client must know of a visit: when, where, with whom."""
    return visit.start, visit.location_id, visit.practitioner_id


def on_the_wall(visit: Visit) -> tuple[datetime, int, str, str, str]:
    """Return the same as a clock on the wall shows it, whatever instant that is."""
    return visit.local_start, visit.fold, visit.timezone, visit.location_id, visit.practitioner_id


def quiet_until(at: datetime, zone_name: str) -> datetime | None:
    """Return when the quiet hours that ``at`` lies in end, in UTC; None outside of them."""
    local = at.astimezone(ZoneInfo(zone_name))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    return datetime.combine(day, QUIET_UNTIL, local.tzinfo).astimezone(UTC)


def _reminder(visit: Visit, told_at: datetime) -> list[Planned]:
    """Plan no reminder that would go out before, or with, the news it reminds of."""
    due = visit.start - REMINDER_BEFORE
    if due <= told_at:
        return []
    resumed = quiet_until(due, visit.timezone)
    if resumed is not None:
        local = resumed.astimezone(ZoneInfo(visit.timezone))
        day = local.date() - timedelta(days=1)
        evening = datetime.combine(day, ADVANCED_TO, local.tzinfo)
        due = evening.astimezone(UTC) if evening > told_at else due
    return [Planned("reminder", due)]


def _outdated(kind: Kind, situation: Situation, now: datetime) -> str | None:
    """Return why a message is not true any more, or not wanted; None when it is."""
    told = situation.told
    if kind == "cancelled":
        return "undone within the grace time: nobody had been told" if told is None else None
    if situation.status in ENDED:
        return "the visit was called off"
    if schedule(situation.visit) != schedule(situation.planned):
        return "the visit was moved: a newer message tells of it"
    if situation.visit.start <= now:
        return "the visit has begun"
    if kind == "reminder" or told is None or not told.certain:
        return None
    known = schedule(told.visit) == schedule(situation.visit)
    return "the client has been told of this already" if known else None


def _wording(kind: Kind, situation: Situation) -> tuple[Kind, str]:
    """Return as what news is worded, and why: by what the client knows, if anything."""
    visit, told = situation.visit, situation.told
    if kind not in NEWS:
        return kind, "due"
    if told is None or schedule(told.visit) == schedule(visit):
        worded: Kind = "confirmation"
    else:
        worded = "corrected" if on_the_wall(told.visit) == on_the_wall(visit) else "moved"
    return worded, "due" if worded == kind else WHY[kind, worded]
