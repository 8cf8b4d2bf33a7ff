"""marshmallow schemas, derived once from the contracts' dataclasses and cached.

One definition per message: the dataclass is what code uses, its schema what crosses the wire.
Strict when reading requests (unknown fields are refused), tolerant when reading events.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from marshmallow import RAISE, Schema, ValidationError, missing, post_load, validate
from marshmallow import fields as wire

from clinic_contracts.constraints import Items, Range, Text, Unset, Wall
from clinic_contracts.errors import Invalid
from clinic_contracts.trusted import unwrapped, wire_name

T = TypeVar("T")
LONGEST_TEXT = 2_000
LONGEST_LIST = 1_000
LARGEST_INTEGER = 2**53 - 1
WALL_FORMAT = "%Y-%m-%dT%H:%M"
DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
WALL = rf"{DAY}T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{{1,6}})?)?"
ANY_TEXT = r"[^\x00-\x08\x0b-\x1f]*"
SOME_TEXT = rf"{ANY_TEXT}[^\x00-\x1f\s]{ANY_TEXT}"


class DataclassSchema(Schema):
    """A schema whose loaded value is an instance of its dataclass."""

    made_of: type

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:  # noqa: ANN401
        """Leave out of the document what was left out of the change."""
        value = getattr(obj, attr, default)
        return missing if value is Unset.UNSET else value

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Any:  # noqa: ANN401 (marshmallow's hook)
        """Return the dataclass instance for validated members."""
        return self.made_of(**data)


class InstantField(wire.AwareDateTime):
    """RFC 3339 with offset; kept as the aware datetime it is, UTC when loaded."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:  # noqa: ANN401
        return super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)


class DateField(wire.Date):
    """A day as RFC 3339 writes it; of ISO 8601's other ways Python reads some, callers none."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        _check_form(value, DAY, "must be a date such as 2026-12-01")
        return super()._deserialize(value, attr, data, **kwargs)


class WallTimeField(wire.NaiveDateTime):
    """Wall time to the minute; a day alone is none."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        _check_form(value, WALL, "must be a wall time such as 2026-12-01T10:00")
        return super()._deserialize(value, attr, data, **kwargs)

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:  # noqa: ANN401
        return None if value is None else cast("datetime", value).strftime(WALL_FORMAT)


class JsonInteger(wire.Integer):
    """An integer as JSON Schema has it (2020-12, section 6.1.1): ``60.0`` is one."""

    def _validated(self, value: Any) -> Any:  # noqa: ANN401 (JSON)
        whole = isinstance(value, float) and value.is_integer()
        return super()._validated(int(value) if whole else value)


class QueryInteger(wire.Integer):
    """An integer in decimal digits; Python reads blanks, underscores and other scripts' too."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        if isinstance(value, str) and re.fullmatch("-?[0-9]+", value) is None:
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class StrictBoolean(wire.Boolean):
    """``true`` or ``false``, and no other value that Python or marshmallow takes for one."""

    truthy = {True}  # noqa: RUF012 (marshmallow's attribute)
    falsy = {False}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class QueryBoolean(StrictBoolean):
    """A boolean as a query spells it."""

    truthy = {True, "true"}  # noqa: RUF012 (marshmallow's attribute)
    falsy = {False, "false"}  # noqa: RUF012


class TupleField(wire.List[Any]):
    """A list, loaded as a tuple; a query string may give it as one comma-separated value."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        in_query = self.metadata.get("in_query") and isinstance(value, str)
        parts = value.split(",") if in_query else value
        return tuple(super()._deserialize(parts, attr, data, **kwargs))


@cache
def schema_class(cls: type, unknown: str = RAISE, *, lenient: bool = False) -> type[Schema]:
    """Return the schema class of a contract dataclass; ``lenient`` reads numbers from text."""
    hints = get_type_hints(cls, include_extras=True)
    members: dict[str, Any] = {
        f.name: _field(hints[f.name], unknown, f, lenient=lenient) for f in fields(cls)
    }
    members["made_of"] = cls
    members["Meta"] = type("Meta", (), {"unknown": unknown})
    return type(cls.__name__, (DataclassSchema,), members)


@cache
def _schema(cls: type, unknown: str, *, lenient: bool) -> Schema:
    return schema_class(cls, unknown, lenient=lenient)()


def _hashable(cls: type) -> Any:  # noqa: ANN401 (typeshed: a class may be unhashable)
    return cls


def load(cls: type[T], document: Any, *, lenient: bool = False) -> T:  # noqa: ANN401
    """Read a request strictly.

    Raises Invalid with ``errors``: the messages of each field that is wrong or unknown.
    """
    if not isinstance(document, Mapping):
        detail = "the request must be a JSON object"
        raise Invalid(detail, errors={"_body": [detail]})
    try:
        return cast("T", _schema(_hashable(cls), RAISE, lenient=lenient).load(document))
    except ValidationError as error:
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        detail = "not accepted: " + ", ".join(sorted(map(str, messages)))
        raise Invalid(detail, errors=messages) from error


def _field(hint: Any, unknown: str, of: Field[Any] | None, *, lenient: bool) -> wire.Field[Any]:  # noqa: ANN401
    kind, marks = unwrapped(hint)
    options: dict[str, Any] = {}
    if of is not None:
        options["data_key"] = wire_name(of.name)
        if of.default is not MISSING or of.default_factory is not MISSING:
            default = of.default if of.default is not MISSING else of.default_factory
            options |= {"required": False}
            if default is not Unset.UNSET:
                options["load_default"] = default
        else:
            options["required"] = True
    if get_origin(kind) in (Union, UnionType):
        members = [part for part in get_args(kind) if part not in (NoneType, Unset)]
        options["allow_none"] = NoneType in get_args(kind)
        kind, more = unwrapped(members[0])
        marks = (*marks, *more)
    return _plain_field(kind, marks, unknown, options, lenient=lenient)


def _plain_field(
    kind: Any,  # noqa: ANN401 (a type form)
    marks: tuple[Any, ...],
    unknown: str,
    options: dict[str, Any],
    *,
    lenient: bool,
) -> wire.Field[Any]:
    if is_dataclass(kind):
        return wire.Nested(schema_class(cast("type", kind), unknown, lenient=lenient), **options)
    origin = get_origin(kind)
    if origin is Literal:
        return wire.String(validate=validate.OneOf(get_args(kind)), **options)
    if origin is tuple:
        return _sequence(get_args(kind), marks, unknown, options, lenient=lenient)
    if origin is dict:
        key, value = get_args(kind)
        return wire.Dict(
            keys=_field(key, unknown, None, lenient=lenient),
            values=_field(value, unknown, None, lenient=lenient),
            validate=validate.Length(max=LONGEST_LIST),
            **options,
        )
    return _scalar(kind, marks, options, lenient=lenient)


def _scalar(  # noqa: PLR0911 (one line a type)
    kind: Any,  # noqa: ANN401 (a type form)
    marks: tuple[Any, ...],
    options: dict[str, Any],
    *,
    lenient: bool,
) -> wire.Field[Any]:
    if kind is datetime:
        if any(isinstance(mark, Wall) for mark in marks):
            return WallTimeField(metadata={"pattern": f"^{WALL}$"}, **options)
        return InstantField(format="iso", **options)
    if kind is date:
        return DateField(**options)
    if kind is bool:
        return QueryBoolean(**options) if lenient else StrictBoolean(**options)
    if kind is int:
        limits = next(
            (mark for mark in marks if isinstance(mark, Range)),
            Range(-LARGEST_INTEGER, LARGEST_INTEGER),
        )
        check = validate.Range(limits.min, limits.max)
        if lenient:
            return QueryInteger(validate=check, **options)
        return JsonInteger(strict=True, validate=check, **options)
    if kind is str:
        return _text(marks, options)
    if kind is Any:
        return wire.Raw(**options)
    message = f"no schema for {kind!r}"
    raise TypeError(message)


def _sequence(
    parts: tuple[Any, ...],
    marks: tuple[Any, ...],
    unknown: str,
    options: dict[str, Any],
    *,
    lenient: bool,
) -> wire.Field[Any]:
    if parts[-1] is not Ellipsis:
        return wire.Tuple(
            [_field(part, unknown, None, lenient=lenient) for part in parts], **options
        )
    limit = next((mark for mark in marks if isinstance(mark, Items)), Items(LONGEST_LIST))
    check = validate.Length(limit.min, limit.max)
    inner = _field(parts[0], unknown, None, lenient=lenient)
    return TupleField(inner, validate=check, metadata={"in_query": lenient}, **options)


def _text(marks: tuple[Any, ...], options: dict[str, Any]) -> wire.Field[Any]:
    limits = next((mark for mark in marks if isinstance(mark, Text)), Text(0, LONGEST_TEXT))
    rules: list[Any] = [validate.Length(limits.min, limits.max), _no_control_characters]
    if limits.pattern:
        hint = f"must be {limits.hint}" if limits.hint else "does not have the right form"
        rules.append(validate.Regexp(re.compile(rf"\A(?:{limits.pattern})\Z"), error=hint))
        return wire.String(validate=rules, **options)
    if limits.min:
        rules.append(_not_blank)
    # For OpenAPI, which knows of the two functions nothing else.
    described = {"pattern": f"^{SOME_TEXT if limits.min else ANY_TEXT}$"}
    return wire.String(validate=rules, metadata=described, **options)


def _check_form(value: Any, pattern: str, message: str) -> None:  # noqa: ANN401 (JSON)
    if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
        raise ValidationError(message)


def _no_control_characters(value: str) -> None:
    if re.fullmatch(ANY_TEXT, value) is None:
        raise ValidationError("must not contain control characters")


def _not_blank(value: str) -> None:
    if value and not value.strip():
        raise ValidationError("must not be blank")
