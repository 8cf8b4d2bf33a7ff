"""Series in MongoDB; a series and its visits are written in one transaction.

So nothing half-made can stay, whatever ends the process: a series of 104 visits is there with all
of what it was to have, or not at all.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from booking.domain.appointment import Appointment
from booking.domain.series import Occurrence, Part, Place, Refusal, Series
from booking.ports import Change, ClaimTakenError
from booking.repository.appointments import BY_START, MongoAppointments, StaleError
from booking.repository.queries import UNSEEN, wall
from booking.repository.visits import appointment_of
from clinic_contracts.booking.series import SeriesTemplate
from clinic_contracts.context import CallContext
from clinic_contracts.trusted import dump, read
from clinic_runtime import clock, outbox

Document = dict[str, Any]
HandOver = Callable[[], None]


def ensure(database: Database[Document]) -> None:
    """Make the index by which a series' visits are listed."""
    database["appointments"].create_index(
        [("series_id", ASCENDING), *BY_START], partialFilterExpression={"series_id": {"$gt": ""}}
    )


class MongoSeries:
    """Series, each a document that names its visits."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["series"]
        self.appointments = MongoAppointments(database)

    def get(self, id_: str) -> Series | None:
        """Return one, or None."""
        found = self.collection.find_one({"_id": id_})
        return None if found is None else _series(found)

    def visits(self, ids: Sequence[str]) -> dict[str, Appointment]:
        """Return those of the visits that there are."""
        found = self.appointments.collection.find({"_id": {"$in": list(ids)}}, UNSEEN)
        return {document["_id"]: appointment_of(document) for document in found}

    def add(self, series: Series, made: Sequence[Change], context: CallContext) -> bool:
        """Insert a series and its visits; False when it is there; raises ClaimTakenError."""
        document = {"_id": series.id, **_fields(series), **outbox.first_version(context)}

        def write(session: ClientSession) -> HandOver:
            self.collection.insert_one(document, session=session)
            return self.appointments.write((), made, context, session)

        try:
            self._together(write)
        except ClaimTakenError:
            if self.get(series.id) is None:
                raise
            return False
        return True

    def save(
        self,
        series: Series,
        made: Sequence[Change],
        changed: Sequence[Change],
        context: CallContext,
    ) -> bool:
        """Save a series and its changed visits over their versions, and insert those made.

        False when one is stale; raises ClaimTakenError. Changed visits may change places.
        """

        def write(session: ClientSession) -> HandOver:
            saved = outbox.update(
                self.collection,
                series.id,
                series.version,
                {"$set": _fields(series)},
                context=context,
                at=clock.now(),
                session=session,
            )
            if not saved:
                raise StaleError
            # First all let go of what they have: one may take what another leaves.
            self.appointments.collection.update_many(
                {"_id": {"$in": [visit.id for visit, _ in changed]}},
                {"$unset": {"claims": ""}},
                session=session,
            )
            return self.appointments.write(changed, made, context, session)

        try:
            self._together(write)
        except StaleError:
            return False
        return True

    def _together(self, write: Callable[[ClientSession], HandOver]) -> None:
        with self.collection.database.client.start_session() as session:
            try:
                hand_over = session.with_transaction(write)
            except (DuplicateKeyError, BulkWriteError) as error:
                raise ClaimTakenError from error
        hand_over()


def _fields(series: Series) -> Document:
    return {
        "template": dump(series.template),
        "timezone": series.timezone,
        "on_closure": series.on_closure,
        "parts": [
            {
                "first": part.first,
                "rrule": part.rrule,
                "practitioner_id": part.practitioner_id,
                "room_id": part.room_id,
            }
            for part in series.parts
        ],
        "occurrences": [_occurrence_fields(each) for each in series.occurrences],
    }


def _occurrence_fields(each: Occurrence) -> Document:
    fields: Document = {"on": wall(each.on), "outcome": each.outcome}
    if each.appointment_id is not None:
        fields["appointment_id"] = each.appointment_id
    if each.place is not None:
        place = each.place
        fields["place"] = [wall(place.local_start), place.practitioner_id, place.room_id]
    if each.refusal is not None:
        fields["refusal"] = [each.refusal.code, each.refusal.detail, each.refusal.reason]
    return fields


def _series(found: Document) -> Series:
    return Series(
        id=found["_id"],
        version=found["version"],
        template=read(SeriesTemplate, found["template"]),
        timezone=found["timezone"],
        on_closure=found["on_closure"],
        parts=tuple(Part(**part) for part in found["parts"]),
        occurrences=tuple(map(_occurrence, found["occurrences"])),
        operations=tuple(found["operations"]),
    )


def _occurrence(found: Document) -> Occurrence:
    place, refusal = found.get("place"), found.get("refusal")
    return Occurrence(
        on=datetime.fromisoformat(found["on"]),
        outcome=found["outcome"],
        appointment_id=found.get("appointment_id"),
        place=None if place is None else Place(datetime.fromisoformat(place[0]), *place[1:]),
        refusal=None if refusal is None else Refusal(*refusal),
    )
