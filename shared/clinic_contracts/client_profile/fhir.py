"""Clients as FHIR R4 resources."""

from dataclasses import dataclass
from typing import Literal

from clinic_contracts.constraints import PathId

ResourceType = Literal["Patient"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetResource:
    """A client as a Patient, by its id with ``-`` for ``_``."""

    resource_type: ResourceType
    resource_id: PathId
