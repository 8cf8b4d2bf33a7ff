"""Whom a round asks next, and the hold that keeps for them what they are asked about."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from booking.domain import appointment as visits
from booking.domain.appointment import Appointment
from booking.domain.availability import Resources, Span
from booking.domain.round import WAVE, Opening, Round
from booking.domain.waitlist import wants
from booking.ports import ClaimTakenError, Desk, Wanting
from booking.use_cases import clients
from booking.use_cases.claiming import Wanted, claim
from booking.use_cases.offering import offering_of
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.waitlist import WaitlistEntry
from clinic_contracts.errors import ClientBlocked, NotBookable, ReferralNeeded, SlotTaken

MARGIN = timedelta(minutes=2)
"""How long a time is kept beyond what is due. When no replica goes on by then, it is free."""


def next_wave(
    current: Round, held: Appointment | None, until: datetime, desk: Desk
) -> list[WaitlistEntry]:
    """Return whom to ask next, at most three, with the time held for all of them until then.

    ``held`` is the hold as an earlier wave left it. Raises HoldChangedError.

    Nobody who could take the time is passed over: where somebody needs another room or a unit that
    the hold does not have, the wave ends before them, and the next one begins with them.
    """
    hold = _Hold(desk, current, held, until + MARGIN)
    asked: list[WaitlistEntry] = []
    for entry in who_want(current, desk):
        if entry.client_id in {one.client_id for one in asked}:
            continue
        try:
            if _could_come(entry, current.opening, desk) and hold.serves(entry.treatment_id):
                asked.append(entry)
        except _NeedsAnotherError:
            break
        if len(asked) == WAVE:
            break
    return asked


def wanted_at(opening: Opening, treatment_id: str, desk: Desk) -> Wanted:
    """Return a treatment as wanted at the freed time, by the practitioner whose time it is."""
    offering = offering_of(desk, opening.location_id, treatment_id, opening.practitioner_id)
    return Wanted(
        offering=offering, local=opening.local_start, start=opening.start, fold=opening.fold
    )


def may_come(entry: WaitlistEntry, opening: Opening, desk: Desk) -> bool:
    """Say whether nothing known of the client forbids the visit; their later one is given up."""
    wanted = replace(wanted_at(opening, entry.treatment_id, desk), client_id=entry.client_id)
    try:
        clients.check_wanted(wanted, entry.appointment_id or "", desk)
    except (ClientBlocked, ReferralNeeded):
        return False
    return True


def who_want(current: Round, desk: Desk) -> Iterator[WaitlistEntry]:
    """Yield who wants the freed time and was not asked yet, by precedence."""
    opening = current.opening
    person = desk.settings.known(r.PractitionerView, opening.practitioner_id)
    given = () if person is None else person.treatment_ids
    for entry in desk.waitlist.waiting_for(opening, given) if given else ():
        treatment = desk.settings.known(r.TreatmentView, entry.treatment_id)
        if entry.id in current.entry_ids or treatment is None:
            continue
        if wants(entry, opening, treatment.duration):
            yield entry


class HoldChangedError(Exception):
    """Another replica takes the same step, or somebody gave the hold back: look again."""


class _NeedsAnotherError(Exception):
    """What is held for those asked before cannot serve this one as well."""


class _Hold:
    """A round's hold: made for the first of a wave, and longer where a later one needs that."""

    def __init__(
        self, desk: Desk, current: Round, held: Appointment | None, until: datetime
    ) -> None:
        self.desk, self.current, self.held, self.until = desk, current, held, until
        self.is_for_somebody = False
        self.served: dict[str, bool] = {}

    def serves(self, treatment_id: str) -> bool:
        """Say whether the treatment can be had then, and have it held if so.

        Raises _NeedsAnotherError when it can, but not with what is held for others.
        """
        if treatment_id not in self.served:
            self.served[treatment_id] = self._can_be_had(treatment_id)
        return self.served[treatment_id]

    def _can_be_had(self, treatment_id: str) -> bool:
        wanted = wanted_at(self.current.opening, treatment_id, self.desk)
        wanted = replace(wanted, moving=self.held)
        try:
            self.held = claim(self.desk, wanted, lambda found: self._hold(wanted, found))
        except (NotBookable, SlotTaken):
            return False
        self.is_for_somebody = True
        return True

    def _hold(self, wanted: Wanted, found: Resources) -> Appointment:
        held = self.held
        if held is None or not self.is_for_somebody:
            return self._write(wanted, found)
        if not set(found.ids) <= set(held.resources.ids):
            raise _NeedsAnotherError
        kept = Span(held.start, held.end + timedelta(minutes=held.turnover))
        if wanted.span.end <= kept.end:
            return held
        try:
            return self._write(wanted, held.resources)
        except ClaimTakenError as error:
            raise _NeedsAnotherError from error

    def _write(self, wanted: Wanted, found: Resources) -> Appointment:
        terms = wanted.terms(found, self.desk.tzdata)
        made = visits.hold(self.current.hold_id, terms, self.until)
        if self.held is None:
            stored = self.desk.appointments.add(made, None, self.desk.context)
            if _keeps(stored) != _keeps(made):
                raise HoldChangedError
            return stored
        made = replace(made, version=self.held.version)
        if not self.desk.appointments.save(made, None, self.desk.context):
            raise HoldChangedError
        return replace(made, version=made.version + 1)


def _keeps(held: Appointment) -> tuple[Resources, datetime, int, datetime | None]:
    return held.resources, held.end, held.turnover, held.expires_at


def _could_come(entry: WaitlistEntry, opening: Opening, desk: Desk) -> bool:
    """Say whether the time is earlier than the client's visit, and the client may and can come."""
    later = None if entry.appointment_id is None else desk.appointments.get(entry.appointment_id)
    if later is not None and later.status == "booked" and later.start <= opening.start:
        return False
    if not may_come(entry, opening, desk):
        return False
    wanted = wanted_at(opening, entry.treatment_id, desk)
    if not wanted.offering.location.clients_in_one_place:
        return True
    wanting = Wanting(
        practitioner_ids=(),
        room_ids=(),
        equipment_ids=(),
        span=wanted.visit,
        client_id=entry.client_id,
    )
    busy = desk.appointments.busy(wanting, desk.now)
    return all(one.appointment_id == entry.appointment_id for one in busy)
