"""Refusals on FHIR's paths: OperationOutcomes (FHIR R4, RESTful API), not problem documents."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from clinic_contracts.errors import ClaimUnfit, ClinicError, Kind, MethodNotAllowed
from clinic_runtime import wire
from gateway.http.answers import refusal_headers, status_of
from gateway.http.messages import Response

FHIR_JSON = "application/fhir+json"
KINDS: Mapping[Kind, str] = {
    "invalid": "invalid",
    "unauthenticated": "login",
    "forbidden": "forbidden",
    "not_found": "not-found",
    "conflict": "conflict",
    "stale": "conflict",
    "precondition_required": "required",
    "bad_request": "structure",
    "too_large": "too-long",
    "too_many": "throttled",
    "unavailable": "transient",
    "internal": "exception",
}
"""Codes of the value set issue-type."""
UNPROCESSABLE = 422
_PATH = re.compile(rb"(?:https?://[^/?#]*)?/fhir/", re.IGNORECASE)


def is_fhir(target: bytes) -> bool:
    """Say whether a request's target is one of FHIR's paths."""
    return _PATH.match(target) is not None


def outcome(error: ClinicError, _request_id: str) -> Response:
    """Return an error as an OperationOutcome: an issue for each finding or wrong field.

    A claim that cannot go as it is is 422, as FHIR answers what breaks a business rule.
    """
    status = UNPROCESSABLE if isinstance(error, ClaimUnfit) else status_of(error)
    body = {"resourceType": "OperationOutcome", "issue": list(_issues(error))}
    headers = {"Content-Type": FHIR_JSON, **refusal_headers(error, status)}
    return Response(status, headers, wire.encode(body))


def _issues(error: ClinicError) -> Iterator[dict[str, Any]]:
    findings, errors = error.extra.get("findings"), error.extra.get("errors")
    if findings:
        yield from map(_found, findings)
    elif errors:
        for where, message in _flat(errors, ""):
            yield _issue("value", error.code, f"{where}: {message}")
    else:
        kind = "not-supported" if isinstance(error, MethodNotAllowed) else KINDS[error.kind]
        yield _issue(kind, error.code, error.detail)


def _found(finding: Mapping[str, Any]) -> dict[str, Any]:
    issue = _issue("business-rule", finding["code"], finding["text"])
    issue["severity"] = finding.get("severity") or "error"
    if finding.get("fix"):
        issue["diagnostics"] = finding["fix"]
    if str(finding.get("where", "")).startswith("Claim."):
        issue["expression"] = [finding["where"]]
    return issue


def _issue(kind: str, code: str, text: str) -> dict[str, Any]:
    details = {"coding": [{"code": code}], "text": text}
    return {"severity": "error", "code": kind, "details": details}


def _flat(errors: Any, where: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (messages, nested)
    """Yield each message with the path of its field."""
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            yield from _flat(inner, f"{where}.{name}" if where else str(name))
    elif isinstance(errors, list):
        for inner in errors:
            yield from _flat(inner, where)
    else:
        yield where, str(errors)
