"""A visit and its document."""

from datetime import UTC, datetime, timedelta
from typing import Any

from booking.domain.appointment import Appointment
from booking.domain.availability import Busy, Resources, Span
from booking.repository.queries import wall
from clinic_contracts.booking.policy import CancellationPolicy
from clinic_contracts.booking.requests import Override
from clinic_contracts.money import Money
from clinic_contracts.trusted import dump, read

Document = dict[str, Any]
BUSY_FIELDS = dict.fromkeys(
    (
        "location_id",
        "practitioner_id",
        "room_id",
        "equipment_id",
        "start",
        "end",
        "turnover",
        "expires_at",
        "overlaps",
        "client_id",
        "claims_client",
    ),
    1,
)
"""What ``busy_of`` needs of a document."""
RARE = (
    "choice",
    "fold",
    "claims_client",
    "expires_at",
    "overlaps",
    "ceded",
    "override",
    "fulfilled_at",
    "fee",
    "acknowledged_alerts",
    "series_id",
)


def document_of(made: Appointment) -> Document:
    """Return a new visit as it is kept."""
    # To a unique index any two empty arrays are the same: who claims nothing has no such field.
    claims = {"claims": made.claims} if made.claims else {}
    return {"_id": made.id, **fields_of(made), **claims, "fingerprint": made.fingerprint}


def changes_of(changed: Appointment) -> Document:
    """Return what makes the kept visit what it is now."""
    fields = fields_of(changed)
    if claims := changed.claims:
        fields["claims"] = claims
    gone = {name: "" for name in (*RARE, "claims") if name not in fields}
    return {"$set": fields, "$unset": gone}


def fields_of(made: Appointment) -> Document:
    """Return the fields of a visit that may change; what most visits have not got is left out."""
    rare = {name: getattr(made, name) for name in RARE}
    return {
        "status": made.status,
        "location_id": made.location_id,
        "practitioner_id": made.practitioner_id,
        "room_id": made.room_id,
        "client_id": made.client_id,
        "treatment_id": made.treatment_id,
        "start": made.start,
        "end": made.end,
        "local_start": wall(made.local_start),
        "timezone": made.timezone,
        "tzdata_version": made.tzdata_version,
        "turnover": made.turnover,
        "price": dump(made.price),
        "policy": dump(made.policy),
        "reason": made.reason,
        "equipment_id": made.equipment_id,
        **{name: _kept(value) for name, value in rare.items() if value},
    }


def _kept(value: Any) -> Any:  # noqa: ANN401 (of any field)
    if isinstance(value, tuple):
        return list(value)
    return dump(value) if isinstance(value, Money | Override) else value


def appointment_of(found: Document) -> Appointment:
    """Return the appointment that a document holds."""
    plain = ("status", "location_id", "practitioner_id", "room_id", "client_id", "treatment_id")
    return Appointment(
        id=found["_id"],
        version=found["version"],
        **{name: found[name] for name in plain},
        start=found["start"],
        end=found["end"],
        local_start=datetime.fromisoformat(found["local_start"]),
        timezone=found["timezone"],
        tzdata_version=found["tzdata_version"],
        turnover=found["turnover"],
        price=read(Money, found["price"]),
        policy=read(CancellationPolicy, found["policy"]),
        reason=found["reason"],
        equipment_id=found.get("equipment_id"),
        choice=found.get("choice"),
        series_id=found.get("series_id"),
        fold=found.get("fold", 0),
        claims_client=found.get("claims_client", False),
        expires_at=found.get("expires_at"),
        override=None if found.get("override") is None else read(Override, found["override"]),
        overlaps=tuple(found.get("overlaps", ())),
        ceded=tuple(found.get("ceded", ())),
        fulfilled_at=found.get("fulfilled_at"),
        fee=None if found.get("fee") is None else read(Money, found["fee"]),
        acknowledged_alerts=tuple(found.get("acknowledged_alerts", ())),
        operations=tuple(found["operations"]),
        fingerprint=found.get("fingerprint", ""),
    )


def busy_of(found: Document) -> Busy:
    """Return what a visit takes."""
    # The driver's own UTC is written in Python, and every comparison would ask it.
    start, end = (found[name].replace(tzinfo=UTC) for name in ("start", "end"))
    held_until = end + timedelta(minutes=found["turnover"])
    return Busy(
        appointment_id=found["_id"],
        location_id=found["location_id"],
        resources=Resources(found["practitioner_id"], found["room_id"], found.get("equipment_id")),
        span=Span(start, held_until),
        visit_end=end,
        client_id=found["client_id"] if found.get("claims_client") else None,
        overlaps=tuple(found.get("overlaps", ())),
    )
