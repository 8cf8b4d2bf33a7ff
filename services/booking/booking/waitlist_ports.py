"""What the waitlist's use cases need of the outside, said by them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from booking.domain.appointment import Appointment
from booking.domain.round import Opening, Round
from clinic_contracts.booking.waitlist import EntryStatus, WaitlistEntry, WaitlistFigures
from clinic_contracts.context import CallContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step of a round writes, all of it or nothing.

    The round over its version; each entry, and each visit, over its version with the event that
    tells of it.
    """

    round: Round
    entries: Sequence[tuple[WaitlistEntry, Any]]
    visits: Sequence[tuple[Appointment, Any]] = ()


class Waitlist(Protocol):
    """Who waits, and the rounds in which freed times are offered to them."""

    def add(self, entry: WaitlistEntry, event: Any, context: CallContext) -> WaitlistEntry:  # noqa: ANN401
        """Add it, or return the one a first try of the same operation added.

        Raises AlreadyExists when the client waits for that treatment already.
        """

    def get(self, id_: str) -> WaitlistEntry | None:
        """Return one, or None."""

    def save(self, entry: WaitlistEntry, event: Any, context: CallContext) -> bool:  # noqa: ANN401
        """Save over ``entry.version``; False when stale."""

    def page(
        self, location_id: str, status: EntryStatus | None, cursor: str | None, limit: int
    ) -> tuple[list[WaitlistEntry], str | None]:
        """Return up to ``limit``, the longest waiting first, and the cursor of the next page.

        Raises Invalid for a cursor that is none.
        """

    def waiting_for(
        self, opening: Opening, treatment_ids: Sequence[str]
    ) -> Iterator[WaitlistEntry]:
        """Yield who waits for such a day there, by precedence."""

    def past(self, day: date, limit: int) -> list[WaitlistEntry]:
        """Return up to ``limit`` of those who wait for days that all lie before one."""

    def add_round(self, made: Round) -> Round:
        """Add it, or return the one of that id that is there."""

    def get_round(self, id_: str) -> Round | None:
        """Return one, or None."""

    def round_of(self, token_hash: str) -> Round | None:
        """Return the round of the offer with this token, or None."""

    def take_due(self, now: datetime) -> Round | None:
        """Return the open round due the longest, and keep it from others for half a minute."""

    def take_step(self, step: Step, context: CallContext) -> bool:
        """Write a step; False when something in it is stale; raises ClaimTakenError."""

    def figures(
        self, location_ids: Sequence[str] | None, start: datetime, end: datetime
    ) -> list[WaitlistFigures]:
        """Count the times freed in ``[start, end)`` by location; None means every location."""
