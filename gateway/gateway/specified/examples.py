"""Examples of what is sent and answered, made from the schemas: they cannot fall behind them.

A field's value is what its name usually holds, as far as its schema allows that; where its name
says nothing, a value that the schema allows. What matters most stands in ``by_hand`` instead.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.specified.by_hand import FILES, NUMBERS, PREFIXES, SENT, TEXTS, ULID

Schema = Mapping[str, Any]
DEEPEST = 6
PERIOD = ("start", "end")
"""What both elements of a pair are."""
FORMATS = {
    "date": "2026-12-01",
    "date-time": "2026-12-01T18:00:00+00:00",
    "local-date-time": "2026-12-01T10:00",
}
ANYTHING = ("a", "A1", "1", "09:00", "a1b2c3", "10", "2026-12-01T10:00", "https://example.org")


def add_examples(document: dict[str, Any]) -> None:
    """Add an example to every body that is sent or answered, and to the path's parameters."""
    make = Examples(document["components"]["schemas"])
    kept: dict[str, Any] = document["components"].setdefault("examples", {})
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                asked = parameter["in"] == "path" or parameter.get("required")
                if "example" not in parameter and (asked or parameter["name"] == "If-Match"):
                    value = make.parameter(parameter["name"], parameter["schema"])
                    parameter["example"] = value
            _add_to_body(operation, make)
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    _add_to_answer(answer, make, kept)


def _add_to_body(operation: dict[str, Any], make: "Examples") -> None:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        by_hand = SENT.get(operation["operationId"], FILES.get(media_type))
        content["example"] = make.sent(content["schema"]) if by_hand is None else by_hand


def _add_to_answer(answer: dict[str, Any], make: "Examples", kept: dict[str, Any]) -> None:
    for media_type, content in answer.get("content", {}).items():
        reference = content["schema"].get("$ref", "")
        if reference:
            name = reference.rpartition("/")[2]
            kept[name] = {"value": make.answered(content["schema"])}
            content["examples"] = {name: {"$ref": f"#/components/examples/{name}"}}
        else:
            content["example"] = FILES.get(media_type) or make.answered(content["schema"])


class NoExampleError(Exception):
    """No value is known that a schema allows."""


class Examples:
    """Makes examples of schemas that refer to ``components``."""

    def __init__(self, components: Mapping[str, Schema]) -> None:
        self.components = components

    def sent(self, schema: Schema) -> Any:  # noqa: ANN401 (JSON)
        """Return a request's body: what it must have, or else the first thing it may have."""
        whole = self._resolved(schema)
        fields = whole.get("properties", {})
        names = whole.get("required") or list(fields)[:1]
        return {name: self._value(fields[name], name, 1, sent=True) for name in names}

    def answered(self, schema: Schema) -> Any:  # noqa: ANN401 (JSON)
        """Return an answer with all that it may have."""
        return self._value(schema, "", 0, sent=False)

    def parameter(self, name: str, schema: Schema) -> Any:  # noqa: ANN401 (JSON)
        """Return a value of the path or the query."""
        return self._value(schema, name, 0, sent=True)

    def _resolved(self, schema: Schema) -> Schema:
        if "$ref" not in schema:
            return schema
        return self.components[schema["$ref"].rpartition("/")[2]]

    def _value(self, schema: Schema, name: str, depth: int, *, sent: bool) -> Any:  # noqa: ANN401, PLR0911 (one line a kind)
        if "$ref" in schema:
            component = schema["$ref"].rpartition("/")[2]
            return self._value(self.components[component], name or component, depth, sent=sent)
        if "anyOf" in schema:
            return self._value(schema["anyOf"][0], name, depth, sent=sent)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        kinds = schema.get("type", "object")
        kind = next(each for each in _listed(kinds) if each != "null")
        if kind == "array":
            if depth >= DEEPEST:
                return []
            if "prefixItems" in schema:
                pair = zip(PERIOD, schema["prefixItems"], strict=True)
                return [self._value(part, end, depth + 1, sent=sent) for end, part in pair]
            return [self._value(schema.get("items", {}), _singular(name), depth + 1, sent=sent)]
        if kind == "object":
            return self._object(schema, name, depth, sent=sent)
        if kind == "boolean":
            return bool(schema.get("default"))
        return _number(schema, name) if kind == "integer" else _text(schema, name)

    def _object(self, schema: Schema, name: str, depth: int, *, sent: bool) -> dict[str, Any]:
        fields = schema.get("properties")
        if fields is None:
            values = schema.get("additionalProperties")
            if not isinstance(values, dict) or depth >= DEEPEST:
                return {}
            key = _text(schema.get("propertyNames", {}), f"{name} key")
            return {key: self._value(values, name, depth + 1, sent=sent)}
        needed = schema.get("required", [])
        return {
            field: self._value(part, field, depth + 1, sent=sent)
            for field, part in fields.items()
            if field in needed or not (sent or depth >= DEEPEST)
        }


def _number(schema: Schema, name: str) -> int:
    usual = [number for ending, number in NUMBERS if name.endswith(ending)]
    low, high = schema.get("minimum", 0), schema.get("maximum", 0)
    return next((n for n in usual if low <= n <= high), max(low, min(1, high)))


def _text(schema: Schema, name: str) -> str:
    for text in _candidates(schema, name):
        fits = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
        if fits and re.search(schema.get("pattern", ""), text):
            return text
    message = f"no example of {name}: {dict(schema)}"
    raise NoExampleError(message)


def _candidates(schema: Schema, name: str) -> Iterator[str]:
    if schema.get("format") in FORMATS:
        yield FORMATS[schema["format"]]
    if name in TEXTS:
        yield TEXTS[name]
    if isinstance(schema.get("default"), str):
        yield schema["default"]
    whose = name.removesuffix("_id").rpartition("_")[2]
    if name.endswith("id"):
        yield f"{PREFIXES.get(whose, whose[:3])}_{ULID}"
    yield name.replace("_", " ")
    yield from ANYTHING
    yield f"{PREFIXES.get(whose, 'apt')}_{ULID}"


def _listed(kinds: Any) -> list[str]:  # noqa: ANN401 (JSON)
    return list(kinds) if isinstance(kinds, list) else [kinds]


def _singular(name: str) -> str:
    return name.removesuffix("s")
