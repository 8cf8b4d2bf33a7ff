"""For tests: a clinic in a database of its own, and the calls the service makes on it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from pymongo.database import Database

from booking import repository
from booking.domain.appointment import Appointment, Terms, book
from booking.domain.availability import Offering, Resources
from booking.holidays import Statutory
from booking.ports import Desk
from booking.recurrence import recur
from booking.service import BookingService
from booking.use_cases import appointments, holds, lists, settings
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.holds import HoldView, PlaceHold
from clinic_contracts.booking.offer_token import offer_token
from clinic_contracts.constraints import Weekday
from clinic_contracts.context import CallContext
from clinic_contracts.money import Money
from clinic_contracts.schemas import load
from clinic_runtime.ids import derived_id, ulid

TEN = datetime(2026, 12, 1, 10)  # noqa: DTZ001 (wall time)
OFFER_SECRET = "a secret for tests"  # noqa: S105 (no installation's)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


def context(operation_id: str | None = None, **more: Any) -> CallContext:  # noqa: ANN401
    """Return a caller who sees everything, unless ``more`` says otherwise."""
    return CallContext(
        actor="staff:test", correlation_id=ulid(), operation_id=operation_id or ulid(), **more
    )


def service_on(database: Database[dict[str, Any]]) -> BookingService:
    """Return the service with a database, as a worker has it."""
    service = BookingService()
    service.database = database  # type: ignore[assignment]  # nameko injects what the provider gives
    service.recent = repository.Recent()  # type: ignore[assignment]
    service.offer_secret = OFFER_SECRET  # type: ignore[assignment]
    return service


def fulfil(made: Appointment) -> tuple[Appointment, Any]:
    """Record that the treatment was given, at ``NOW``."""
    return made.fulfil(NOW)


def desk_on(
    database: Database[dict[str, Any]],
    caller: CallContext,
    now: datetime = NOW,
    recent: repository.Recent | None = None,
) -> Desk:
    """Return what a use case works with, on a database."""
    known = recent or repository.Recent()
    return Desk(
        settings=repository.MongoSettings(database, known),
        appointments=repository.MongoAppointments(database),
        series=repository.MongoSeries(database),
        recur=recur,
        closures=repository.MongoClosures(database, known, now),
        holidays=Statutory(),
        editions=repository.MongoEditions(database),
        clients=repository.MongoClients(database),
        feeds=repository.MongoFeeds(database),
        bulk_moves=repository.MongoBulkMoves(database),
        usage=repository.MongoUsage(database),
        context=caller,
        now=now,
        tzdata="2026.6",
        waitlist=repository.MongoWaitlist(database),
        offer_token=partial(offer_token, OFFER_SECRET),
        derived_id=derived_id,
    )


class Clinic:
    """One location with two rooms, one treatment, two therapists."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Open it in an empty database."""
        self.database = database
        self.recent = repository.Recent()
        repository.ensure(database)
        self.location = self.new_location()
        self.treatment = self.new_treatment()
        self.therapists = [self.new_therapist(name) for name in ("Robin", "Sam")]

    def desk(self, caller: CallContext | None = None, now: datetime = NOW) -> Desk:
        """Return what a use case works with, a week before the tests' day."""
        return desk_on(self.database, caller or context(), now, self.recent)

    def new_location(self, name: str = "Fernwood", **more: Any) -> r.LocationView:  # noqa: ANN401
        """Open a location with two rooms; ``more`` is as on the wire."""
        base = {
            "name": name,
            "timezone": "America/Vancouver",
            "hours": {day: [["09:00", "18:00"]] for day in WEEK},
            "rooms": [{"name": "One"}, {"name": "Two"}],
        }
        request = load(r.CreateLocation, {**base, **more})
        return settings.create_location(request, self.desk())

    def change_location(
        self,
        caller: CallContext | None = None,
        **change: Any,  # noqa: ANN401
    ) -> r.LocationView:
        """Change the location; ``change`` is as on the wire."""
        request = load(r.ChangeLocation, {"location_id": self.location.id, **change})
        return settings.change_location(request, self.desk(caller))

    def new_treatment(self, **more: Any) -> r.TreatmentView:  # noqa: ANN401
        """Offer a treatment of an hour."""
        price = Money(amount_minor=11500)
        request = r.CreateTreatment(name="Massage", duration=60, price=price)
        return settings.create_treatment(replace(request, **more), self.desk())

    def new_therapist(
        self, name: str, locations: Sequence[str] = (), treatments: Sequence[str] = ()
    ) -> r.PractitionerView:
        """Take on somebody who works from nine to five at each of the locations."""
        at = locations or [self.location.id]
        hours = {"start": "09:00", "end": "17:00"}
        request = load(
            r.CreatePractitioner,
            {
                "name": name,
                "location_ids": list(at),
                "treatment_ids": list(treatments) or [self.treatment.id],
                "registration": {"college": "CCHPBC", "number": "1"},
                "shifts": [
                    {"location_id": there, "weekday": day, **hours} for there in at for day in WEEK
                ],
            },
        )
        return settings.create_practitioner(request, self.desk())

    def change_therapist(self, person: r.PractitionerView, **change: Any) -> r.PractitionerView:  # noqa: ANN401
        """Change a therapist; ``change`` is as on the wire."""
        request = load(r.ChangePractitioner, {"practitioner_id": person.id, **change})
        return settings.change_practitioner(request, self.desk())

    def request(self, **more: Any) -> r.BookAppointment:  # noqa: ANN401
        """Return a request for the tests' day at ten."""
        base = r.BookAppointment(
            location_id=self.location.id,
            treatment_id=self.treatment.id,
            client_id="cli_1",
            local_start=TEN,
        )
        return replace(base, **more)

    def book(self, caller: CallContext | None = None, **more: Any) -> Appointment:  # noqa: ANN401
        """Book it."""
        return appointments.book_appointment(self.request(**more), self.desk(caller))

    def hold(self, **more: Any) -> HoldView:  # noqa: ANN401
        """Keep the tests' time for five minutes."""
        request = PlaceHold(
            location_id=self.location.id, treatment_id=self.treatment.id, local_start=TEN
        )
        return holds.place_hold(replace(request, **more), self.desk())

    def search(self, caller: CallContext | None = None, **more: Any) -> Sequence[r.Slot]:  # noqa: ANN401
        """Return what is free on the tests' day."""
        request = r.FindAvailability(
            location_id=self.location.id,
            treatment_id=self.treatment.id,
            from_=TEN.date().isoformat(),
            to=TEN.date().isoformat(),
        )
        found = appointments.find_availability(replace(request, **more), self.desk(caller))
        return found.slots

    def list(self, **more: Any) -> tuple[r.AppointmentView, ...]:  # noqa: ANN401
        """Return the location's visits on the tests' day."""
        request = r.ListAppointments(location_id=self.location.id, date=TEN.date().isoformat())
        return lists.list_appointments(replace(request, **more), self.desk()).items

    def move(self, booked: Appointment, **more: Any) -> Appointment:  # noqa: ANN401
        """Move a visit from the version given."""
        request = r.MoveAppointment(
            appointment_id=booked.id, expected_version=booked.version, **more
        )
        return appointments.move_appointment(request, self.desk())

    def cancel(self, booked: Appointment) -> Appointment:
        """Call a visit off."""
        request = r.CancelAppointment(appointment_id=booked.id)
        return appointments.cancel_appointment(request, self.desk())

    def change(self, booked: Appointment, change: Callable[[Appointment], Any]) -> Appointment:
        """Apply a transition."""
        request = r.ChangeStatus(appointment_id=booked.id)
        return appointments.change_status(request, self.desk(), change)


def offering(
    rooms: Sequence[str] = ("room_1", "room_2"),
    people: Sequence[str] = ("prac_1", "prac_2"),
    units: int | None = None,
    kept_unit: str | None = None,
) -> Offering:
    """Return an hour's treatment at a place open from nine to six; ``units`` of a lift it needs."""
    location = r.LocationView(
        id="loc_1",
        version=1,
        name="Fernwood",
        timezone="America/Vancouver",
        address="",
        hours=dict.fromkeys(WEEK, (("09:00", "18:00"),)),
        rooms=tuple(r.Room(id=id_, name=id_.title(), kinds=()) for id_ in rooms),
        equipment=() if units is None else (r.EquipmentPool(kind="lift", count=units),),
        tax_region="CA-BC",
    )
    treatment = r.TreatmentView(
        id="trt_1",
        version=1,
        name="Massage",
        duration=60,
        turnover=15,
        discipline="massage_therapy",
        room_kind=None,
        equipment_kind=None if units is None else "lift",
        price=Money(amount_minor=11500),
        online=False,
    )
    return Offering(location, treatment, tuple(map(practitioner, people)), kept_unit)


def practitioner(id_: str) -> r.PractitionerView:
    """Return somebody who works there from nine to five."""
    shifts = [
        r.ShiftSpec(location_id="loc_1", weekday=day, start="09:00", end="17:00") for day in WEEK
    ]
    return r.PractitionerView(
        id=id_,
        version=1,
        name=id_.title(),
        location_ids=("loc_1",),
        treatment_ids=("trt_1",),
        registration=r.Registration(college="CCHPBC", number="1"),
        gst_registered=False,
        shifts=tuple(shifts),
    )


def visit(status: r.AppointmentStatus = "booked", **more: Any) -> Appointment:  # noqa: ANN401
    """Return a visit of that offering on the tests' day at ten."""
    made, _ = book("apt_1", "cli_1", terms())
    return replace(made, status=status, **more)


def terms(**more: Any) -> Terms:  # noqa: ANN401
    """Return what that visit is made of."""
    agreed = Terms(
        offering=offering(),
        found=Resources("prac_1", "room_1"),
        local=TEN,
        start=TEN.replace(tzinfo=UTC) + timedelta(hours=7),
        tzdata="2026.6",
    )
    return replace(agreed, **more)
