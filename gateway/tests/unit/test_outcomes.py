import json
from typing import Any

import pytest

from clinic_contracts import errors
from gateway.http.outcomes import KINDS, is_fhir, outcome


def told(error: errors.ClinicError) -> tuple[int, list[dict[str, Any]]]:
    response = outcome(error, "r")
    assert response.headers["Content-Type"] == "application/fhir+json"
    body = json.loads(response.body)
    assert body["resourceType"] == "OperationOutcome"
    return response.status, body["issue"]


@pytest.mark.parametrize("cls", [*errors.ERRORS.values()])
def test_every_refusal_is_an_issue_of_the_value_set(cls: type[errors.ClinicError]) -> None:
    error = errors.from_wire({"code": cls.code, "detail": "why"})
    status, (issue,) = told(error)
    assert status >= 400
    assert issue["severity"] == "error"
    assert issue["code"] in {*KINDS.values(), "not-supported"}
    assert issue["details"]["text"] == "why"


def test_each_finding_is_an_issue_with_its_place_and_its_mending() -> None:
    findings = [
        {"code": "AMOUNT", "text": "too much", "where": "Claim.total", "severity": "error"},
        {"code": "DX_POINTER", "text": "none", "where": "lines", "fix": "point", "line": 1},
        {"code": "TIMELY_FILING", "text": "late", "severity": "warning"},
    ]
    status, issues = told(errors.ClaimUnfit("no", findings=findings))
    assert status == 422
    assert [each["severity"] for each in issues] == ["error", "error", "warning"]
    assert issues[0]["expression"] == ["Claim.total"]
    assert "expression" not in issues[1]
    assert issues[1]["diagnostics"] == "point"


def test_each_message_about_a_field_is_an_issue_that_names_it() -> None:
    wrong = {"lines": {0: {"procedure": ["letters and digits", "too long"]}}, "note": ["too long"]}
    status, issues = told(errors.Invalid("not accepted", errors=wrong))
    assert status == 422
    assert [each["details"]["text"] for each in issues] == [
        "lines.0.procedure: letters and digits",
        "lines.0.procedure: too long",
        "note: too long",
    ]


def test_what_http_says_beside_is_said_here_too() -> None:
    busy = outcome(errors.ServiceUnavailable("away", retry_after=3), "r")
    assert (busy.status, busy.headers["Retry-After"]) == (503, "3")
    assert outcome(errors.Unauthenticated("who"), "r").headers["WWW-Authenticate"] == "Bearer"
    other = errors.MethodNotAllowed("no", allow=["GET", "HEAD"])
    assert outcome(other, "r").headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("target", "is_so"),
    [
        (b"/fhir/R4/metadata", True),
        (b"http://clinic.example/fhir/R4/Claim/1", True),
        (b"/v1/claims", False),
        (b"/v1/claims?from=/fhir/R4", False),
        (b"/fhirs", False),
        (b"", False),
    ],
)
def test_fhirs_paths_are_told_from_others(target: bytes, is_so: bool) -> None:  # noqa: FBT001 (a case)
    assert is_fhir(target) is is_so
