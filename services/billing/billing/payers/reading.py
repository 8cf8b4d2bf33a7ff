"""One door for payers' files: which tongue a file speaks, and what it says."""

from clinic_runtime.clock import now
from clinic_runtime.threads import off_the_hub
from payer_formats.answers import Read
from payer_formats.fhir import reading as fhir
from payer_formats.findings import Finding, quoted
from payer_formats.portal import keyed_file
from payer_formats.teleplan import reading as teleplan
from payer_formats.x12 import reading as x12
from payer_formats.x12.syntax import BLANK

RESOURCE = b'"resourceType"'
"""What every FHIR document has in it (FHIR R4, 2.6.2)."""

LARGE_FILE = 100_000
"""Bytes that take about 0.05 s to read; the most that are taken would take 3 s."""


def read_beside(raw: bytes, content_type: str) -> Read:
    """Return what ``read_file`` does, without holding up heartbeats and health by a large file."""
    if len(raw) < LARGE_FILE:
        return read_file(raw, content_type)
    return off_the_hub(read_file, raw, content_type)


def read_file(raw: bytes, content_type: str) -> Read:
    """Return what a payer's file holds, by how it begins; never raises for what it holds.

    The content type is told to people alone: clearing houses send everything as text.
    """
    start = raw[:64].decode("utf-8", "replace").lstrip(BLANK)
    if start.startswith("ISA") or content_type == "application/edi-x12":
        return x12.read_answers(raw, now().date())
    if teleplan.speaks(raw):
        return teleplan.read_answers(raw)
    if keyed_file.speaks(raw, content_type):
        return keyed_file.read_keyed(raw)
    if content_type == "application/fhir+json" or RESOURCE in raw:
        return fhir.read_answers(raw)
    told = f"({content_type}); it begins with {quoted(start[:20])}"
    text = f"it is neither X12, FHIR nor Teleplan {told}"
    fix = "send the payer's file itself, as it came"
    return Read(format="unknown", findings=(Finding(code="UNKNOWN_FORMAT", text=text, fix=fix),))
