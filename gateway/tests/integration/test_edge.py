"""What every answer carries, whatever is asked: quotas, tags, security, who may read it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clinic_runtime.testing import running
from gateway.calls import OWN_CALLS
from gateway.http.answers import SECURITY_HEADERS
from gateway.routes import ROUTES
from gateway.routing import Call
from gateway.service import GatewayService

APP = "https://app.example.org"
QUOTAS = "anonymous=40,default=1000"


@pytest.fixture(scope="module")
def config(config: dict[str, Any]) -> dict[str, Any]:
    return {**config, "cors_origins": APP, "rate_limits": QUOTAS}


@pytest.fixture(scope="module")
def gateway(config: dict[str, Any], make_gateway: Callable[..., Any]) -> Iterator[Any]:
    with running(GatewayService, config):
        yield make_gateway(config)


def kinds_of_answers(gateway: Any) -> Iterator[Any]:
    owner = gateway.bearer()
    yield gateway.send("GET", "/v1/me", headers=owner)
    yield gateway.send("HEAD", "/v1/me", headers=owner)
    yield gateway.send("GET", "/v1/me", headers={**owner, "If-None-Match": "*"})
    yield gateway.send("OPTIONS", "/v1/me")
    yield gateway.send("GET", "/v1/me")
    yield gateway.send("GET", "/v1/nothing")
    yield gateway.send("PUT", "/v1/me", headers=owner)
    yield gateway.send("POST", "/v1/api-keys", headers=owner, data="{")
    yield gateway.send("POST", "/v1/sessions", json={})
    yield gateway.send("GET", "/docs")
    yield gateway.send("GET", "/style.css")
    yield gateway.send("GET", "/openapi.json")
    yield gateway.send("GET", "/metrics")
    yield gateway.send("GET", "/fhir/R4/Claim/x", headers=owner)
    yield gateway.send("GET", "/" + "x" * 70_000)


def test_every_kind_of_answer_is_safe_to_show(gateway: Any) -> None:
    statuses = set()
    for answer in kinds_of_answers(gateway):
        statuses.add(answer.status_code)
        for name, value in SECURITY_HEADERS.items():
            if name != "Cache-Control" or answer.status_code >= 400:
                assert answer.headers[name] == value, (answer.request.url, name)
        assert "Cache-Control" in answer.headers
        assert "Strict-Transport-Security" not in answer.headers
        assert answer.headers["X-Request-Id"]
    assert statuses >= {200, 204, 304, 400, 401, 404, 405, 414, 422}


def test_behind_tls_the_browser_is_told_to_stay_there(gateway: Any) -> None:
    for path in ("/docs", "/v1/me", "/v1/nothing"):
        answer = gateway.send("GET", path, headers={"X-Forwarded-Proto": "https"})
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_caller_is_told_its_quota_and_when_it_is_used_up(gateway: Any) -> None:
    owner = gateway.bearer()
    first = gateway.send("GET", "/v1/me", headers=owner)
    assert first.headers["RateLimit-Policy"] == '"default";q=1000;w=60'
    assert first.headers["RateLimit"].startswith('"default";r=')
    guess = {"Authorization": "Bearer guess", "X-Forwarded-For": "203.0.113.7"}
    statuses = [gateway.send("GET", "/v1/me", headers=guess).status_code for _ in range(40)]
    assert statuses == [401] * 40
    refused = gateway.send("GET", "/v1/me", headers=guess)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.headers["RateLimit"].startswith('"anonymous";r=0;')
    assert int(refused.headers["Retry-After"]) >= 1
    elsewhere = {**owner, "X-Forwarded-For": "203.0.113.7"}
    assert gateway.send("GET", "/v1/me", headers=elsewhere).status_code == 200
    health = [gateway.send("GET", "/healthz", headers=guess) for _ in range(50)]
    assert {each.status_code for each in health} == {200}


def test_a_page_that_is_named_may_call_with_a_token_and_no_other(gateway: Any) -> None:
    asked = {"Origin": APP, "Access-Control-Request-Method": "DELETE"}
    preflight = gateway.send("OPTIONS", "/v1/sessions/current", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == APP
    assert "DELETE" in preflight.headers["Access-Control-Allow-Methods"]
    call = gateway.send("GET", "/v1/me", headers={**gateway.bearer(), "Origin": APP})
    assert call.headers["Access-Control-Allow-Origin"] == APP
    assert "ETag" in call.headers["Access-Control-Expose-Headers"]
    refusal = gateway.send("GET", "/v1/nothing", headers={"Origin": APP})
    assert refusal.headers["Access-Control-Allow-Origin"] == APP
    foreign = {**asked, "Origin": "https://evil.example"}
    for answer in (
        gateway.send("OPTIONS", "/v1/me", headers=foreign),
        gateway.send("GET", "/v1/me", headers={**gateway.bearer(), **foreign}),
    ):
        assert answer.headers["Vary"] == "Origin"
        assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_a_page_that_is_named_may_still_not_write_by_cookie(gateway: Any, owner: Any) -> None:
    token = gateway.send("POST", "/v1/sessions", json=owner).json()["token"]
    by_cookie = {"Cookie": f"clinic_session={token}", "Origin": APP}
    made = {"name": "k", "role": "auditor"}
    answer = gateway.send("POST", "/v1/api-keys", json=made, headers=by_cookie)
    assert answer.status_code == 403
    answer = gateway.send("POST", "/v1/sessions", json=owner, headers={"Origin": APP})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", ["/v1/me", "/docs", "/openapi.json", "/v1/appointments?client_id=cli_1"]
)
def test_what_is_read_again_unchanged_is_not_sent_again(gateway: Any, desk: Any, path: str) -> None:
    assert desk.version == 1
    owner = gateway.bearer()
    first = gateway.send("GET", path, headers=owner)
    etag = first.headers["ETag"]
    for tag in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = gateway.send("GET", path, headers={**owner, "If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == etag
    other = gateway.send("GET", path, headers={**owner, "If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)
    head = gateway.send("HEAD", path, headers=owner)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", etag)


def test_every_path_says_which_verbs_it_takes(gateway: Any) -> None:
    verbs: dict[str, set[str]] = {}
    calls: tuple[Call, ...] = (*OWN_CALLS, *ROUTES)
    for call in calls:
        verbs.setdefault(call.path, {"OPTIONS"}).add(call.method)
    for path, taken in verbs.items():
        allowed = {*taken, *({"HEAD"} if "GET" in taken else ())}
        place = path.replace("<", "").replace(">", "")
        for verb, status in (("OPTIONS", 204), ("PUT", 405), ("PROPFIND", 405)):
            answer = gateway.send(verb, place)
            assert answer.status_code == status, (verb, path)
            assert set(answer.headers["Allow"].split(", ")) == allowed, path


def test_a_list_s_cursor_is_signed_and_its_own(gateway: Any) -> None:
    owner = gateway.bearer()
    for number in range(3):
        made = {"name": f"k{number}", "role": "auditor"}
        assert gateway.send("POST", "/v1/api-keys", json=made, headers=owner).status_code == 201
    seen: list[str] = []
    cursor = None
    while not seen or cursor is not None:
        asked = {"limit": 2, **({} if cursor is None else {"cursor": cursor})}
        page = gateway.send("GET", "/v1/api-keys", params=asked, headers=owner).json()
        seen += [each["id"] for each in page["items"]]
        earlier, cursor = cursor, page["next"]
    assert len(seen) == len(set(seen)) >= 3
    assert earlier is not None
    unsigned = earlier.rpartition(".")[0]
    for path, given in (("/v1/api-keys", unsigned), ("/v1/staff", earlier), ("/v1/api-keys", "x")):
        refused = gateway.send("GET", path, params={"cursor": given}, headers=owner)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["cursor"])
