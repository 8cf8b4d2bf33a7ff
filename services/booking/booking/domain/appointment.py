"""An appointment: what it holds, and which changes its status allows (FHIR R4's words)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from booking.domain import policy as policies
from booking.domain import wall_time
from booking.domain.availability import Offering, Resources
from booking.domain.prices import price_of
from clinic_contracts.booking.clients import BookingWarning
from clinic_contracts.booking.events import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentUnarrived,
    Visit,
)
from clinic_contracts.booking.policy import Because, CancellationPolicy
from clinic_contracts.booking.requests import AppointmentStatus, AppointmentView, Override
from clinic_contracts.errors import IllegalTransition
from clinic_contracts.money import Money

NEXT: Mapping[str, frozenset[str]] = {
    "proposed": frozenset(),
    "pending": frozenset(),
    "booked": frozenset({"arrived", "cancelled", "noshow"}),
    "arrived": frozenset({"booked", "fulfilled", "cancelled"}),
    "fulfilled": frozenset(),
    "cancelled": frozenset(),
    "noshow": frozenset(),
}
ALERTS_KEPT = 100
"""Of those acknowledged: as many as a client may have."""
HOLDS_ITS_TIME = frozenset({"pending", "booked", "arrived", "fulfilled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a visit is made of: what is given, by whom and where, and when."""

    offering: Offering
    found: Resources
    local: datetime
    start: datetime
    tzdata: str
    fold: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A visit; ``start`` and ``end`` are UTC, ``turnover`` minutes after ``end`` belong to it.

    A hold is one too, ``pending`` and nobody's, until it is booked or ``expires_at``.
    """

    id: str
    version: int
    status: AppointmentStatus
    location_id: str
    practitioner_id: str
    room_id: str
    client_id: str
    treatment_id: str
    start: datetime
    end: datetime
    local_start: datetime
    timezone: str
    tzdata_version: str
    turnover: int
    price: Money
    policy: CancellationPolicy
    reason: str | None = None
    equipment_id: str | None = None
    choice: str | None = None
    """Why it was booked with this practitioner and room, where others were free too."""
    series_id: str | None = None
    fold: int = 0
    claims_client: bool = False
    """Whether the client cannot be elsewhere meanwhile."""
    expires_at: datetime | None = None
    override: Override | None = None
    overlaps: tuple[str, ...] = ()
    """The visits it is double-booked with on purpose."""
    ceded: tuple[str, ...] = ()
    """The claims that one of those has in its stead, as long as it does."""
    fulfilled_at: datetime | None = None
    """When, in UTC, it was recorded that the treatment was given; nobody kept it at first."""
    fee: Money | None = None
    """Charged because it was called off late, or missed."""
    acknowledged_alerts: tuple[str, ...] = ()
    """The client's alerts that were read for this visit."""
    warnings: tuple[BookingWarning, ...] = ()
    """Told to whoever books or moves it; not kept."""
    operations: tuple[str, ...] = ()
    fingerprint: str = ""
    """Of the request that booked it, when that had an Idempotency-Key."""

    @property
    def resources(self) -> Resources:
        """What the visit takes."""
        return Resources(self.practitioner_id, self.room_id, self.equipment_id)

    @property
    def claims(self) -> list[str]:
        """One key per resource and 5-minute tick; a unique index lets nobody else have one."""
        return [key for key in self.wanted_claims if key not in self.ceded]

    @property
    def wanted_claims(self) -> list[str]:
        """The claims of all that it takes, those ceded too."""
        if self.status not in HOLDS_ITS_TIME:
            return []
        keys = claim_keys(self.resources.ids, self.start, self.end, self.turnover)
        if self.claims_client and self.client_id:
            keys += claim_keys((self.client_id,), self.start, self.end)
        return keys

    @property
    def visit(self) -> Visit:
        """The visit as events carry it."""
        return Visit(
            appointment_id=self.id,
            location_id=self.location_id,
            practitioner_id=self.practitioner_id,
            room_id=self.room_id,
            client_id=self.client_id,
            treatment_id=self.treatment_id,
            start=self.start,
            end=self.end,
            local_start=self.local_start,
            timezone=self.timezone,
            price=self.price,
            tzdata_version=self.tzdata_version,
            equipment_id=self.equipment_id,
            overlaps=self.overlaps,
            series_id=self.series_id,
            fold=self.fold,
        )

    def view(self) -> AppointmentView:
        """Return the appointment as callers see it, at the location's offset."""
        return AppointmentView(
            id=self.id,
            version=self.version,
            status=self.status,
            location_id=self.location_id,
            practitioner_id=self.practitioner_id,
            room_id=self.room_id,
            client_id=self.client_id,
            treatment_id=self.treatment_id,
            start=wall_time.at_offset(self.start, self.timezone),
            end=wall_time.at_offset(self.end, self.timezone),
            local_start=self.local_start,
            timezone=self.timezone,
            tzdata_version=self.tzdata_version,
            fold=self.fold,
            turnover=self.turnover,
            price=self.price,
            policy=self.policy,
            series_id=self.series_id,
            reason=self.reason,
            equipment_id=self.equipment_id,
            choice=self.choice,
            overlaps=self.overlaps,
            override=self.override,
            fee=self.fee,
            deposit=self.deposit,
            acknowledged_alerts=self.acknowledged_alerts,
            warnings=self.warnings,
        )

    @property
    def deposit(self) -> Money | None:
        """What the client owes before the visit."""
        return policies.deposit(self.policy, self.price)

    @property
    def is_hold(self) -> bool:
        """Say whether it is nobody's yet."""
        return self.status == "pending"

    def is_live(self, now: datetime) -> bool:
        """Say whether it holds its time: a hold does until it expires."""
        unexpired = self.expires_at is None or now < self.expires_at
        return self.status in HOLDS_ITS_TIME and unexpired

    def book_for(self, client_id: str) -> tuple[Self, AppointmentBooked]:
        """Make a held time a client's visit."""
        if not self.is_hold:
            raise IllegalTransition("appointment", self.status, "booked")
        booked = replace(self, status="booked", client_id=client_id, expires_at=None)
        return booked, AppointmentBooked(visit=booked.visit, deposit=booked.deposit)

    def acknowledging(self, alert_ids: Iterable[str]) -> Self:
        """Return the visit with alerts of the client's that were read for it."""
        known = dict.fromkeys((*self.acknowledged_alerts, *alert_ids))
        return replace(self, acknowledged_alerts=tuple(known)[:ALERTS_KEPT])

    def arrive(self) -> tuple[Self, AppointmentArrived]:
        """Record that the client is here."""
        changed = self._become("arrived")
        return changed, AppointmentArrived(visit=changed.visit)

    def unarrive(self) -> tuple[Self, AppointmentUnarrived]:
        """Take a mistaken arrival back."""
        changed = self._become("booked")
        return changed, AppointmentUnarrived(visit=changed.visit)

    def fulfil(self, now: datetime) -> tuple[Self, AppointmentFulfilled]:
        """Record that the treatment was given."""
        changed = replace(self._become("fulfilled"), fulfilled_at=now)
        return changed, AppointmentFulfilled(visit=changed.visit)

    def mark_no_show(
        self, reason: str | None, *, waive_fee: bool, because: Because = "other"
    ) -> tuple[Self, AppointmentMissed]:
        """Record that the client did not come; the time is free again.

        Raises Invalid when the fee is to be waived and nobody said why.
        """
        policies.check_waiver(reason, because, waive=waive_fee)
        due = policies.charge(self.policy, self.price, "no_show", because, waive=waive_fee)
        changed = replace(self._become("noshow"), reason=reason, fee=due.fee)
        return changed, AppointmentMissed(
            visit=changed.visit,
            fee_waived=waive_fee or due.waived_because is not None,
            fee=due.fee,
            fee_reason=due.reason,
            waived_because=due.waived_because,
        )

    def cancel(
        self, reason: str | None, now: datetime, *, waive_fee: bool, because: Because = "other"
    ) -> tuple[Self, AppointmentCancelled]:
        """Call the visit off; late, which costs, when inside the window it was booked under.

        Raises Invalid when the fee is to be waived and nobody said why.
        """
        policies.check_waiver(reason, because, waive=waive_fee)
        late = policies.is_late(self.policy, self.start, now)
        due = policies.Charge()
        if late:
            due = policies.charge(
                self.policy, self.price, "late_cancellation", because, waive=waive_fee
            )
        changed = replace(self._become("cancelled"), reason=reason, fee=due.fee)
        return changed, AppointmentCancelled(
            visit=changed.visit,
            late=late,
            fee_waived=waive_fee or due.waived_because is not None,
            fee=due.fee,
            fee_reason=due.reason,
            waived_because=due.waived_because,
        )

    def terms_in(self, offering: Offering, start: datetime) -> Offering:
        """Return an offering with this visit's length and turnover, and at its time its unit."""
        minutes = (self.end - self.start) // timedelta(minutes=1)
        terms = replace(offering.treatment, duration=minutes, turnover=self.turnover)
        stays = (offering.location.id, start) == (self.location_id, self.start)
        kept = self.equipment_id if stays else None
        return replace(offering, treatment=terms, kept_unit=kept)

    def move(self, terms: Terms) -> tuple[Self, AppointmentMoved]:
        """Give the visit another time, practitioner, room or location; what was agreed stays."""
        location, found = terms.offering.location, terms.found
        if self.status != "booked":
            raise IllegalTransition("appointment", self.status, "booked")
        moved = replace(
            self,
            location_id=location.id,
            practitioner_id=found.practitioner_id,
            room_id=found.room_id,
            equipment_id=found.equipment_id,
            start=terms.start,
            end=terms.start + (self.end - self.start),
            local_start=terms.local,
            timezone=location.timezone,
            tzdata_version=terms.tzdata,
            fold=terms.fold,
            claims_client=location.clients_in_one_place,
        )
        return moved, AppointmentMoved(visit=moved.visit, previous=self.visit)

    def _become(self, status: AppointmentStatus) -> Self:
        if status not in NEXT[self.status]:
            raise IllegalTransition("appointment", self.status, status)
        return replace(self, status=status)


def hold(id_: str, terms: Terms, until: datetime | None = None) -> Appointment:
    """Return a time held for nobody yet, under the terms of today."""
    location, treatment = terms.offering.location, terms.offering.treatment
    return Appointment(
        id=id_,
        version=1,
        status="pending",
        location_id=location.id,
        practitioner_id=terms.found.practitioner_id,
        room_id=terms.found.room_id,
        equipment_id=terms.found.equipment_id,
        choice=terms.found.choice,
        client_id="",
        treatment_id=treatment.id,
        start=terms.start,
        end=terms.start + timedelta(minutes=treatment.duration),
        local_start=terms.local,
        timezone=location.timezone,
        tzdata_version=terms.tzdata,
        fold=terms.fold,
        turnover=treatment.turnover,
        price=price_of(treatment, location.id, terms.found.practitioner_id, terms.local.date()),
        policy=policies.agreed(location, treatment),
        claims_client=location.clients_in_one_place,
        expires_at=until,
    )


def book(id_: str, client_id: str, terms: Terms) -> tuple[Appointment, AppointmentBooked]:
    """Return a new appointment under the terms of today, and the event that tells of it."""
    return hold(id_, terms).book_for(client_id)


def claim_keys(ids: Iterable[str], start: datetime, end: datetime, turnover: int = 0) -> list[str]:
    """Return one key per resource and tick of ``[start, end + turnover minutes)``."""
    held = wall_time.ticks(start, end + timedelta(minutes=turnover))
    return [f"{id_}|{tick}" for id_ in ids for tick in held]
