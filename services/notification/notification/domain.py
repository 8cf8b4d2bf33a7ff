"""Which messages a visit asks for, and, when one is due, whether and as what it is sent."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from clinic_contracts.booking.events import Visit

Kind = Literal["confirmation", "reminder", "moved", "cancelled"]
REMINDER_BEFORE = timedelta(hours=24)
QUIET_FROM = time(21)
QUIET_UNTIL = time(8)
ENDED = frozenset({"cancelled", "noshow"})
LONGEST_WAIT = timedelta(minutes=30)
ASK_AGAIN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Planned:
    """A message to decide about at ``due_at``."""

    kind: Kind
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where a client can be reached, and whether they want to be."""

    name: str
    email: str | None
    wants_email: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is true when a message is due. None: it has not arrived yet."""

    visit: Visit | None
    status: str
    contact: Contact | None
    location_known: bool
    told_before: bool


@dataclass(frozen=True, slots=True)
class Send:
    """Send it, worded as ``kind``, because of ``reason``."""

    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Do not send it, because of ``reason``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again at ``until``."""

    until: datetime
    reason: str


def plan_booked(visit: Visit, at: datetime, grace: timedelta) -> list[Planned]:
    """Return a confirmation after the grace time, and a reminder unless the visit is too near."""
    return [Planned("confirmation", at + grace), *_reminder(visit, at)]


def plan_moved(visit: Visit, at: datetime, grace: timedelta) -> list[Planned]:
    """Return the notice of a move after the grace time, and the new time's reminder."""
    return [Planned("moved", at + grace), *_reminder(visit, at)]


def plan_cancelled(at: datetime) -> list[Planned]:
    """Return the notice of a cancellation, at once."""
    return [Planned("cancelled", at)]


def decide(
    kind: Kind, told: Visit, planned_at: datetime, situation: Situation, at: datetime
) -> Send | Skip | Wait:
    """Decide about a due message; ``told`` is the visit as the message would tell it."""
    contact = situation.contact
    if situation.visit is None or contact is None or not situation.location_known:
        if at - planned_at > LONGEST_WAIT:
            return Skip("the client or the location never became known")
        return Wait(at + ASK_AGAIN, "the client or the location is not known yet")
    refused = _outdated(kind, told, situation, at)
    if refused is not None:
        return refused
    if contact.email is None or not contact.wants_email:
        missing = "has no e-mail address" if contact.email is None else "does not want e-mail"
        return Skip(f"the client {missing}")
    if kind == "moved" and not situation.told_before:
        return Send("confirmation", "moved within the grace time: the first the client hears")
    return Send(kind, "due")


def _outdated(kind: Kind, told: Visit, situation: Situation, at: datetime) -> Skip | None:
    if kind == "cancelled":
        if situation.told_before:
            return None
        return Skip("undone within the grace time: nobody had been told")
    if situation.status in ENDED:
        return Skip("the visit was called off")
    if situation.visit is not None and schedule(situation.visit) != schedule(told):
        return Skip("the visit was moved: a newer message tells of it")
    if kind == "reminder" and told.start <= at:
        return Skip("the visit has begun")
    return None


def schedule(visit: Visit) -> tuple[datetime, str, str]:
    """Return what a client must know of a visit: when, where, with whom."""
    return visit.start, visit.location_id, visit.practitioner_id


def outside_quiet_hours(at: datetime, zone_name: str) -> datetime:
    """Return ``at``, or the evening before quiet hours (21:00-08:00 of the clinic) began."""
    local = at.astimezone(ZoneInfo(zone_name))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return at
    day = local.date() if local.time() >= QUIET_FROM else local.date() - timedelta(days=1)
    evening = datetime.combine(day, QUIET_FROM, local.tzinfo) - timedelta(minutes=5)
    return evening.astimezone(at.tzinfo)


def _reminder(visit: Visit, at: datetime) -> list[Planned]:
    due = outside_quiet_hours(visit.start - REMINDER_BEFORE, visit.timezone)
    return [Planned("reminder", due)] if due > at else []
