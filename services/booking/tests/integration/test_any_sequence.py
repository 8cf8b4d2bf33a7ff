"""Whatever is done in whatever order, no time is had twice and what is offered can be had."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pymongo.database import Database

from booking import repository
from booking.domain.appointment import Appointment
from booking.ports import Desk
from booking.testing import NOW, TEN, Clinic, context
from booking.use_cases import appointments, holds
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.holds import PlaceHold
from clinic_contracts.context import CallContext
from clinic_contracts.errors import HoldUsed, IllegalTransition, NotFound, SlotTaken

BEGIN = datetime(2026, 12, 1, 8, tzinfo=UTC)
QUARTERS = st.integers(0, 11).map(lambda quarter: TEN + timedelta(minutes=15 * quarter))
PEOPLE = st.integers(0, 2)
CLIENTS = st.sampled_from(["cli_1", "cli_2", "cli_3"])
REFUSALS = (SlotTaken, HoldUsed, IllegalTransition, NotFound)
"""What a sequence may run into; anything else is a fault."""


class Numbered(Clinic):
    """A clinic whose ids are the same each time, for a sequence to be replayed."""

    def desk(self, caller: CallContext | None = None, now: datetime = NOW) -> Desk:
        self.operations = getattr(self, "operations", 0) + 1
        numbered = context(f"{self.operations:026}", may_override=True)
        return super().desk(caller or numbered, now)


class Sequence(RuleBasedStateMachine):
    """A clinic of two rooms, two therapists and one lift, where clients are in one place."""

    given: Callable[[], Database[dict[str, Any]]]

    @initialize()
    def open(self) -> None:
        self.database, self.taken = type(self).given(), 0
        for name in (*repository.OUTBOXES, "closures"):
            self.database[name].delete_many({})
        self.clinic = Numbered(self.database)
        lift = [{"kind": "lift", "count": 1}]
        self.clinic.location = self.clinic.change_location(
            equipment=lift, clients_in_one_place=True
        )
        lifted = self.clinic.new_treatment(equipment_kind="lift", duration=30, turnover=5)
        self.treatments = [self.clinic.treatment.id, lifted.id]
        self.people = [
            self.clinic.new_therapist(name, treatments=self.treatments).id for name in ("A", "B")
        ]
        self.now, self.held = BEGIN, list[str]()

    def desk(self) -> Any:
        return self.clinic.desk(now=self.now)

    def wanted(self, start: datetime, treatment: int, person: int) -> dict[str, Any]:
        return {
            "location_id": self.clinic.location.id,
            "treatment_id": self.treatments[treatment],
            "practitioner_id": [*self.people, "any"][person],
            "local_start": start,
        }

    def book(self, **fields: Any) -> Appointment | None:
        try:
            return appointments.book_appointment(r.BookAppointment(**fields), self.desk())
        except REFUSALS:
            return None

    @rule(start=QUARTERS, treatment=st.integers(0, 1), person=PEOPLE, client=CLIENTS)
    def books(self, start: datetime, treatment: int, person: int, client: str) -> None:
        self.book(**self.wanted(start, treatment, person), client_id=client)

    @rule(start=QUARTERS, treatment=st.integers(0, 1), person=st.integers(0, 1), client=CLIENTS)
    def overrides(self, start: datetime, treatment: int, person: int, client: str) -> None:
        wanted = self.wanted(start, treatment, person)
        self.book(**wanted, client_id=client, override=r.Override(reason="urgent"))

    @rule(start=QUARTERS, treatment=st.integers(0, 1), person=PEOPLE)
    def holds(self, start: datetime, treatment: int, person: int) -> None:
        with suppress(SlotTaken):
            request = PlaceHold(**self.wanted(start, treatment, person))
            self.held.append(holds.place_hold(request, self.desk()).id)

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 9), client=CLIENTS)
    def books_a_hold(self, which: int, client: str) -> None:
        id_ = self.held[which % len(self.held)]
        kept = self.database["appointments"].find_one({"_id": "apt_" + id_.removeprefix("hold_")})
        if kept is not None:
            fields = ("location_id", "treatment_id", "practitioner_id")
            same = {name: kept[name] for name in fields}
            start = datetime.fromisoformat(kept["local_start"])
            self.book(**same, local_start=start, client_id=client, hold_id=id_)

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 9))
    def releases_a_hold(self, which: int) -> None:
        with suppress(NotFound):
            holds.release_hold(self.held[which % len(self.held)], self.desk())

    @rule(minutes=st.sampled_from([1, 4, 6]))
    def waits(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(which=st.integers(0, 30), start=QUARTERS, person=PEOPLE)
    def moves(self, which: int, start: datetime, person: int) -> None:
        for visit in self.one(which):
            request = r.MoveAppointment(
                appointment_id=visit.id,
                expected_version=visit.version,
                local_start=start,
                practitioner_id=[*self.people, "any"][person],
            )
            with suppress(*REFUSALS):
                appointments.move_appointment(request, self.desk())

    @rule(which=st.integers(0, 30), change=st.sampled_from(["cancel", "arrive", "no-show"]))
    def changes(self, which: int, change: str) -> None:
        for visit in self.one(which):
            request = r.ChangeStatus(appointment_id=visit.id, waive_fee=False)
            with suppress(*REFUSALS):
                if change == "cancel":
                    self.clinic.cancel(visit)
                elif change == "arrive":
                    self.clinic.change(visit, Appointment.arrive)
                else:
                    appointments.mark_no_show(request, self.desk())

    def one(self, which: int) -> Iterator[Appointment]:
        rows = [row["_id"] for row in self.database["appointments"].find().sort("_id")]
        if rows:
            yield appointments.get_appointment(rows[which % len(rows)], self.desk())

    @invariant()
    def no_two_live_visits_share_a_claim_or_a_time_by_accident(self) -> None:
        rows = list(self.database["appointments"].find())
        shared = Counter(key for row in rows for key in row.get("claims", ()))
        assert not [key for key, count in shared.items() if count > 1]
        assert repository.findings(self.database) == {"overlaps": 0}
        live = [
            appointments.get_appointment(row["_id"], self.desk()) for row in rows if "claims" in row
        ]
        assert all(set(one.wanted_claims) <= shared.keys() for one in live)

    @rule(treatment=st.integers(0, 1), which=st.integers(0, 200), hold=st.booleans())
    def takes_what_is_offered(self, treatment: int, which: int, *, hold: bool) -> None:
        day = TEN.date().isoformat()
        asked = r.FindAvailability(
            location_id=self.clinic.location.id,
            treatment_id=self.treatments[treatment],
            from_=day,
            to=day,
        )
        slots = appointments.find_availability(asked, self.desk()).slots
        if not slots:
            return
        slot = slots[which % len(slots)]
        wanted = self.wanted(slot.local_start, treatment, 2)
        wanted |= {"practitioner_id": slot.practitioner_id, "room_id": slot.room_id}
        if hold:
            self.held.append(holds.place_hold(PlaceHold(**wanted), self.desk()).id)
        else:
            self.taken += 1
            request = r.BookAppointment(**wanted, client_id=f"cli_new{self.taken}")
            appointments.book_appointment(request, self.desk())


def test_any_sequence(database: Database[dict[str, Any]]) -> None:
    class Here(Sequence):
        given = staticmethod(lambda: database)

    Here.TestCase.settings = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    Here.TestCase().runTest()
