"""What a client is told in each story, by the rules alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from clinic_contracts.booking.events import Visit
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from notification import use_cases
from notification.domain import (
    Contact,
    Message,
    Place,
    Planned,
    Situation,
    Told,
    schedule,
    visit_to_tell,
)
from notification.ports import AlreadyRemindedError
from notification.testing import GRACE

THERAPISTS = {"prac_1": "Robin", "prac_2": "Sam"}


@dataclass
class Row:
    """A message as memory keeps it."""

    message: Message
    planned: Visit
    due_at: datetime
    state: str = "scheduled"
    told_at: datetime | None = None
    told_version: int = 0


@dataclass
class Memory:
    """Messages in memory: the database's promises, without a database."""

    rows: list[Row] = field(default_factory=list)
    visit: Any = None

    def keep_visit(self, visit: Visit, version: int, status: str) -> None:
        self.visit = (visit, version, status)

    def plan(
        self, visit: Visit, version: int, planned: Sequence[Planned], context: CallContext
    ) -> None:
        for each in planned:
            message = Message(
                id=f"msg_{version}{each.kind}",
                version=1,
                kind=each.kind,
                appointment_id="apt_1",
                client_id="cli_1",
                location_id="loc_1",
                subject={},
                attempts=0,
                first_taken_at=each.due_at,
                context=context,
            )
            self.rows.append(Row(message, visit, each.due_at))

    def take(self, at: datetime) -> Message | None:
        due = [row for row in self.rows if row.state == "scheduled" and row.due_at <= at]
        if not due:
            return None
        row = min(due, key=lambda row: row.due_at)
        row.state = "sending"
        row.message = replace(row.message, attempts=row.message.attempts + 1)
        return row.message

    def situation(self, message: Message) -> Situation:
        visit, version, status = self.visit
        told = [r for r in self.rows if r.told_at is not None and r.message.kind != "cancelled"]
        last = max(told, key=lambda row: (row.told_version, str(row.told_at)), default=None)
        known = None if last is None else Told(visit=last.planned, certain=True)
        therapist = THERAPISTS[visit_to_tell(message.kind, visit, known).practitioner_id]
        return Situation(
            planned=self._row(message).planned,
            visit=visit,
            version=version,
            status=status,
            contact=Contact(name="Ada", email="ada@example.org", wants_email=True),
            place=Place(location="Fernwood", address="1 Main", practitioner=therapist),
            told=known,
        )

    def hand_over(self, message: Message, visit: Visit, version: int, at: datetime) -> None:
        others = [row for row in self.rows if row.message.kind == message.kind == "reminder"]
        if any(row.told_at and schedule(row.planned) == schedule(visit) for row in others):
            raise AlreadyRemindedError
        row = self._row(message)
        row.told_at, row.told_version = at, version

    def sent(self, message: Message, _reason: str, _at: datetime) -> None:
        self._row(message).state = "sent"

    def ended(self, message: Message, state: str, _reason: str, _at: datetime) -> None:
        self._row(message).state = state

    def delay(self, message: Message, until: datetime, _reason: str, *, attempts: int) -> None:
        row = self._row(message)
        row.state, row.due_at = "scheduled", until
        row.message = replace(message, attempts=attempts)

    def _row(self, message: Message) -> Row:
        return next(row for row in self.rows if row.message.id == message.id)


def test_a_client_is_told_what_is_true_once(story: Any, play: Any) -> None:
    memory: Any = Memory()

    def follow(event: Event) -> None:
        use_cases.follow_visit(event, GRACE, memory, memory)

    assert tuple(play(story, memory, follow)) == story.told
    assert {row.state for row in memory.rows} <= {"sent", "skipped"}
