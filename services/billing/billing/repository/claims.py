"""A claim and its document: what it is about is sealed, what it is worth is not."""

from typing import Any

from billing.repository.collections import Document
from clinic_contracts.billing.claims import ClaimDetails
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.trusted import dump, read
from clinic_runtime.sealing import Sealer
from clinic_runtime.wire import decode, encode

APART = frozenset({"id", "version", "details"})


def claim_document(claim: ClaimView, sealer: Sealer) -> Document:
    """Return a new claim as it is kept."""
    document = {"_id": claim.id, "at": claim.created_at, "state": state_of(claim)}
    if claim.details is not None:
        document["sealed"] = sealed(claim.details, claim.id, sealer)
    return document


def claim_of(found: Document, sealer: Sealer) -> ClaimView:
    """Return a claim with its details; raises CannotOpenError."""
    kept = found.get("sealed")
    details = {} if kept is None else {"details": decode(sealer.open(kept, found["_id"]))}
    state = {**found["state"], **details, "id": found["_id"], "version": found["version"]}
    return read(ClaimView, state)


def sealed(details: ClaimDetails, id_: str, sealer: Sealer) -> bytes:
    """Return a claim's details as they are kept."""
    return sealer.seal(encode(dump(details)).decode(), id_)


def state_of(view: Any) -> Document:  # noqa: ANN401 (a claim, an invoice, a file …)
    """Return what is kept of a record in the clear."""
    return {key: value for key, value in dump(view).items() if key not in APART}
