"""Bulk moves in MongoDB: each plan as it was begun, so that a repeat ends what was begun."""

from dataclasses import asdict
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from booking.domain.availability import Resources
from booking.domain.bulk_move import BulkMove, Step
from clinic_contracts.booking.day import Obstacle
from clinic_contracts.trusted import dump, read

Document = dict[str, Any]


class MongoBulkMoves:
    """The plans; what became of each step stands in the visits themselves."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["bulk_moves"]

    def add(self, made: BulkMove) -> BulkMove:
        """Keep a plan, or return the one of that id that is kept."""
        document = {
            "_id": made.id,
            "location_id": made.location_id,
            "actor": made.actor,
            "at": made.at,
            "reason": made.reason,
            "steps": [_step(step) for step in made.steps],
        }
        try:
            self.collection.insert_one(document)
        except DuplicateKeyError:
            stored = self.get(made.id)
            if stored is None:
                raise
            return stored
        return made

    def get(self, id_: str) -> BulkMove | None:
        """Return one, or None."""
        found = self.collection.find_one({"_id": id_})
        if found is None:
            return None
        plain = {name: found[name] for name in ("location_id", "actor", "at", "reason")}
        return BulkMove(id=id_, **plain, steps=tuple(map(_read_step, found["steps"])))


def _step(step: Step) -> Document:
    return {
        "appointment_id": step.appointment_id,
        "version": step.version,
        "fold": step.fold,
        "found": None if step.found is None else asdict(step.found),
        "room_kept": step.room_kept,
        "why": None if step.why is None else dump(step.why),
    }


def _read_step(found: Document) -> Step:
    taken, why = found["found"], found["why"]
    return Step(
        appointment_id=found["appointment_id"],
        version=found["version"],
        fold=found["fold"],
        found=None if taken is None else Resources(**taken),
        room_kept=found["room_kept"],
        why=None if why is None else read(Obstacle, why),
    )
