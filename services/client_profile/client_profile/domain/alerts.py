"""What an alert must be to make sense, and what is told of it."""

from dataclasses import fields, replace

from client_profile.domain.invalid import invalid
from clinic_contracts.client_profile.alerts import AlertView, ChangeAlert
from clinic_contracts.client_profile.events import AlertChanged
from clinic_contracts.constraints import UNSET

ALERTS_MAX = 100


def changed(alert: AlertView, change: ChangeAlert) -> AlertView:
    """Return the alert with what the change gives, the rest as it was."""
    names = {field.name for field in fields(alert)}
    given = {
        field.name: getattr(change, field.name)
        for field in fields(change)
        if field.name in names and getattr(change, field.name) is not UNSET
    }
    return replace(alert, **given)


def check(alert: AlertView) -> AlertChanged:
    """Return the event that tells of a sound alert, its level alone; raises Invalid otherwise."""
    if alert.from_ and alert.until and alert.until < alert.from_:
        raise invalid("until", "lies before from")
    return AlertChanged(
        alert_id=alert.id,
        client_id=alert.client_id,
        level=alert.level,
        acknowledgement_needed=alert.acknowledgement_needed,
        from_=alert.from_,
        until=alert.until,
        lifted=alert.lifted,
    )
