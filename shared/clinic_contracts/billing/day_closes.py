"""A location's day, counted and closed."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from clinic_contracts.constraints import Cursor, Id, Instant, Limit, Note, PathId
from clinic_contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDayTakings:
    """What a location took on a day so far, by the ledger."""

    location_id: Id
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDay:
    """Close a location's day with what was counted in the drawer and on the card terminal."""

    location_id: Id
    day: date
    counted_cash: Money
    counted_card: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDayClose:
    """One closed day."""

    day_close_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDayCloses:
    """A location's closed days, last closed first."""

    location_id: Id
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenDay:
    """Open a closed day again: its difference is reversed, and it may be closed anew."""

    day_close_id: PathId
    reason: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodTotal:
    """What was taken less what was given back by a method; ``difference`` is counted - expected."""

    method: Literal["cash", "card"]
    expected: Money
    counted: Money
    difference: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTakings:
    """What a location took on a day by the ledger; nothing is counted yet."""

    location_id: str
    day: date
    cash: Money
    card: Money
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCloseView:
    """A closed day; what is paid after it counts to the location's next day."""

    id: str
    version: int
    status: Literal["closed", "reopened"]
    location_id: str
    location_name: str
    day: date
    methods: tuple[MethodTotal, ...]
    closed_by: str
    closed_at: Instant
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayClosePage:
    """A page of closed days."""

    items: tuple[DayCloseView, ...]
    next: str | None = None
