"""Writes by cookie: from pages of ours alone, as JSON, or as the files that a call takes."""

import pytest

from clinic_contracts.errors import ClinicError, Forbidden
from gateway.http.errors import UnsupportedMediaType
from gateway.http.messages import Request
from gateway.identity import callers
from gateway.payer_files import TAKING

TAKES = TAKING[0].takes
OURS = {"host": "clinic.example", "origin": "https://clinic.example"}


def sent(declared: str, **headers: str) -> Request:
    of_browser = {"cookie": "clinic_session=s", "content-type": declared, **headers}
    return Request(method="POST", path="/", headers=of_browser, body=b"ISA*00*", peer="192.0.2.1")


@pytest.mark.parametrize("declared", [*TAKES, "application/json"])
def test_a_page_of_ours_hands_in_the_files_a_call_takes(declared: str) -> None:
    callers.check_page(sent(declared, **OURS), TAKES)


@pytest.mark.parametrize(
    ("declared", "headers", "takes", "refusal"),
    [
        ("text/plain", {**OURS, "origin": "https://evil.example"}, TAKES, Forbidden),
        ("text/plain", {**OURS, "sec-fetch-site": "cross-site"}, TAKES, Forbidden),
        ("text/plain", {"host": "clinic.example"}, TAKES, Forbidden),
        ("text/plain", OURS, (), UnsupportedMediaType),
        ("application/x-www-form-urlencoded", OURS, TAKES, UnsupportedMediaType),
    ],
)
def test_what_another_page_sends_or_no_call_takes_is_refused(
    declared: str, headers: dict[str, str], takes: tuple[str, ...], refusal: type[ClinicError]
) -> None:
    with pytest.raises(refusal):
        callers.check_page(sent(declared, **headers), takes)
