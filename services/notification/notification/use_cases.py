"""What notification does when told or asked, one function each; ``sending`` sends what is due."""

from datetime import timedelta

from clinic_contracts.booking.events import OfferMade
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.errors import Invalid
from clinic_contracts.notification import requests as r
from notification import domain
from notification.ports import Messages, Visits


def follow_visit(event: Event, grace: timedelta, visits: Visits, messages: Messages) -> None:
    """Keep a visit as an event leaves it, and plan the messages that the event asks for."""
    visit = event.data.visit
    visits.keep_visit(visit, event.seq, domain.STATUS_AFTER[type(event.data)])
    planned = domain.plan(event.data, event.occurred_at, grace)
    messages.plan(visit, event.seq, planned, event.caused())


def follow_offer(event: Event, visits: Visits, messages: Messages) -> None:
    """Keep what an offer is, and plan the letter of a new one; its subject is who waits."""
    data = event.data
    if isinstance(data, OfferMade):
        visits.keep_offer(data.offer_id, event.seq, "open")
        messages.plan_offer(data, event.occurred_at, event.caused())
    else:
        visits.keep_offer(data.offer_id, event.seq, data.status)


def list_messages(
    request: r.ListMessages, context: CallContext, messages: Messages
) -> r.MessagePage:
    """Return a page, newest first; raises Invalid when neither client nor appointment is given."""
    if request.client_id is None and request.appointment_id is None:
        detail = "give client_id or appointment_id"
        raise Invalid(detail, errors={"client_id": [detail]})
    items, following = messages.page(request, context.location_scope)
    return r.MessagePage(items=items, next=following)
