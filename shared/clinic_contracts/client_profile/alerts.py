"""Alerts: what a clinician wants known before a client is treated."""

from dataclasses import dataclass
from datetime import date

from clinic_contracts.client_profile.events import AlertLevel
from clinic_contracts.constraints import UNSET, ExpectedVersion, Note, PathId, Unset


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseAlert:
    """Raise an alert. ``kind`` is the clinician's words: health data, shown to clinic staff alone.

    It is in force on the days ``from`` to ``until``, both included, or open. A client has at most
    100 alerts.
    """

    client_id: PathId
    level: AlertLevel
    kind: Note
    acknowledgement_needed: bool = True
    from_: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAlert:
    """One alert."""

    client_id: PathId
    alert_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAlert:
    """Change what is given, keep the rest; one that was lifted stays lifted."""

    client_id: PathId
    alert_id: PathId
    expected_version: ExpectedVersion | None = None
    level: AlertLevel | Unset = UNSET
    kind: Note | Unset = UNSET
    acknowledgement_needed: bool | Unset = UNSET
    from_: date | Unset | None = UNSET
    until: date | Unset | None = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftAlert:
    """Lift an alert: it is in force no more, and stays on record."""

    client_id: PathId
    alert_id: PathId
    expected_version: ExpectedVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert."""

    id: str
    version: int
    client_id: str
    level: AlertLevel
    kind: str
    acknowledgement_needed: bool
    from_: date | None
    until: date | None
    lifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertList:
    """A client's alerts, those lifted too, in the order in which they were raised."""

    items: tuple[AlertView, ...]
    next: str | None = None
