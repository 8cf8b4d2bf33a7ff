"""Calendar feeds as iCalendar text (RFC 5545), in UTC: no zone of the reader's can be outdated."""

from icalendar import Calendar, Event

from booking.domain.feed import BusyTime
from booking.use_cases.feeds import Calendar as Shown
from clinic_contracts.booking.feeds import FeedCalendar
from clinic_runtime.ids import derived_id

PRODUCT = "-//ClinicOps//booking//EN"


def calendar_of(shown: Shown) -> FeedCalendar:
    """Return the text of a feed: "Busy" and the location's name, nothing of whom or what for."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Busy")
    for each in shown.times:
        calendar.add_component(_event(each, shown))
    return FeedCalendar(text=calendar.to_ical().decode())


def _event(busy: BusyTime, shown: Shown) -> Event:
    event = Event()
    # Not the visit's id: that would lead whoever holds the feed to the visit.
    event.add("uid", derived_id("busy", shown.feed_id, busy.visit_id))
    event.add("sequence", busy.revision)
    event.add("dtstamp", shown.as_of)
    event.add("dtstart", busy.start)
    event.add("dtend", busy.end)
    event.add("summary", "Busy")
    event.add("location", " ".join(shown.locations.get(busy.location_id, "").split()))
    return event
