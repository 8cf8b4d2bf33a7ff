"""An operation: something one service does when asked, with the shapes of question and answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """``service.name`` takes ``request`` and answers ``response``, both frozen dataclasses."""

    service: str
    name: str
    request: type
    response: type


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """Ask a service to check its own books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """``findings`` are each 0 when all is well; ``counts`` say how much there is."""

    service: str
    findings: dict[str, int]
    counts: dict[str, int]


def verify_of(service: str) -> Operation:
    """Return the operation by which ``service`` verifies itself."""
    return Operation(service, "verify", Verify, Verification)
