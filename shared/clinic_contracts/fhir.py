"""FHIR R4 as services say it: resources as the bytes of their JSON, and the ids they go by."""

from dataclasses import dataclass
from typing import Annotated

from clinic_contracts.constraints import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource as the bytes of its JSON."""

    content_base64: Annotated[str, Text(max=14_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePage:
    """A page of resources as the bytes of a JSON array."""

    content_base64: Annotated[str, Text(max=14_000_000)]
    next: str | None = None


def resource_id(record_id: str) -> str:
    """Return a record's id as FHIR spells it: its ids have no ``_`` (R4, data type id)."""
    return record_id.replace("_", "-")


def record_id(resource_id: str) -> str:
    """Return the id of the record behind a resource's."""
    return resource_id.replace("-", "_")
