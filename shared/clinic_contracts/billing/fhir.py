"""Billing's records as FHIR R4 resources, and a claim that is handed in as one."""

from dataclasses import dataclass
from typing import Annotated, Literal

from clinic_contracts.constraints import PathId, Text
from clinic_contracts.fhir import Resource

__all__ = ["GetResource", "Resource", "ResourceType", "SubmitResource"]

ResourceType = Literal["Claim", "ClaimResponse", "Coverage", "Invoice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetResource:
    """A record as a resource; a ClaimResponse has the id of its claim.

    The id is the record's, with ``-`` for ``_``, which FHIR's ids have not (R4, data type id).
    """

    resource_type: ResourceType
    resource_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitResource:
    """A Claim resource that fills in a claim of ours, which is then validated and queued."""

    content_base64: Annotated[str, Text(max=14_000_000)]
