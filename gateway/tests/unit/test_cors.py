import pytest

from gateway.http.cors import Origins, UnusableOriginError

APP = "https://app.example.org"
ALLOW = "Access-Control-Allow-Origin"


def preflight(origin: str) -> dict[str, str]:
    return {"origin": origin, "access-control-request-method": "PATCH"}


def test_a_page_that_is_named_may_read() -> None:
    origins = Origins(f"{APP}, http://localhost:5173")
    for origin in (APP, "http://localhost:5173"):
        assert origins.headers({"origin": origin})[ALLOW] == origin
        told = origins.preflight(preflight(origin), "GET, HEAD, OPTIONS, PATCH")
        assert told["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS, PATCH"
        for name in ("Authorization", "Idempotency-Key", "If-Match", "traceparent"):
            assert name in told["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{APP}:444", f"{APP}/", ""])
def test_another_page_is_told_nothing(origin: str) -> None:
    origins = Origins(APP)
    assert origins.headers({"origin": origin}) == {"Vary": "Origin"}
    assert origins.preflight(preflight(origin), "GET") == {}
    assert Origins().headers({"origin": origin}) == {}
    assert Origins().preflight(preflight(origin), "GET") == {}


def test_credentials_are_never_allowed() -> None:
    for origins in (Origins("*"), Origins(APP)):
        told = origins.headers({"origin": APP}) | origins.preflight(preflight(APP), "GET")
        assert told[ALLOW] in {"*", APP}
        assert "Access-Control-Allow-Credentials" not in told


def test_options_that_is_no_preflight_is_answered_without() -> None:
    assert Origins(APP).preflight({"origin": APP}, "GET") == {}
    assert Origins(APP).preflight({"access-control-request-method": "GET"}, "GET") == {}


@pytest.mark.parametrize("text", ["app.example.org", "https://", "https://a.b/path", "ftp://a.b"])
def test_what_is_no_origin_is_named(text: str) -> None:
    with pytest.raises(UnusableOriginError, match=text):
        Origins(text)
