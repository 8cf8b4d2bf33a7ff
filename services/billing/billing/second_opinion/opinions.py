"""What the libraries say of a file; only the worker process imports this."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_PROBLEMS = 50
LONGEST = 300


class NoOpinionError(Exception):
    """The library has nothing to say of such a file, for the reason told."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a library does not like; ``position`` counts segments from 1."""

    code: str
    text: str
    where: str = ""
    position: int = 0


def of_x12(raw: bytes) -> list[Problem]:
    """Return what pyx12 says of an interchange (837P, 835, 277CA and 999 of 5010).

    Raises NoOpinionError for other transactions and versions, and where pyx12 itself fails.
    """
    from pyx12 import errors, params, x12n_document  # noqa: PLC0415 (only when X12 is asked about)

    told = io.StringIO()
    try:
        valid = x12n_document.x12n_document(
            params.ParamsBase(), io.StringIO(raw.decode("latin-1")), None, None, fd_json=told
        )
    except errors.EngineError as unknown:
        raise NoOpinionError(str(unknown)[:LONGEST]) from None
    if valid:
        return []
    if not told.getvalue():
        return [Problem("NO_ISA", "this does not look like X12")]
    problems = list(_problems(json.loads(told.getvalue())))
    return problems or [Problem("INVALID", "pyx12 finds it invalid and does not say why")]


def _problems(document: dict[str, Any]) -> Iterator[Problem]:
    """Yield the errors of pyx12's report, which nests as the envelopes do."""
    for interchange in document["interchanges"]:
        yield from _errors(interchange, "ISA")
        for group in interchange["groups"]:
            yield from _errors(group, "GS")
            for transaction in group["transactions"]:
                yield from _errors(transaction, "ST")
                for segment in transaction["segments"]:
                    yield from _errors(segment, segment["seg_id"])
                    for element in segment["elements"]:
                        at = f"{element['ele_pos']:02}" if element["ele_pos"] else ""
                        where = f"{segment['seg_id']}{at}"
                        yield from _errors(element | {"cur_line": segment["cur_line"]}, where)


def _errors(node: dict[str, Any], where: str) -> Iterator[Problem]:
    for each in node["errors"]:
        text = str(each["err_str"])[:LONGEST]
        yield Problem(str(each["err_cde"]), text, where, int(node.get("cur_line") or 0))


def of_fhir(raw: bytes) -> list[Problem]:
    """Return what fhir.resources says of an R4B resource.

    Raises NoOpinionError for a type of resource that R4B has not.
    """
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 (as above)
    from pydantic import ValidationError  # noqa: PLC0415 (as above)

    try:
        kind = json.loads(raw).get("resourceType")
    except (ValueError, AttributeError, RecursionError):
        return [Problem("NOT_JSON", "this is not a JSON object")]
    try:
        model = get_fhir_model_class(kind)
    except (KeyError, LookupError, TypeError):
        raise NoOpinionError("R4B has no such type of resource") from None
    try:
        model.model_validate_json(raw)
    except ValidationError as wrong:
        return [
            Problem(each["type"], each["msg"][:LONGEST], _path(kind, each["loc"]))
            for each in wrong.errors(include_url=False, include_input=False)
        ]
    return []


def _path(kind: str, places: tuple[int | str, ...]) -> str:
    parts = [f"[{each}]" if isinstance(each, int) else f".{each}" for each in places]
    return (kind + "".join(parts))[:LONGEST]


OPINIONS = {"x12": of_x12, "fhir": of_fhir}
