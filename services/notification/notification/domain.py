"""Which messages a visit asks for, and, when one is due, whether and as what it is sent.

What a client must know of a visit is its schedule: when, where, with whom. A change that leaves
it as it is (another room) asks for no message; a schedule is reminded of once.

Quiet hours (21:00-08:00 of the clinic's wall time) are kept by reminders, which nobody waits for:
planned for the evening before, or, when they come due inside quiet hours all the same (that
evening was past, the mail server was away), held until 08:00. One for a visit that begins before
08:00 goes out at once: late is better than never. Confirmations and notices of a move or a
cancellation answer what the client or the desk did a moment ago, and are not held.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from clinic_contracts.booking.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    Visit,
)
from clinic_contracts.context import CallContext

Kind = Literal["confirmation", "reminder", "moved", "cancelled"]
REMINDER_BEFORE = timedelta(hours=24)
QUIET_FROM = time(21)
QUIET_UNTIL = time(8)
ADVANCED_TO = time(20, 55)
ENDED = frozenset({"cancelled", "noshow"})
LONGEST_WAIT = timedelta(minutes=30)
ASK_AGAIN = timedelta(seconds=2)


class NotDeliveredError(Exception):
    """The channel did not take the message; trying again may help."""


class UndeliverableError(Exception):
    """The channel will never take the message."""


class TakenOverError(Exception):
    """Another sender has the message, because this one was too slow."""


class AlreadyRemindedError(Exception):
    """Another message reminds of this very schedule."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A message to decide about at ``due_at``."""

    kind: Kind
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A due message in a sender's hands.

    ``attempts`` counts how often it was taken, this time included, waits not; ``since`` is when
    it was taken first.
    """

    id: str
    row_version: int
    kind: Kind
    appointment_id: str
    client_id: str
    location_id: str
    attempts: int
    since: datetime
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
    """What is true when a message is due. No contact: the client has not arrived here yet.

    ``planned`` is the visit as it was when the message was planned, ``visit`` as it is now, at
    ``version``; ``told`` is the latest that another message told or may have told the client.
    """

    planned: Visit
    visit: Visit
    version: int
    status: str
    contact: Contact | None
    location_known: bool
    told: Told | None


@dataclass(frozen=True, slots=True)
class Send:
    """Tell ``email`` of ``visit``, at ``version``, worded as ``kind``, because of ``reason``."""

    kind: Kind
    visit: Visit
    version: int
    name: str
    email: str
    reason: str


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
        case AppointmentMoved(visit=visit, previous=previous):
            if schedule(visit) == schedule(previous):
                return []
            return [Planned("moved", at + grace), *_reminder(visit, at + grace)]
        case AppointmentCancelled():
            return [Planned("cancelled", at)]
        case _:
            return []


def decide(
    kind: Kind, situation: Situation, since: datetime, at: datetime
) -> Send | Skip | Fail | Wait:
    """Decide about a due message, which was first looked at ``since``."""
    contact = situation.contact
    outdated = _outdated(kind, situation, at)
    if outdated is not None:
        return Skip(outdated)
    if contact is None or not situation.location_known:
        unknown = "client" if contact is None else "location"
        if at - since > LONGEST_WAIT:
            return Fail(f"the {unknown} never became known")
        return Wait(at + ASK_AGAIN, f"the {unknown} is not known yet")
    if contact.email is None or not contact.wants_email:
        missing = "has no e-mail address" if contact.email is None else "does not want e-mail"
        return Skip(f"the client {missing}")
    if kind == "reminder":
        resumed = quiet_until(at, situation.visit.timezone)
        if resumed is not None and resumed < situation.visit.start:
            return Wait(resumed, "held until the quiet hours end")
    return _send(kind, situation, contact.name, contact.email)


def schedule(visit: Visit) -> tuple[datetime, str, str]:
    """Return what a client must know of a visit: when, where, with whom."""
    return visit.start, visit.location_id, visit.practitioner_id


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


def _outdated(kind: Kind, situation: Situation, at: datetime) -> str | None:
    if kind == "cancelled":
        told_nobody = "undone within the grace time: nobody had been told"
        return told_nobody if situation.told is None else None
    if situation.status in ENDED:
        return "the visit was called off"
    if schedule(situation.visit) != schedule(situation.planned):
        return "the visit was moved: a newer message tells of it"
    if kind == "reminder":
        return "the visit has begun" if situation.visit.start <= at else None
    told = situation.told
    if told is not None and told.certain and schedule(told.visit) == schedule(situation.visit):
        return "the client has been told of this already"
    return None


def _send(kind: Kind, situation: Situation, name: str, email: str) -> Send:
    """Word a cancellation by what the client was told of, and news by whether it is the first."""
    told, visit, reason = situation.told, situation.visit, "due"
    if kind == "cancelled" and told is not None:
        visit = told.visit
    elif kind == "moved" and (told is None or schedule(told.visit) == schedule(visit)):
        kind, reason = "confirmation", "moved within the grace time: the first the client hears"
    elif kind == "confirmation" and told is not None and schedule(told.visit) != schedule(visit):
        kind, reason = "moved", "the client may have been told otherwise before"
    return Send(kind, visit, situation.version, name, email, reason)
