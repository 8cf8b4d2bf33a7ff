"""FHIR's JSON, read and written exactly: a decimal never passes through a float.

FHIR R4B, "JSON representation of resources" and the data type decimal: numbers keep their digits,
names stand once in an object, and nothing is null, NaN or infinite.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from payer_formats.fhir.element import Element, Notes
from payer_formats.findings import quoted

MOST_BYTES = 5_000_000
DEEPEST = 40
LONGEST_NUMBER = 40
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def parse(raw: bytes, notes: Notes) -> Element:
    """Return the resource in a file, an empty element with a finding when there is none."""
    value: object = None
    if len(raw) > MOST_BYTES:
        notes.add("FILE_SIZE", f"the file has more than {MOST_BYTES} bytes", "")
    elif _depth(raw) > DEEPEST:
        notes.add("DEPTH", f"the file is nested more than {DEEPEST} levels deep", "")
    else:
        value = _loaded(raw, notes)
    if isinstance(value, dict):
        kind = value.get("resourceType")
        if isinstance(kind, str) and kind.isascii() and kind.isalpha():
            return Element(value, kind[:LONGEST_NUMBER], notes)
        notes.add("RESOURCE_TYPE", "resourceType is not there", "Resource.resourceType")
    elif not notes.failed:
        notes.add("NOT_JSON", "the file is not a JSON object", "")
    return Element({}, "Resource", notes)


def _loaded(raw: bytes, notes: Notes) -> object:
    try:
        return json.loads(
            raw.decode("utf-8-sig"),
            parse_float=lambda text: _number(text, notes),
            parse_int=lambda text: _integer(text, notes),
            parse_constant=lambda text: _constant(text, notes),
            object_pairs_hook=lambda pairs: _members(pairs, notes),
        )
    except UnicodeDecodeError as wrong:
        notes.add("ENCODING", f"byte {wrong.start + 1} is not UTF-8", "")
    except json.JSONDecodeError as wrong:
        text = f"not JSON at line {wrong.lineno}, column {wrong.colno}: {wrong.msg}"
        notes.add("NOT_JSON", text, "")
    return None


def _depth(raw: bytes) -> int:
    """Return how deep brackets are nested; the parser would run out of stack before it said so."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _number(text: str, notes: Notes) -> Decimal:
    if len(text) <= LONGEST_NUMBER:
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = None
        # Written out, 1e-999999999 alone would fill the memory.
        if number is not None and abs(number.adjusted()) <= LONGEST_NUMBER:
            return number
    notes.add("NUMBER", f"{quoted(text)} is larger, or has more digits, than any number here", "")
    return Decimal(0)


def _integer(text: str, notes: Notes) -> int:
    return int(text) if len(text) <= LONGEST_NUMBER else int(_number(text, notes))


def _constant(text: str, notes: Notes) -> None:
    notes.add("NUMBER", f"{text} is not a number of JSON", "")


def _members(pairs: list[tuple[str, object]], notes: Notes) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        notes.add("DUPLICATE_NAME", f"{quoted(twice)} stands more than once in an object", "")
    return members


def written(resource: Mapping[str, object]) -> bytes:
    """Return a resource as UTF-8 JSON; what is empty (FHIR has no nulls) is left out."""
    return "".join(_pieces(_without_empty(resource))).encode()


def _without_empty(value: object) -> object:
    if isinstance(value, Mapping):
        kept = {name: _without_empty(each) for name, each in value.items()}
        return {name: each for name, each in kept.items() if each not in ("", None, [], {}, ())}
    if isinstance(value, list | tuple):
        kept_items = [_without_empty(each) for each in value]
        return [each for each in kept_items if each not in ("", None, [], {}, ())]
    return value


def _pieces(value: object) -> Iterator[str]:
    if isinstance(value, Decimal):
        yield format(value, "f")
    elif isinstance(value, Mapping):
        yield "{"
        for at, (name, each) in enumerate(value.items()):
            yield f"{', ' if at else ''}{json.dumps(name)}: "
            yield from _pieces(each)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for at, each in enumerate(value):
            yield ", " if at else ""
            yield from _pieces(each)
        yield "]"
    else:
        yield json.dumps(value, ensure_ascii=False)
