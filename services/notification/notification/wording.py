"""The words of a message: subject, text, HTML and calendar entry. No health details in any."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from icalendar import Calendar, Event, vCalAddress
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from clinic_contracts.booking.events import Visit
from notification.domain import Kind

SUBJECTS: dict[Kind, str] = {
    "confirmation": "Your visit on {when}",
    "moved": "Your visit was moved to {when}",
    "reminder": "Reminder: your visit on {when}",
    "cancelled": "Your visit on {when} was cancelled",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and with whom, as the client reads it."""

    location: str
    address: str
    practitioner: str


@cache
def _templates() -> Environment:
    # Text needs no escaping and HTML always does: each template is told apart by its ending.
    return Environment(
        loader=PackageLoader("notification"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
    )


def write(  # noqa: PLR0913 (a letter is made of this many facts)
    *,
    message_id: str,
    kind: Kind,
    visit: Visit,
    version: int,
    to: str,
    name: str,
    place: Place,
    at: datetime,
) -> Letter:
    """Return the letter of a message, in the clinic's wall time."""
    when = f"{visit.local_start:%A, %d %B %Y at %H:%M}"
    subject = SUBJECTS[kind].format(when=when)
    words = {
        "kind": kind,
        "subject": subject,
        "name": name,
        "when": when,
        "zone": zone_words(visit.timezone),
        "location": place.location,
        "address": place.address,
        "practitioner": place.practitioner,
    }
    method = "CANCEL" if kind == "cancelled" else "REQUEST"
    return Letter(
        message_id=message_id,
        to=to,
        subject=subject,
        text=_templates().get_template("message.txt.j2").render(words),
        html=_templates().get_template("message.html.j2").render(words),
        calendar=_calendar(visit, version, place, method, at),
        method=method,
    )


def zone_words(timezone: str) -> str:
    """Return a zone as people say it: British Columbia's -07:00 all year is still Pacific time."""
    known = {"America/Vancouver": "Pacific time", "America/Edmonton": "Mountain time"}
    return known.get(timezone, f"{timezone.rpartition('/')[2].replace('_', ' ')} time")


def _calendar(visit: Visit, version: int, place: Place, method: str, at: datetime) -> bytes:
    entry = Event()
    entry.add("uid", visit.appointment_id)
    entry.add("sequence", version)
    entry.add("dtstamp", at)
    entry.add("dtstart", visit.start)
    entry.add("dtend", visit.end)
    entry.add("summary", f"Visit at {place.location}")
    entry.add("location", place.address or place.location)
    entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    entry.add("organizer", vCalAddress("mailto:no-reply@clinic.invalid"))
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(entry)
    return bytes(calendar.to_ical())
