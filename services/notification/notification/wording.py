"""The words of a message: subject, text, HTML and calendar entry. No health details in any."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from icalendar import Calendar, Event, vCalAddress
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notification.domain import Kind, Place, Send

SUBJECTS: dict[Kind, str] = {
    "confirmation": "Your visit on {when}",
    "moved": "Your visit was moved to {when}",
    "reminder": "Reminder: your visit on {when}",
    "cancelled": "Your visit on {when} was cancelled",
}
OPENINGS: dict[Kind, str] = {
    "confirmation": "Your visit is booked.",
    "moved": "Your visit was moved. What it is now stands below.",
    "reminder": "We look forward to seeing you.",
    "cancelled": "Your visit was cancelled. You do not need to come.",
}
PRODUCT = "-//ClinicOps//notification//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message ready for its channel."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    calendar: bytes
    method: str


@cache
def _templates() -> Environment:
    # Text needs no escaping and HTML always does: each template is told apart by its ending.
    return Environment(
        loader=PackageLoader("notification"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write(*, message_id: str, decision: Send, place: Place, at: datetime) -> Letter:
    """Return the letter of a message, in the clinic's wall time.

    Text and HTML are made of the same words; a name is one line, whatever it holds.
    """
    visit = decision.visit
    when = f"{visit.local_start:%A, %d %B %Y at %H:%M}"
    subject = SUBJECTS[decision.kind].format(when=when)
    where = ", ".join(part for part in (place.location, place.address) if part)
    facts = (
        ("When", f"{when} ({zone_words(visit.timezone)})"),
        ("Where", where),
        ("With", place.practitioner),
    )
    words = {
        "subject": subject,
        "clinic": _line(place.location),
        "name": _line(decision.name),
        "opening": OPENINGS[decision.kind],
        "facts": [(label, _line(fact)) for label, fact in facts if fact],
    }
    method = "CANCEL" if decision.kind == "cancelled" else "REQUEST"
    return Letter(
        message_id=message_id,
        to=decision.email,
        subject=subject,
        text=_templates().get_template("message.txt.j2").render(words),
        html=_templates().get_template("message.html.j2").render(words),
        calendar=_calendar(decision, place, method, at),
        method=method,
    )


def zone_words(timezone: str) -> str:
    """Return a zone as people say it: British Columbia's -07:00 all year is still Pacific time."""
    known = {"America/Vancouver": "Pacific time", "America/Edmonton": "Mountain time"}
    return known.get(timezone, f"{timezone.rpartition('/')[2].replace('_', ' ')} time")


def _line(text: str) -> str:
    return " ".join(text.split())


def _calendar(decision: Send, place: Place, method: str, at: datetime) -> bytes:
    visit = decision.visit
    entry = Event()
    entry.add("uid", visit.appointment_id)
    entry.add("sequence", decision.version)
    entry.add("dtstamp", at)
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
