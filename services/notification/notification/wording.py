"""The words of a message: subject, text, HTML and calendar entry. No health details in any."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from clinic_contracts.booking.events import OfferMade, Visit
from clinic_contracts.notification.letters import AccountLetterKind, SendAccountLetter
from notification.domain import Kind, Letter, Send
from notification.offers import Tell

SUBJECTS: dict[Kind, str] = {
    "confirmation": "Your visit on {when}",
    "moved": "Your visit was moved to {when}",
    "corrected": "Calendar entry corrected: your visit on {when}",
    "reminder": "Reminder: your visit on {when}",
    "cancelled": "Your visit on {when} was cancelled",
    "offer": "A time has become free: {when}",
}
OPENINGS: dict[Kind, str] = {
    "confirmation": "Your visit is booked.",
    "moved": "Your visit was moved. What it is now stands below.",
    "corrected": (
        "The time of your visit by the clinic's clock stays as it was. The rules of the time zone "
        "have changed, so the calendar entry we sent you before may show another hour: the one "
        "attached to this message is right."
    ),
    "reminder": "We look forward to seeing you.",
    "cancelled": "Your visit was cancelled. You do not need to come.",
    "offer": (
        "A time such as you are waiting for has become free. It was offered to others too: the "
        "first to accept has it. Accept or decline it here:"
    ),
}
ACCOUNT_WORDS: dict[AccountLetterKind, tuple[str, str, str]] = {
    "invitation": (
        "Your ClinicOps account",
        "An account was made for you. Choose your password here; the link is good for {good_for}.",
        "Choose a password",
    ),
    "password_reset": (
        "Choose a new password",
        (
            "Somebody, probably you, asked for a new password for your account. Choose one here; "
            "the link is good for {good_for}, and once. If it was not you, do nothing: your "
            "password stays what it is."
        ),
        "Choose a new password",
    ),
}
"""Subject, opening and the link's words."""
PRODUCT = "-//ClinicOps//notification//EN"


@cache
def _templates() -> Environment:
    # HTML needs escaping and text none; the ending of a template says which it is.
    return Environment(
        loader=PackageLoader("notification"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write(message_id: str, send: Send, now: datetime) -> Letter:
    """Return the letter of a message, in the clinic's wall time."""
    method = "CANCEL" if send.kind == "cancelled" else "REQUEST"
    letter = _letter(message_id, send.kind, send, send.visit)
    return replace(letter, calendar=_calendar(send, method, now), method=method)


def write_offer(message_id: str, tell: Tell, link: str) -> Letter:
    """Return the letter of an offer; the visit is not the client's yet, so no calendar has it."""
    offer = tell.offer
    until = f"{offer.expires_at.astimezone(ZoneInfo(offer.timezone)):%H:%M}"
    until = f"answer by {until} ({zone_words(offer.timezone)})"
    return _letter(message_id, "offer", tell, offer, ("Until", until), link=link)


def _letter(
    message_id: str,
    kind: Kind,
    to: Send | Tell,
    about: Visit | OfferMade,
    *more: tuple[str, str],
    link: str = "",
) -> Letter:
    """Return a letter without a calendar entry.

    Text and HTML are made of the same words; a name is put on one line, whatever it holds.
    """
    place = to.place
    when = f"{about.local_start:%A, %d %B %Y at %H:%M}"
    subject = SUBJECTS[kind].format(when=when)
    where = ", ".join(part for part in (place.location, place.address) if part)
    facts = (
        ("When", f"{when} ({zone_words(about.timezone)})"),
        ("Where", where),
        ("With", place.practitioner),
        *more,
    )
    words = {
        "subject": subject,
        "clinic": _line(place.location),
        "name": _line(to.name),
        "opening": OPENINGS[kind],
        "facts": [(label, _line(fact)) for label, fact in facts if fact],
        "link": link,
        "link_words": "Answer the offer",
    }
    return _rendered(message_id, to.email, words)


def write_account(message_id: str, asked: SendAccountLetter, link: str) -> Letter:
    """Return the letter to a member of staff whose link leads to a page for a new password."""
    subject, opening, link_words = ACCOUNT_WORDS[asked.kind]
    words = {
        "subject": subject,
        "clinic": "ClinicOps",
        "name": _line(asked.name),
        "opening": opening.format(good_for=_duration(asked.minutes)),
        "facts": [],
        "link": link,
        "link_words": link_words,
    }
    return _rendered(message_id, asked.to, words)


def _rendered(message_id: str, to: str, words: Mapping[str, Any]) -> Letter:
    return Letter(
        message_id=message_id,
        to=to,
        subject=words["subject"],
        text=_templates().get_template("message.txt.j2").render(words),
        html=_templates().get_template("message.html.j2").render(words),
    )


def _duration(minutes: int) -> str:
    days, hours = minutes // (24 * 60), minutes // 60
    if days > 1:
        return f"{days} days"
    return f"{hours} hours" if hours > 1 else f"{minutes} minutes"


def zone_words(timezone: str) -> str:
    """Return a zone as people call it; ``tzname()`` says MST for British Columbia."""
    known = {"America/Vancouver": "Pacific time", "America/Edmonton": "Mountain time"}
    return known.get(timezone, f"{timezone.rpartition('/')[2].replace('_', ' ')} time")


def _line(text: str) -> str:
    return " ".join(text.split())


def _calendar(send: Send, method: str, now: datetime) -> bytes:
    visit, place = send.visit, send.place
    entry = Event()
    entry.add("uid", visit.appointment_id)
    entry.add("sequence", send.version)
    entry.add("dtstamp", now)
    entry.add("dtstart", visit.start)
    entry.add("dtend", visit.end)
    entry.add("summary", f"Visit at {_line(place.location)}")
    entry.add("location", _line(place.address or place.location))
    entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    entry.add("organizer", vCalAddress("mailto:no-reply@clinic.invalid"))
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(entry)
    return bytes(calendar.to_ical())
