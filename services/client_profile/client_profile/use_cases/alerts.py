"""Alerts: one function per command or question."""

from dataclasses import replace

from client_profile.domain import alerts
from client_profile.domain.invalid import check_number
from client_profile.ports import Desk
from client_profile.use_cases.clients import existing
from clinic_contracts.client_profile import alerts as a
from clinic_contracts.client_profile.requests import ListOfClient
from clinic_contracts.errors import NotFound, StaleVersion
from clinic_contracts.trusted import dump


def raise_alert(request: a.RaiseAlert, desk: Desk) -> a.AlertView:
    """Raise an alert, or return what a first try raised; 100 of a client are the most.

    Alerts raised in the same instant may pass the limit by as many as they are.
    """
    id_ = desk.derived_id("alert", desk.context.operation_id)
    existing(request.client_id, desk)
    known = {alert.id for alert in desk.charts.of(a.AlertView, request.client_id)}
    if id_ not in known:
        check_number(len(known), alerts.ALERTS_MAX, "alerts")
    alert = a.AlertView(
        id=id_,
        version=1,
        client_id=request.client_id,
        level=request.level,
        kind=request.kind,
        acknowledgement_needed=request.acknowledgement_needed,
        from_=request.from_,
        until=request.until,
    )
    return desk.charts.add(alert, alerts.check(alert), desk.context)


def list_alerts(request: ListOfClient, desk: Desk) -> a.AlertList:
    """Return a client's alerts in the order in which they were raised."""
    existing(request.client_id, desk)
    return a.AlertList(items=tuple(desk.charts.of(a.AlertView, request.client_id)))


def get_alert(request: a.GetAlert, desk: Desk) -> a.AlertView:
    """Return an alert; raises NotFound."""
    return _found(request, desk)[0]


def change_alert(request: a.ChangeAlert, desk: Desk) -> a.AlertView:
    """Change what is given, keep the rest; or return what a first try changed."""
    current, done = _current(request, desk)
    return current if done else _save(request, alerts.changed(current, request), desk)


def lift_alert(request: a.LiftAlert, desk: Desk) -> a.AlertView:
    """Lift an alert; one that was lifted is answered as it is."""
    current, done = _current(request, desk)
    if done or current.lifted:
        return current
    return _save(request, replace(current, lifted=True), desk)


def _current(request: a.ChangeAlert | a.LiftAlert, desk: Desk) -> tuple[a.AlertView, bool]:
    """Return one as it is, and whether this very operation made it so; raises StaleVersion."""
    current, done = _found(request, desk)
    if not done and request.expected_version not in {None, current.version}:
        raise _stale(current)
    return current, done


def _found(
    request: a.GetAlert | a.ChangeAlert | a.LiftAlert, desk: Desk
) -> tuple[a.AlertView, bool]:
    existing(request.client_id, desk)
    found = desk.charts.get(a.AlertView, request.alert_id, desk.context.operation_id)
    if found is None or found[0].client_id != request.client_id:
        raise NotFound(f"there is no alert {request.alert_id}")
    return found


def _save(request: a.ChangeAlert | a.LiftAlert, changed: a.AlertView, desk: Desk) -> a.AlertView:
    if desk.charts.save(changed, alerts.check(changed), desk.context):
        return replace(changed, version=changed.version + 1)
    # The same operation, delivered twice at once, is no conflict with itself.
    latest, done = _current(replace(request, expected_version=None), desk)
    if not done:
        raise _stale(latest)
    return latest


def _stale(current: a.AlertView) -> StaleVersion:
    return StaleVersion("the alert changed meanwhile", current=dump(current))
