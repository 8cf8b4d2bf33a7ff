"""For tests: those who wait at a clinic, and what happens when a time becomes free."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from booking import sweeping
from booking.domain.appointment import Appointment
from booking.domain.round import Round
from booking.ports import Desk
from booking.testing import NOW, OFFER_SECRET, Clinic, context
from booking.use_cases import offers, rounds, waitlist
from clinic_contracts.booking import waitlist as w
from clinic_contracts.booking.offer_token import offer_token
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.schemas import load

MORNING = NOW + timedelta(hours=5)
"""Nine o'clock in Vancouver: people may be asked."""
DECEMBER = {"from": "2026-12-01", "to": "2026-12-31"}


class Queue:
    """A clinic's waitlist, whose clock stands where the test puts it."""

    def __init__(self, clinic: Clinic) -> None:
        """Begin with nobody."""
        self.clinic = clinic
        self.now = MORNING

    def desk(self, caller: CallContext | None = None) -> Desk:
        """Return what a use case works with."""
        return self.clinic.desk(caller, self.now)

    def join(
        self,
        client_id: str,
        caller: CallContext | None = None,
        **more: Any,  # noqa: ANN401
    ) -> w.WaitlistEntry:
        """Have a client wait, a second after the one before; ``more`` is as on the wire."""
        self.now += timedelta(seconds=1)
        asked = {
            "client_id": client_id,
            "treatment_id": self.clinic.treatment.id,
            "location_ids": [self.clinic.location.id],
            "windows": [DECEMBER],
        }
        return waitlist.join_waitlist(load(w.JoinWaitlist, asked | more), self.desk(caller))

    def entry(self, id_: str) -> w.WaitlistEntry:
        """Return an entry as it is now."""
        return waitlist.get_entry(id_, self.desk())

    def freed(self, booked: Appointment) -> Event:
        """Call a visit off, and return its event, as the broker would hand it over."""
        self.clinic.cancel(booked)
        return self.last_event(booked)

    def last_event(self, visit: Appointment) -> Event:
        """Return the last event of a visit."""
        desk, stored = self.desk(), self.clinic.database["appointments"]
        version = stored.find_one({"_id": visit.id}, {"version": 1}) or {}
        event = desk.appointments.event_of(visit.id, version["version"])
        if event is None:
            raise LookupError(visit.id)
        return replace(event, occurred_at=self.now)

    def offer(self, event: Event) -> Round:
        """Handle the event, and return the round it began."""
        rounds.time_freed(event, self.desk(event.caused()))
        return self.round(event)

    def round(self, event: Event) -> Round:
        """Return the round of an event as it is now."""
        desk = self.desk()
        found = desk.waitlist.get_round(desk.derived_id("rnd", event.id))
        if found is None:
            raise LookupError(event.id)
        return found

    def sweep(self, minutes: int = 0) -> None:
        """Have the timer come round after so many minutes."""
        self.now += timedelta(minutes=minutes)
        sweeping.advance_rounds(self.desk)

    def token(self, entry: w.WaitlistEntry) -> str:
        """Return the token in the letter of an entry's latest offer."""
        return offer_token(OFFER_SECRET, self.entry(entry.id).offers[-1].offer_id)

    def accept(self, entry: w.WaitlistEntry, at: datetime | None = None) -> Appointment:
        """Have a client take what they were offered."""
        return offers.accept_offer(self.token(entry), self.clinic.desk(public(), at or self.now))

    def decline(self, entry: w.WaitlistEntry) -> w.OfferView:
        """Have a client leave it to the next."""
        return offers.decline_offer(self.token(entry), self.desk(public()))

    def withdraw(self, entry: w.WaitlistEntry) -> w.WaitlistEntry:
        """Have a client wait no longer."""
        return waitlist.withdraw(w.WithdrawWaitlistEntry(entry_id=entry.id), self.desk())

    def visit(self, id_: str) -> Appointment:
        """Return a visit, or a hold, as it is now."""
        found = self.desk().appointments.get(id_)
        if found is None:
            raise LookupError(id_)
        return found

    def statuses(self, *entries: w.WaitlistEntry) -> list[str]:
        """Return what each of the entries is now."""
        return [self.entry(entry.id).status for entry in entries]

    def visits(self) -> list[dict[str, Any]]:
        """Return every booked visit's document."""
        return list(self.clinic.database["appointments"].find({"status": "booked"}))


def public() -> CallContext:
    """Return whoever has a link: not signed in, and shown no location's records."""
    return context(location_scope=())
