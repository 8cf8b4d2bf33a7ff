"""Every refusal a service can answer, by code. Errors cross process borders by code alone.

``kind`` says what sort of refusal it is; the gateway's one table maps kinds to HTTP answers.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

Kind = Literal[
    "invalid",
    "unauthenticated",
    "forbidden",
    "not_found",
    "conflict",
    "stale",
    "precondition_required",
    "bad_request",
    "too_large",
    "too_many",
    "unavailable",
    "internal",
]


class ClinicError(Exception):
    """A refusal in the field's words: ``code`` for programs, ``detail`` for people."""

    code: ClassVar[str] = "internal_error"
    kind: ClassVar[Kind] = "internal"

    def __init__(self, detail: str, **extra: Any) -> None:  # noqa: ANN401 (extra is JSON)
        """Keep the sentence and the JSON-able members that the problem body adds to it."""
        super().__init__(detail)
        self.detail = detail
        self.extra: dict[str, Any] = extra


class Invalid(ClinicError):
    """The request does not fit its schema; ``errors`` maps each field to its messages."""

    code = "validation_failed"
    kind = "invalid"


class NotBookable(ClinicError):
    """Off the tick, outside hours or shift, or closed; ``reason`` is the machine's word for it."""

    code = "not_bookable"
    kind = "invalid"


class NonexistentTime(ClinicError):
    """A wall time that the clock skips on that day."""

    code = "nonexistent_time"
    kind = "invalid"


class IdempotencyMismatch(ClinicError):
    """The Idempotency-Key was used before with another body."""

    code = "idempotency_key_reused"
    kind = "invalid"


class PaymentRefused(ClinicError):
    """The card was declined, or the amount is not what can be paid; ``reason`` says which."""

    code = "payment_refused"
    kind = "invalid"


class RegistrationLapsed(ClinicError):
    """A receipt was asked for a day on which the therapist was not registered."""

    code = "registration_lapsed"
    kind = "invalid"


class Unauthenticated(ClinicError):
    """Nobody is signed in, or the session or key is not valid any more."""

    code = "unauthenticated"
    kind = "unauthenticated"


class Forbidden(ClinicError):
    """The caller's roles do not allow this."""

    code = "forbidden"
    kind = "forbidden"


class NotFound(ClinicError):
    """No such record, or one of a location that is not the caller's."""

    code = "not_found"
    kind = "not_found"


class MethodNotAllowed(ClinicError):
    """The path exists; this verb does not."""

    code = "method_not_allowed"
    kind = "bad_request"


class SlotTaken(ClinicError):
    """Somebody has the time; ``blocked_by`` names what, ``alternatives`` offers three slots."""

    code = "slot_taken"
    kind = "conflict"


class SeriesConflicts(ClinicError):
    """Not every visit of a series can be had, so none was booked; ``conflicts`` lists them."""

    code = "series_conflicts"
    kind = "conflict"


class HoldUsed(ClinicError):
    """The hold became an appointment already; ``appointment_id`` says which."""

    code = "hold_used"
    kind = "conflict"


class ClientBlocked(ClinicError):
    """An alert forbids to treat the client at that time; ``alert_ids`` says which."""

    code = "client_blocked"
    kind = "conflict"


class ReferralNeeded(ClinicError):
    """The location treats on referral alone: ``reason`` is none, expired or used_up."""

    code = "referral_needed"
    kind = "invalid"


class OfferOver(ClinicError):
    """The offered time cannot be had by this link; ``offer_status`` says what the offer is."""

    code = "offer_over"
    kind = "conflict"


class IllegalTransition(ClinicError):
    """The record's state does not allow this change; ``from`` and ``to`` name both states."""

    code = "illegal_transition"
    kind = "conflict"

    def __init__(self, what: str, source: str, target: str) -> None:
        """Name the two states of the refused change."""
        super().__init__(
            f"this {what} is {source} and cannot become {target}", **{"from": source, "to": target}
        )


class NotSupported(ClinicError):
    """What is asked for is nothing that this payer takes; the detail names the payer."""

    code = "not_supported"
    kind = "invalid"


class ClaimUnfit(ClinicError):
    """A claim cannot go to its payer as it is; ``findings`` say why."""

    code = "claim_unfit"
    kind = "conflict"


class AlreadyExists(ClinicError):
    """Another record holds what must be unique; ``field`` names it."""

    code = "already_exists"
    kind = "conflict"


class RequestInFlight(ClinicError):
    """The first request with this Idempotency-Key has not been answered yet."""

    code = "request_in_flight"
    kind = "conflict"


class StaleVersion(ClinicError):
    """The record changed since it was read; ``current`` is its present representation."""

    code = "stale_version"
    kind = "stale"


class PreconditionRequired(ClinicError):
    """If-Match is missing."""

    code = "precondition_required"
    kind = "precondition_required"


class BadRequest(ClinicError):
    """Not JSON, or a header that cannot be understood."""

    code = "bad_request"
    kind = "bad_request"


class TooLarge(ClinicError):
    """The body or its nesting exceeds the limit."""

    code = "too_large"
    kind = "too_large"


class TooManyRequests(ClinicError):
    """Slowed down; ``retry_after`` is in seconds."""

    code = "too_many_requests"
    kind = "too_many"


class ServiceUnavailable(ClinicError):
    """A needed service, the broker or the database is away; ``retry_after`` is in seconds."""

    code = "service_unavailable"
    kind = "unavailable"


class InternalError(ClinicError):
    """A fault of ours; the log has it under the request id, the caller sees only that id."""


class RetryLater(Exception):
    """A consumer's "not yet": what the event needs has not arrived; the event is retried."""


class Permanent(Exception):
    """A consumer's "never": retrying cannot help; the event is parked at once."""


def _every_error(base: type[ClinicError]) -> dict[str, type[ClinicError]]:
    found = {base.code: base}
    for child in base.__subclasses__():
        found |= _every_error(child)
    return found


ERRORS: Mapping[str, type[ClinicError]] = _every_error(ClinicError) | {
    "internal_error": InternalError
}


def to_wire(error: ClinicError) -> dict[str, Any]:
    """Return ``{"code", "detail", "extra"}``, the form in which an error crosses RPC."""
    return {"code": error.code, "detail": error.detail, "extra": error.extra}


def from_wire(document: Mapping[str, Any]) -> ClinicError:
    """Rebuild an error from its wire form; an unknown code (a newer service) is internal."""
    cls = ERRORS.get(document.get("code", ""), InternalError)
    error = cls.__new__(cls)
    ClinicError.__init__(error, document.get("detail", ""), **document.get("extra", {}))
    return error
