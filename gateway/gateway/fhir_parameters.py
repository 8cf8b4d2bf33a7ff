"""FHIR's search parameters: how the value of each is read, in booking's words.

FHIR R4, "Search": date, reference and token. Raises Invalid that names the parameter.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinic_contracts.errors import Invalid
from clinic_contracts.fhir import record_id

Fields = dict[str, str]
PERIOD = ("from", "to")
_BOUND = re.compile(r"(eq|ge|gt|le|lt)?(\d{4}-\d{2}-\d{2}(?:T.+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter: ``kind`` is its type in FHIR, ``fields`` what it is about in booking.

    ``read`` makes fields of its values, of which it may have as many as ``most``.
    """

    name: str
    kind: str
    text: str
    read: Callable[[str, Sequence[str]], Fields]
    fields: tuple[str, ...] = ()
    required: bool = False
    most: int = 1


def wrong(name: str, detail: str) -> Invalid:
    """Return the refusal of a parameter."""
    return Invalid(f"not accepted: {name}", errors={name: [detail]})


def plain(name: str, kind: str, text: str, field: str) -> Parameter:
    """Return one whose value is the field's, as it is."""
    return Parameter(name, kind, text, lambda _, values: {field: values[0]}, (field,))


def reference(name: str, text: str, field: str, to: str, *, required: bool = False) -> Parameter:
    """Return one that names a record of ours, as ``Patient/cli-1`` or ``cli-1``."""

    def read(name: str, values: Sequence[str]) -> Fields:
        return {field: record_id(_id(name, values[0], to))}

    return Parameter(name, "reference", text, read, (field,), required=required)


def schedule(name: str, text: str, field: str) -> Parameter:
    """Return one that names a schedule, which goes by its id in FHIR alone."""

    def read(name: str, values: Sequence[str]) -> Fields:
        return {field: _id(name, values[0], "Schedule")}

    return Parameter(name, "reference", text, read, (field,), required=True)


def coded(name: str, text: str, field: str) -> Parameter:
    """Return one whose code is a record's id, as ``system|code`` or the code alone."""

    def read(_name: str, values: Sequence[str]) -> Fields:
        return {field: record_id(values[0].rpartition("|")[2])}

    return Parameter(name, "token", text, read, (field,))


def only(name: str, text: str, allowed: Collection[str]) -> Parameter:
    """Return one that says what is so anyway."""

    def read(name: str, values: Sequence[str]) -> Fields:
        # A "+" in a query string arrives as a space.
        if values[0].replace(" ", "+") not in allowed:
            raise wrong(name, f"is one of {', '.join(sorted(allowed))}")
        return {}

    return Parameter(name, "token", text, read)


def period(name: str, *, required: bool = False) -> Parameter:
    """Return one that bounds when something starts: days of the clinic, or instants."""
    text = (
        "A day, or a period of at most 31 days by two bounds: ge or gt and le or lt with days of "
        "the clinic, ge and lt with instants."
    )
    return Parameter(name, "date", text, _period, (*PERIOD, "date"), required=required, most=2)


def _period(name: str, values: Sequence[str]) -> Fields:
    """Return ``from`` and ``to`` as booking takes them: days, both included, or instants."""
    found: Fields = {}
    for value in values:
        match = _BOUND.fullmatch(value)
        if match is None:
            raise wrong(name, "is a date such as 2026-12-01 or ge2026-12-01")
        bounds = _bounds(name, match[1] or "eq", match[2])
        if not found.keys().isdisjoint(bounds):
            raise wrong(name, "give one lower and one upper bound")
        found |= bounds
    if found.keys() != set(PERIOD):
        raise wrong(name, "give both bounds, at most 31 days apart")
    return found


def _bounds(name: str, prefix: str, text: str) -> Fields:
    first, last = PERIOD
    if "T" in text:
        if prefix not in {"ge", "lt"}:
            raise wrong(name, "with an instant it is ge or lt")
        return {first if prefix == "ge" else last: text}
    try:
        day = date.fromisoformat(text)
        if prefix == "eq":
            return {first: text, last: text}
        if prefix in {"ge", "gt"}:
            return {first: str(day + timedelta(days=prefix == "gt"))}
        return {last: str(day - timedelta(days=prefix == "lt"))}
    except (ValueError, OverflowError) as error:
        raise wrong(name, f"there is no day {text}") from error


def _id(name: str, text: str, kind: str) -> str:
    before, _, id_ = text.rpartition("/")
    if before not in {"", kind}:
        raise wrong(name, f"is the id of a {kind}, such as {kind}/…")
    return id_
