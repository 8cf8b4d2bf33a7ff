"""What no specification can say and generated requests need: ids that exist, keys not used before.

Loaded by schemathesis in a process of its own; ``KNOWN_IDS`` names a JSON file of ids by parameter.
"""

import itertools
import json
import os
import re
import zlib
from pathlib import Path
from typing import Any

import schemathesis

KNOWN: dict[str, list[str]] = json.loads(Path(os.environ["KNOWN_IDS"]).read_text(encoding="utf-8"))
SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.:~-]{0,63}")
CURSORS = frozenset({"cursor", "after"})
NUMBERS = itertools.count()
SHAPE = re.compile(
    r"Not a valid (?!date)|Missing data|Unknown field|Shorter than|Longer than|Length must|Must be|"
    r"must be a date such as|must be a wall time such as|must be an id|must not be blank|"
    r"must not contain control|must be one line|does not have the right form"
)
"""What refuses a value's shape: a schema could have said so, but for how long February is."""


@schemathesis.serializer("application/edi-x12", "application/fhir+json")
def as_it_is(_context: Any, value: Any) -> bytes:
    """Return a file's bytes."""
    return (value if isinstance(value, str) else json.dumps(value)).encode()


@schemathesis.hook
def before_call(_context: Any, case: Any, **_: Any) -> None:
    """Have most ids be those of records, and keys new, where the case is to be accepted."""
    for name, value in (case.path_parameters or {}).items():
        if isinstance(value, str) and SEGMENT.fullmatch(value):
            case.path_parameters[name] = chosen(name, value)
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    if isinstance(case.query, dict):
        for name in CURSORS & case.query.keys():
            del case.query[name]  # a list's cursors are its own: none can be made up
        case.query.update(with_known(case.query))
    if isinstance(case.body, dict):
        case.body = with_known(case.body)
    for name in case.headers or {}:
        if name.lower() == "idempotency-key":
            case.headers[name] = f"{case.headers[name][:200]} {next(NUMBERS)}".strip()
        if name.lower() == "if-match" and case.headers[name] == "0":
            case.headers[name] = "*"  # the pattern allows no such text: it is schemathesis's own


@schemathesis.check
def rules_not_shapes(_context: Any, response: Any, case: Any) -> None:
    """A request that the schema allows may break a rule; its shape is not refused."""
    positive = case.meta and case.meta.generation.mode.is_positive
    if not positive or response.status_code != 422:
        return
    for message in messages(response.json().get("errors", {})):
        assert not SHAPE.search(message), f"the specification does not say: {message}"


def chosen(name: str, value: str) -> str:
    """Return a record's id instead of three in four, the same for the same value."""
    number = zlib.crc32(value.encode("utf-8", "replace"))
    known = KNOWN.get(name) or KNOWN.get(name.rpartition("from_")[2].rpartition("to_")[2])
    return known[number // 4 % len(known)] if known and number % 4 else value


def with_known(part: Any, name: str = "") -> Any:
    """Return JSON with most ids in it those of records."""
    if isinstance(part, dict):
        return {key: with_known(value, key) for key, value in part.items()}
    if isinstance(part, list):
        return [with_known(value, name.removesuffix("s")) for value in part]
    return chosen(name, part) if isinstance(part, str) else part


def messages(errors: Any) -> list[str]:
    """Return the messages of every field, nested or not."""
    if isinstance(errors, str):
        return [errors]
    inner = errors.values() if isinstance(errors, dict) else errors
    return [message for each in inner for message in messages(each)]
