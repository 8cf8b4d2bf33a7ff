"""Documents of our own making, written and read without checks: the types have been checked.

What comes from outside is read by ``schemas``, by marshmallow. A list of a day's visits, or an
event, is written thousands of times between two such readings, and that is what this is for; the
tests hold both to the same documents.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from clinic_contracts.constraints import Unset, Wall

T = TypeVar("T")
Convert = Callable[[Any], Any]


class _Member(NamedTuple):
    name: str
    wire_name: str
    write: Convert | None
    read: Convert | None
    default: Field[Any]


def dump(instance: Any) -> dict[str, Any]:  # noqa: ANN401 (any contract dataclass)
    """Return the JSON-able form of a contract dataclass; raises TypeError for anything else."""
    document: dict[str, Any] = {}
    for name, wire_name, write, _, _ in _members(_hashable(type(instance))):
        value = getattr(instance, name)
        if value is not Unset.UNSET:
            document[wire_name] = value if write is None or value is None else write(value)
    return document


def read(cls: type[T], document: Mapping[str, Any]) -> T:
    """Return the instance that was dumped, tolerating members that a newer writer adds.

    Raises KeyError when one without a default is missing, ValueError for a date that is none.
    """
    values: dict[str, Any] = {}
    for name, wire_name, _, convert, field in _members(_hashable(cls)):
        if wire_name in document:
            value = document[wire_name]
            values[name] = value if convert is None or value is None else convert(value)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise KeyError(wire_name)
    return cls(**values)


def wire_name(name: str) -> str:
    """Return a field's name on the wire: ``from_`` is ``from``."""
    return name.rstrip("_")


def unwrapped(hint: Any) -> tuple[Any, tuple[Any, ...]]:  # noqa: ANN401 (a type form)
    """Return a type without its ``Annotated`` marks, and the marks."""
    if get_origin(hint) is Annotated:
        kind, *marks = get_args(hint)
        return kind, tuple(marks)
    return hint, ()


@cache
def _members(cls: type) -> tuple[_Member, ...]:
    hints = get_type_hints(cls, include_extras=True)
    return tuple(
        _Member(field.name, wire_name(field.name), *_converters(hints[field.name]), field)
        for field in fields(cls)
    )


def _converters(hint: Any) -> tuple[Convert | None, Convert | None]:  # noqa: ANN401
    """Return what writes and what reads a value of the type; None where it stays as it is."""
    kind, marks = unwrapped(hint)
    if get_origin(kind) in {Union, UnionType}:
        (kind, *_) = (part for part in get_args(kind) if part not in {NoneType, Unset})
        kind, more = unwrapped(kind)
        marks = (*marks, *more)
    if get_origin(kind) is tuple:
        return _of_tuple(get_args(kind))
    if get_origin(kind) is dict:
        write, reader = _converters(get_args(kind)[1])
        return _each_value(write), _each_value(reader)
    if is_dataclass(kind):
        return dump, lambda value: read(cast("type", kind), value)
    if kind is datetime:
        wall = any(isinstance(mark, Wall) for mark in marks)
        return (
            (_write_wall, datetime.fromisoformat) if wall else (datetime.isoformat, _read_instant)
        )
    if kind is date:
        return date.isoformat, date.fromisoformat
    if kind in {str, int, bool, Any} or get_origin(kind) is Literal:
        return None, None
    message = f"no form on the wire for {kind!r}"
    raise TypeError(message)


def _of_tuple(parts: tuple[Any, ...]) -> tuple[Convert, Convert]:
    if parts[-1] is Ellipsis:
        write, reader = _converters(parts[0])
        return (
            list if write is None else lambda values: [write(value) for value in values],
            tuple if reader is None else lambda values: tuple(reader(value) for value in values),
        )
    pairs = [_converters(part) for part in parts]

    def each(which: int) -> Convert:
        steps = [pair[which] for pair in pairs]
        return lambda values: tuple(
            value if step is None else step(value)
            for step, value in zip(steps, values, strict=True)
        )

    return each(0), each(1)


def _each_value(convert: Convert | None) -> Convert:
    if convert is None:
        return dict
    return lambda values: {name: convert(value) for name, value in values.items()}


def _write_wall(value: datetime) -> str:
    return value.isoformat(timespec="minutes")


def _read_instant(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _hashable(cls: type) -> Any:  # noqa: ANN401 (typeshed: a class may be unhashable)
    return cls
