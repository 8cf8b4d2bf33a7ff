"""Payers' files to read: what became of each."""

import base64
import binascii

from billing.ports import Desk
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing.card_events import TakeCardEvent
from clinic_contracts.billing.claims import ClaimFile
from clinic_contracts.errors import Invalid, NotFound

CONTENT_TYPES = {"x12": "application/edi-x12", "fhir": "application/fhir+json"}
ANY_BYTES = "application/octet-stream"
"""What a file is handed out as whose format says no other: it may be anything."""


def content(request: f.TakeFile | TakeCardEvent) -> bytes:
    """Return the file's bytes; raises Invalid for what is no base64."""
    try:
        return base64.b64decode(request.content_base64, validate=True)
    except (binascii.Error, ValueError) as error:
        detail = "is not base64"
        raise Invalid(detail, errors={"content_base64": [detail]}) from error


def list_files(request: f.ListFiles, desk: Desk) -> f.FilePage:
    """Return a page of the files that the caller sees, newest first."""
    items, following = desk.claims.files(request, desk.context.location_scope)
    return f.FilePage(items=items, next=following)


def get_file(id_: str, desk: Desk) -> f.FileView:
    """Return what became of a file; raises NotFound."""
    found = desk.claims.file(id_)
    if found is None or not desk.context.sees_whole(found.location_ids):
        raise NotFound(f"there is no {id_}")
    return found


def read_file(id_: str, desk: Desk) -> ClaimFile:
    """Return a file as it came, byte by byte; raises NotFound."""
    found, raw = get_file(id_, desk), desk.claims.raw(id_)
    if raw is None:
        raise NotFound(f"there is no {id_}")
    return ClaimFile(
        filename=found.id,
        content_type=CONTENT_TYPES.get(found.format, ANY_BYTES),
        content_base64=base64.b64encode(raw).decode(),
    )
