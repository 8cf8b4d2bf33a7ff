"""Documents of our own making: records and events, written and read without looking at limits.

What callers send is read by ``schemas``, by marshmallow. A list of a day's visits, or an event, is
written and read thousands of times for each of those, and that is what this is for: reading checks
what type a value has, and no more. The tests hold both forms to the same documents.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
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


class Written(dict[str, Any]):
    """An answer that is in its form on the wire already, for lists where ``dump`` is too slow."""


class _Member(NamedTuple):
    name: str
    wire_name: str
    write: Convert | None
    read: Convert | None
    nullable: bool
    field: Field[Any]


def dump(instance: Any) -> dict[str, Any]:  # noqa: ANN401 (any contract dataclass)
    """Return the JSON-able form of a contract dataclass; raises TypeError for anything else."""
    document: dict[str, Any] = {}
    for name, wire_name, write, *_ in _members(_hashable(type(instance))):
        value = getattr(instance, name)
        if value is not Unset.UNSET:
            document[wire_name] = value if write is None or value is None else write(value)
    return document


def read(cls: type[T], document: Mapping[str, Any]) -> T:
    """Return the instance that was dumped, tolerating members that a newer writer adds.

    Raises KeyError when one without a default is missing, ValueError or TypeError for a value of
    another type.
    """
    values: dict[str, Any] = {}
    for name, wire_name, _, convert, nullable, field in _members(_hashable(cls)):
        if wire_name in document:
            value = document[wire_name]
            if convert is not None and not (value is None and nullable):
                value = convert(value)
            values[name] = value
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
        _Member(
            field.name,
            wire_name(field.name),
            *_converters(hints[field.name]),
            nullable=NoneType in get_args(unwrapped(hints[field.name])[0]),
            field=field,
        )
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
        return dump, lambda value: read(cast("type", kind), _checked(dict, value))
    if kind is datetime:
        wall = any(isinstance(mark, Wall) for mark in marks)
        return (
            (_write_wall, datetime.fromisoformat) if wall else (datetime.isoformat, _read_instant)
        )
    if kind is date:
        return date.isoformat, date.fromisoformat
    return None, _reader_as_it_is(kind)


def _reader_as_it_is(kind: Any) -> Convert | None:  # noqa: ANN401 (a type form)
    """Return what checks a value that is the same in JSON."""
    if kind is Any:
        return None
    if get_origin(kind) is Literal:
        return partial(_one_of, frozenset(get_args(kind)))
    if kind in {str, int, bool}:
        return partial(_checked, kind)
    message = f"no form on the wire for {kind!r}"
    raise TypeError(message)


def _checked(kind: type[T], value: Any) -> T:  # noqa: ANN401 (JSON)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        message = f"{value!r:.100} is no {kind.__name__}"
        raise TypeError(message)
    return value


def _one_of(values: frozenset[Any], value: Any) -> Any:  # noqa: ANN401 (JSON)
    if value not in values:
        message = f"{value!r:.100} is none of {', '.join(sorted(map(str, values)))}"
        raise ValueError(message)
    return value


def _of_tuple(parts: tuple[Any, ...]) -> tuple[Convert, Convert]:
    if parts[-1] is Ellipsis:
        write, reader = _converters(parts[0])
        return (
            list if write is None else lambda values: [write(value) for value in values],
            lambda values: tuple(
                _checked(list, values) if reader is None else map(reader, _checked(list, values))
            ),
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
    return lambda values: {name: convert(each) for name, each in _checked(dict, values).items()}


def _write_wall(value: datetime) -> str:
    return value.isoformat(timespec="minutes")


def _read_instant(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:  # else taken for the machine's own time
        message = f"{value} has no offset"
        raise ValueError(message)
    return at.astimezone(UTC)


def _hashable(cls: type) -> Any:  # noqa: ANN401 (typeshed: a class may be unhashable)
    return cls
