"""FHIR's search parameters: how the value of each is read, in booking's words.

FHIR R4, "Search": date, reference and token. Raises Invalid that names the parameter.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from clinic_contracts.errors import Invalid
from clinic_contracts.fhir import record_id

Fields = dict[str, str]
Schema = Mapping[str, object]
PERIOD = ("from", "to")
IDS = {
    "Location": "loc-01KB5CXB6Z2D4F8H0J3M5P7R9T",
    "Patient": "cli-01KB5CXB6Z2D4F8H0J3M5P7R9T",
    "Practitioner": "prac-01KB5CXB6Z2D4F8H0J3M5P7R9T",
}
"""For examples."""
_BOUND = re.compile(r"(eq|ge|gt|le|lt)?(\d{4}-\d{2}-\d{2}(?:T.+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter: ``kind`` is its type in FHIR, ``fields`` what it is about in booking.

    ``read`` makes fields of its values, of which it may have as many as ``most``; ``schema`` is
    what JSON Schema says of one.
    """

    name: str
    kind: str
    text: str
    read: Callable[[str, Sequence[str]], Fields]
    fields: tuple[str, ...] = ()
    required: bool = False
    most: int = 1
    example: str = ""
    schema: Schema = field(default_factory=lambda: {"type": "string"}, hash=False)


def wrong(name: str, detail: str) -> Invalid:
    """Return the refusal of a parameter."""
    return Invalid(f"not accepted: {name}", errors={name: [detail]})


def plain(name: str, kind: str, text: str, into: str, schema: Schema) -> Parameter:
    """Return one whose value is the field's, as it is."""

    def read(_name: str, values: Sequence[str]) -> Fields:
        return {into: values[0]}

    return Parameter(name, kind, text, read, (into,), schema=schema)


def reference(name: str, text: str, into: str, to: str, *, required: bool = False) -> Parameter:
    """Return one that names a record of ours, as ``Patient/cli-1`` or ``cli-1``."""

    def read(name: str, values: Sequence[str]) -> Fields:
        return {into: record_id(_id(name, values[0], to))}

    schema = _matching(rf"^({to}/)?[a-z]+-[0-9A-Za-z]+$")
    return Parameter(
        name,
        "reference",
        text,
        read,
        (into,),
        required=required,
        example=f"{to}/{IDS[to]}",
        schema=schema,
    )


def schedule(name: str, text: str, into: str) -> Parameter:
    """Return one that names a schedule, which goes by its id in FHIR alone."""

    def read(name: str, values: Sequence[str]) -> Fields:
        return {into: _id(name, values[0], "Schedule")}

    schema = _matching(r"^(Schedule/)?[0-9A-Za-z.-]{1,64}$")
    return Parameter(
        name,
        "reference",
        text,
        read,
        (into,),
        required=True,
        example=f"Schedule/{IDS['Location']}.{IDS['Practitioner']}",
        schema=schema,
    )


def coded(name: str, text: str, into: str) -> Parameter:
    """Return one whose code is a record's id, as ``system|code`` or the code alone."""

    def read(_name: str, values: Sequence[str]) -> Fields:
        return {into: record_id(values[0].rpartition("|")[2])}

    schema = _matching(r"^([^|]*\|)?[a-z]+[_-][0-9A-Za-z]+$")
    return Parameter(name, "token", text, read, (into,), schema=schema)


def only(name: str, text: str, allowed: Collection[str]) -> Parameter:
    """Return one that says what is so anyway."""

    def read(name: str, values: Sequence[str]) -> Fields:
        # A "+" in a query string arrives as a space.
        if values[0].replace(" ", "+") not in allowed:
            raise wrong(name, f"is one of {', '.join(sorted(allowed))}")
        return {}

    schema = {"type": "string", "enum": sorted(allowed)}
    return Parameter(name, "token", text, read, schema=schema)


def period(name: str, *, required: bool = False) -> Parameter:
    """Return one that bounds when something starts: days of the clinic, or instants."""
    text = (
        "A day, or a period of at most 31 days by two bounds: ge or gt and le or lt with days of "
        "the clinic, ge and lt with instants."
    )
    schema = _matching(f"^{_BOUND.pattern}$")
    about = (*PERIOD, "date")
    return Parameter(
        name,
        "date",
        text,
        _period,
        about,
        required=required,
        most=2,
        example="2026-12-01",
        schema=schema,
    )


def _matching(pattern: str) -> Schema:
    return {"type": "string", "pattern": pattern}


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
