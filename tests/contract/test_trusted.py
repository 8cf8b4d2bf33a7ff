"""What is written and read without checks is, to the letter, what the schemas say."""

import importlib.util
import inspect
import json
import pkgutil
from dataclasses import dataclass, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clinic_contracts
from clinic_contracts.constraints import UNSET, Unset, Wall
from clinic_contracts.schemas import schema_class
from clinic_contracts.trusted import dump, read, unwrapped

INSTANTS = st.builds(
    lambda at, offset: at.replace(tzinfo=timezone(timedelta(minutes=15 * offset))),
    st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1)),
    st.integers(-48, 56),
)
WALL_TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


def contracts() -> list[type]:
    """Return every dataclass of what the services say and are asked."""
    found: dict[str, type] = {}
    for package in pkgutil.iter_modules(clinic_contracts.__path__):
        path = [f"{root}/{package.name}" for root in clinic_contracts.__path__]
        for module in pkgutil.iter_modules(path) if package.ispkg else ():
            if module.name == "operations":
                continue
            name = f"clinic_contracts.{package.name}.{module.name}"
            for _, cls in inspect.getmembers(importlib.import_module(name), inspect.isclass):
                if is_dataclass(cls):
                    found[f"{cls.__module__}.{cls.__qualname__}"] = cls
    return [found[name] for name in sorted(found)]


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    Any: st.none() | st.booleans() | st.text(max_size=5),
    datetime: INSTANTS,
    date: st.dates(),
    str: st.text(max_size=5),
    int: st.integers(),
    bool: st.booleans(),
    NoneType: st.none(),
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a field's type; the limits of its marks do not matter here."""
    kind, marks = unwrapped(hint)
    if any(isinstance(mark, Wall) for mark in marks):
        return WALL_TIMES
    if kind in PLAIN:
        return PLAIN[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return instances(kind)  # type: ignore[arg-type]
    return values_of_several(origin, parts)


def values_of_several(origin: Any, parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin is Literal:
        return st.sampled_from(parts)
    if origin is tuple and parts[-1] is Ellipsis:
        return st.lists(values_of(parts[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(st.text(max_size=5), values_of(parts[1]), max_size=2)
    several = [values_of(part) for part in parts if part is not Unset]
    return st.tuples(*several) if origin is tuple else st.one_of(several)


def instances(cls: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(cls, include_extras=True)
    return st.builds(cls, **{name: values_of(hint) for name, hint in hints.items()})


@pytest.mark.parametrize("cls", contracts(), ids=lambda cls: cls.__name__)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_it_is_written_as_its_schema_writes_it_and_read_as_it_was(
    cls: type, data: st.DataObject
) -> None:
    instance = data.draw(instances(cls))
    written = dump(instance)
    assert written == schema_class(cls)().dump(instance)
    assert read(cls, {**json.loads(json.dumps(written)), "newer": 1}) == instance


@dataclass(frozen=True)
class Noted:
    at: datetime
    by: str | Unset = UNSET
    times: int = 1
    kind: Literal["call", "visit"] | None = None
    days: tuple[date, ...] = ()
    also: "Noted | None" = None


def test_instants_are_read_in_utc_and_what_was_left_out_stays_so() -> None:
    noted = read(Noted, {"at": "2026-12-01T10:00:00-08:00"})
    assert noted == Noted(datetime(2026, 12, 1, 18, tzinfo=UTC))
    assert noted.at.tzinfo is UTC
    assert dump(noted)["at"] == "2026-12-01T18:00:00+00:00"
    assert "by" not in dump(noted)


AT = "2026-12-01T10:00:00-08:00"


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "yesterday"},
        {"at": "2026-12-01T10:00:00"},
        {"at": None},
        {"by": 1},
        {"by": None},
        {"times": True},
        {"times": "1"},
        {"kind": "letter"},
        {"days": "2026-12-01"},
        {"days": ["2026-12-32"]},
        {"also": []},
        {"also": {"at": 5}},
    ],
)
def test_a_value_of_another_type_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        read(Noted, {"at": AT, **wrong})


def test_what_is_missing_or_no_contract_is_said() -> None:
    with pytest.raises(KeyError, match="at"):
        read(Noted, {})
    with pytest.raises(TypeError):
        dump("not a contract")
