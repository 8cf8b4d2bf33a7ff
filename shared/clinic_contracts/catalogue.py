"""Every event and which services consume it: what brokers are provisioned from.

A test holds this against the handlers registered in the services and against the README's table.
"""

from collections.abc import Mapping

from clinic_contracts import envelope
from clinic_contracts.billing import events as billing
from clinic_contracts.booking import events as booking
from clinic_contracts.client_profile import events as client_profile
from clinic_contracts.notification import events as notification

CONSUMERS: Mapping[type, frozenset[str]] = {
    booking.LocationChanged: frozenset({"notification", "billing"}),
    booking.PractitionerChanged: frozenset({"notification", "billing"}),
    booking.TreatmentChanged: frozenset({"billing"}),
    booking.ClosureChanged: frozenset(),
    booking.AppointmentBooked: frozenset({"notification", "client_profile"}),
    booking.AppointmentMoved: frozenset({"notification", "booking", "client_profile"}),
    booking.AppointmentCancelled: frozenset({"notification", "booking", "billing"}),
    booking.AppointmentArrived: frozenset({"notification"}),
    booking.AppointmentUnarrived: frozenset({"notification"}),
    booking.AppointmentFulfilled: frozenset({"notification", "billing"}),
    booking.AppointmentMissed: frozenset({"notification", "booking", "billing"}),
    booking.AppointmentOverlapped: frozenset(),
    booking.WaitlistEntryChanged: frozenset(),
    booking.OfferMade: frozenset({"notification"}),
    booking.OfferClosed: frozenset({"notification"}),
    client_profile.ClientChanged: frozenset({"notification", "billing"}),
    client_profile.ConsentChanged: frozenset({"notification"}),
    client_profile.CoverageChanged: frozenset({"billing"}),
    client_profile.AlertChanged: frozenset({"booking"}),
    client_profile.ReferralChanged: frozenset({"booking"}),
    notification.MessageSent: frozenset(),
    notification.MessageSkipped: frozenset(),
    billing.InvoiceIssued: frozenset({"notification"}),
    billing.InvoiceVoided: frozenset({"notification"}),
    billing.PaymentReceived: frozenset({"notification"}),
    billing.PaymentRefunded: frozenset({"notification"}),
    billing.ReceiptCorrected: frozenset(),
    billing.PrepaidChanged: frozenset(),
    billing.DayClosed: frozenset(),
    billing.DayReopened: frozenset(),
    billing.ClaimDrafted: frozenset(),
    billing.ClaimChanged: frozenset({"notification"}),
    billing.CoverageUsed: frozenset({"booking"}),
}


WATCHERS: Mapping[str, frozenset[str]] = {
    "gateway": frozenset({"booking", "client_profile", "notification", "billing"})
}
"""Who sees which producers' events pass, to drop what it keeps in memory and to tell who follows
the feed that there is more to read; no effect, no queue that stays."""


def consumers() -> dict[str, frozenset[str]]:
    """Return event type to the services that consume it."""
    return {envelope.type_of(cls): services for cls, services in CONSUMERS.items()}


def consumed_by(service: str) -> list[str]:
    """Return the event types that a service consumes."""
    return sorted(type_ for type_, services in consumers().items() if service in services)
