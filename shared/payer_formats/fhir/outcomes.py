"""OperationOutcome (FHIR R4B): findings as they are told, either way."""

from collections.abc import Iterable

from payer_formats.answers import Acknowledgement, SetVerdict, Verdict
from payer_formats.fhir import systems
from payer_formats.fhir.element import Element
from payer_formats.fhir.syntax import written
from payer_formats.findings import Finding

LONGEST_TEXT = 1000
"""What is kept of an issue's text: servers put whole stack traces into diagnostics."""
_KINDS = {
    "NOT_JSON": "structure",
    "DEPTH": "structure",
    "DUPLICATE_NAME": "structure",
    "FILE_SIZE": "too-long",
    "REQUIRED": "required",
    "CODE": "code-invalid",
    "TYPE": "value",
    "AMOUNT": "value",
    "DATE": "value",
}
"""Codes of the value set issue-type; any other finding breaks a business rule."""


def outcome(findings: Iterable[Finding]) -> bytes:
    """Return findings as an OperationOutcome; without any it says that all is well."""
    issues: list[dict[str, object]] = [
        {
            "severity": "error" if each.severity == "error" else "warning",
            "code": _KINDS.get(each.code, "business-rule"),
            "details": {"coding": [{"code": each.code}], "text": each.text},
            "expression": [each.where] if each.where else [],
        }
        for each in findings
    ]
    well = {"severity": "information", "code": "informational", "details": {"text": "All OK"}}
    return written({"resourceType": "OperationOutcome", "issue": issues or [well]})


def read_outcome(resource: Element) -> Acknowledgement:
    """Read an OperationOutcome: what was sent is rejected when an issue is an error or fatal."""
    told = []
    for issue in resource.many("issue", required=True):
        severity = issue.code("severity", systems.SEVERITIES, required=True)
        if severity == "information":
            continue
        told.append(
            Finding(
                code=issue.concept("details") or issue.text("code", required=True),
                text=_text(issue),
                where=", ".join(issue.texts("expression") or issue.texts("location")),
                severity="warning" if severity == "warning" else "error",
            )
        )
    failed = any(each.severity == "error" for each in told)
    verdict: Verdict = "rejected" if failed else "accepted_with_errors" if told else "accepted"
    return Acknowledgement(
        kind="OperationOutcome",
        identity=resource.text("id"),
        sets=(
            SetVerdict(
                level="set",
                verdict=verdict,
                codes=tuple(each.code for each in told),
                errors=tuple(told),
            ),
        ),
        findings=tuple(resource.notes.findings),
    )


def _text(issue: Element) -> str:
    return (issue.one("details").text("text") or issue.text("diagnostics"))[:LONGEST_TEXT]
