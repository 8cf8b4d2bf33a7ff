"""What marshmallow says of schemas in JSON Schema's words, and what docstrings say of fields."""

import re
from typing import Any

from marshmallow import fields as wire

Schema = dict[str, Any]
LIMITS = frozenset({"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"})
_SENTENCE = re.compile(r"(?<=[.;])\s+(?=[A-Z`])")


def make_portable(part: Any) -> None:  # noqa: ANN401 (JSON)
    """Say in JSON Schema's words what marshmallow says in Python's."""
    if isinstance(part, list):
        for each in part:
            make_portable(each)
    elif isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            part["pattern"] = part["pattern"].replace(r"\A", "^").replace(r"\Z", "$")
        if part.get("type") == "object" and "maxLength" in part:
            part["maxProperties"] = part.pop("maxLength")
        if part.get("in") == "query":
            _without_null(part["schema"])
        for each in part.values():
            make_portable(each)


def without_limits(schema: Schema) -> None:
    """Take from an answer's fields the limits of what may be sent: a sum may exceed them."""
    for part in schema.get("properties", {}).values():
        for each in (part, part.get("items", {}), part.get("additionalProperties", {})):
            for name in LIMITS & each.keys() if isinstance(each, dict) else ():
                del each[name]


def attributes(converter: Any, field: Any, **_: Any) -> Schema:  # noqa: ANN401 (apispec's hook)
    """Say of tuples and dicts what apispec does not: their elements, and their keys."""
    if isinstance(field, wire.Tuple):
        each = [converter.field2property(part) for part in field.tuple_fields]
        size = len(each)
        return {"type": "array", "minItems": size, "maxItems": size, "prefixItems": each}
    if isinstance(field, wire.Dict) and field.key_field is not None:
        return {"propertyNames": converter.field2property(field.key_field)}
    return {}


def _without_null(schema: Schema) -> None:
    """Change a query parameter's schema: what is left out is left out, never null."""
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if "enum" in schema:
        schema["enum"] = [choice for choice in schema["enum"] if choice is not None]
    if schema.get("default", "") is None:
        del schema["default"]


def describe(schema: Schema, cls: type) -> None:
    """Add what a dataclass's docstring says of it and of its fields.

    What it says of a field are its sentences with the field's name in them, as ``code``.
    """
    text = " ".join((cls.__doc__ or "").split()).replace("``", "`")
    if text:
        schema.setdefault("description", text)
    said = fields_said(text)
    for name, field in schema.get("properties", {}).items():
        if name in said and "$ref" not in field:
            field.setdefault("description", said[name])


def fields_said(text: str) -> dict[str, str]:
    """Return the sentences of a description by the names that stand in them as `code`."""
    found: dict[str, list[str]] = {}
    for sentence in _SENTENCE.split(text):
        for name in dict.fromkeys(re.findall(r"`(\w+)`", sentence)):
            found.setdefault(name, []).append(sentence)
    return {name: " ".join(sentences) for name, sentences in found.items()}
