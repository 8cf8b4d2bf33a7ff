"""One door for payers' files: which tongue a file speaks, and what it says."""

from payer_formats.answers import Read
from payer_formats.findings import Finding, quoted


def read_file(raw: bytes, content_type: str) -> Read:
    """Return what a payer's file holds, whatever its content type says it is; never raises."""
    start = raw.lstrip()[:20]
    told = quoted(start.decode("utf-8", "replace"))
    text = f"it is neither X12, FHIR nor Teleplan ({content_type}); it begins with {told}"
    return Read(format="unknown", findings=(Finding(code="UNKNOWN_FORMAT", text=text),))
