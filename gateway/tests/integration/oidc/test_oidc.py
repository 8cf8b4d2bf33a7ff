"""Signing in by an OpenID provider that these tests start, and everything it could get wrong."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import serialization

from clinic_runtime.clock import now
from clinic_runtime.ids import ulid
from clinic_runtime.testing import eventually, running
from gateway.identity import oidc, providers
from gateway.identity.access import Grant
from gateway.identity.accounts import Accounts
from gateway.identity.staff import Member, new_member
from gateway.service import GatewayService

CLIENT_ID = "clinicops"
START, CALLBACK = "/v1/oidc/start", "/v1/oidc/callback"


@pytest.fixture(scope="module")
def gateway(config: dict[str, Any], make_gateway: Any, idp: Any) -> Iterator[Any]:
    settings = {
        **config,
        "oidc_issuer": idp.issuer,
        "oidc_client_id": idp.client_id,
        "oidc_client_secret": idp.client_secret,
        "oidc_algorithms": "RS256",
        "oidc_name": "The chain's own",
        "public_url": f"http://{config['WEB_SERVER_ADDRESS']}",
    }
    with running(GatewayService, settings):
        yield make_gateway(settings)


@pytest.fixture(autouse=True)
def nothing_kept(idp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a new provider each time, and the gateway ask it anew."""
    idp.reset()
    for name in ("KEPT_SECONDS", "REFETCH_SECONDS"):
        monkeypatch.setattr(providers, name, 0)


@pytest.fixture
def member(gateway: Any, idp: Any) -> Member:
    """Return somebody whom the provider knows."""
    idp.email, idp.subject = f"{ulid()}@example.org".lower(), ulid()
    made = new_member(idp.email, "Robin", (Grant("therapist", ("loc_1",)),))
    Accounts(gateway.database).staff.add(made)
    return made


class Browser:
    """Follows the redirections one by one, with the cookies it was given."""

    def __init__(self, gateway: Any) -> None:
        self.gateway = gateway
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Any:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.gateway.send(
            "GET", path, headers={"Cookie": kept} if kept else {}, allow_redirects=False
        )
        self.cookies |= answer.cookies.get_dict()
        return answer

    def to_provider(self, return_to: str = "/console/clients") -> str:
        """Return where the gateway sends it."""
        answer = self.get(f"{START}?return_to={return_to}")
        assert answer.status_code == 302
        return str(answer.headers["Location"])

    def back_from(self, address: str) -> str:
        """Return the path of ours to which the provider sends it back."""
        answer = requests.get(address, allow_redirects=False, timeout=10)
        assert answer.status_code == 302
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def sign_in(self) -> Any:
        return self.get(self.back_from(self.to_provider()))


@pytest.fixture
def browser(gateway: Any) -> Browser:
    return Browser(gateway)


def refused(answer: Any) -> str:
    """Return why nobody was signed in."""
    location = urlsplit(answer.headers["Location"])
    assert (answer.status_code, location.path) == (302, "/console/sign-in")
    assert "clinic_session" not in answer.headers.get("Set-Cookie", "")
    return str(parse_qs(location.query)["error"][0])


def test_an_account_is_linked_by_its_verified_email_and_found_by_subject(
    gateway: Any, browser: Browser, idp: Any, member: Member
) -> None:
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console/clients")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert browser.get("/v1/me").json()["id"] == member.actor_id
    # From then on the identity counts, whatever becomes of the e-mail there.
    idp.email, idp.claims = "another@example.org", {"email_verified": False}
    again = Browser(gateway)
    again.sign_in()
    assert again.get("/v1/me").json()["id"] == member.actor_id
    rows = gateway.send(
        "GET", f"/v1/audit?actor={member.actor_id}", headers=gateway.bearer("auditor")
    ).json()["items"]
    assert [(row["kind"], row["reason"]) for row in reversed(rows)] == [
        ("oidc_linked", None),
        ("signed_in", "oidc"),
        ("signed_in", "oidc"),
    ]


def test_the_console_is_told_which_ways_there_are(gateway: Any) -> None:
    told = gateway.send("GET", "/v1/sign-in-options").json()
    assert told == {"password": True, "oidc": {"name": "The chain's own"}}


def hs256_with_the_public_key(idp: Any, claims: dict[str, Any]) -> str:
    """Return a token signed with what everybody knows, as if that were a shared secret."""
    public = idp.keys["one"].public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = ".".join(map(encoded, ({"alg": "HS256", "kid": "one"}, claims)))
    mac = hmac.digest(pem, signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def unsigned(_idp: Any, claims: dict[str, Any]) -> str:
    return ".".join(map(encoded, ({"alg": "none", "kid": "one"}, claims))) + "."


def by_another_key(idp: Any, claims: dict[str, Any]) -> str:
    idp.new_key("one")
    token = str(idp.signed(claims))
    idp.new_key("one")
    return token


def by_an_unknown_key(idp: Any, claims: dict[str, Any]) -> str:
    idp.new_key("two")
    token = str(idp.signed(claims))
    idp.new_key("one")
    return token


def altered(idp: Any, claims: dict[str, Any]) -> str:
    head, _, signature = idp.signed(claims).split(".")
    return f"{head}.{encoded({**claims, 'sub': 'somebody-else'})}.{signature}"


def garbage(_idp: Any, _claims: dict[str, Any]) -> str:
    return "no token at all"


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "sign",
    [
        hs256_with_the_public_key,
        unsigned,
        by_another_key,
        by_an_unknown_key,
        altered,
        garbage,
    ],
)
def test_a_token_that_the_provider_did_not_sign_as_agreed_is_refused(
    browser: Browser, idp: Any, member: Member, sign: Any
) -> None:
    assert member.active
    idp.sign = lambda claims: str(sign(idp, claims))
    assert refused(browser.sign_in()) == "oidc_token"
    assert browser.get("/v1/me").status_code == 401


HOUR = 3_600


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-program"},
        {"aud": [CLIENT_ID, "another-program"]},
        {"azp": "another-program"},
        {"iss": "https://evil.example"},
        {"exp": int(now().timestamp()) - HOUR},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"nbf": int(now().timestamp()) + HOUR},
        {"nonce": "of another sign-in"},
        {"nonce": None},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    browser: Browser, idp: Any, member: Member, claims: dict[str, Any]
) -> None:
    assert member.active
    idp.claims = claims
    assert refused(browser.sign_in()) == "oidc_token"


def test_several_audiences_will_do_when_it_was_made_for_us(
    browser: Browser, idp: Any, member: Member
) -> None:
    idp.claims = {"aud": [CLIENT_ID, "another-program"], "azp": CLIENT_ID}
    browser.sign_in()
    assert browser.get("/v1/me").json()["id"] == member.actor_id


def test_an_account_is_never_made_nor_taken(
    gateway: Any, browser: Browser, idp: Any, member: Member
) -> None:
    before = gateway.database["staff"].count_documents({})
    idp.claims = {"email_verified": False}
    assert refused(browser.sign_in()) == "oidc_unverified_email"
    idp.claims = {"email_verified": "true"}
    assert refused(Browser(gateway).sign_in()) == "oidc_unverified_email"
    idp.claims = {"email": f"{ulid()}@example.org"}
    assert refused(Browser(gateway).sign_in()) == "oidc_no_account"
    assert gateway.database["staff"].count_documents({}) == before
    idp.claims = {}
    assert Browser(gateway).sign_in().headers["Location"] == "/console/clients"
    # Another identity with the same e-mail is not the one that the account is linked to.
    idp.subject = ulid()
    assert refused(Browser(gateway).sign_in()) == "oidc_no_account"
    assert member.email == idp.email


def test_who_left_is_not_let_in(gateway: Any, browser: Browser, member: Member) -> None:
    browser.sign_in()
    gateway.database["staff"].update_one({"_id": member.id}, {"$set": {"active": False}})
    assert refused(Browser(gateway).sign_in()) == "oidc_no_account"


def test_a_sign_in_ends_in_the_browser_that_began_it_once(
    gateway: Any, browser: Browser, idp: Any, member: Member
) -> None:
    assert member.email == idp.email
    back = browser.back_from(browser.to_provider())
    # Another browser's, with no sign-in begun or one of its own: whose session would it get?
    assert refused(Browser(gateway).get(back)) == "oidc_state"
    other = Browser(gateway)
    other.to_provider()
    assert refused(other.get(back)) == "oidc_state"
    assert browser.get(back).headers["Location"] == "/console/clients"
    assert refused(browser.get(back)) == "oidc_state"


def test_a_sign_in_that_took_too_long_is_over(
    browser: Browser, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert member.active
    back = browser.back_from(browser.to_provider())
    with monkeypatch.context() as patch:
        patch.setattr(oidc, "now", lambda: now() + timedelta(minutes=oidc.MINUTES))
        assert refused(browser.get(back)) == "oidc_state"


def test_a_code_that_was_made_for_another_verifier_is_refused(
    browser: Browser, idp: Any, member: Member
) -> None:
    assert member.active
    back = browser.back_from(browser.to_provider())
    for asked in idp.pending.values():
        asked["code_challenge"] = "of somebody else"
    assert refused(browser.get(back)) == "oidc_refused"


def test_what_the_provider_refuses_is_said(browser: Browser) -> None:
    state = parse_qs(urlsplit(browser.to_provider()).query)["state"][0]
    answer = browser.get(f"{CALLBACK}?error=access_denied&state={state}")
    assert refused(answer) == "oidc_refused"


def test_a_provider_that_is_away_is_said_so(browser: Browser, idp: Any) -> None:
    back = browser.back_from(browser.to_provider())
    idp.down = True
    assert refused(browser.get(back)) == "oidc_unavailable"
    assert refused(Browser(browser.gateway).get(START)) == "oidc_unavailable"


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_is_another_than_it_should_be_is_not_gone_to(
    browser: Browser, idp: Any, metadata: dict[str, Any]
) -> None:
    idp.metadata = metadata
    assert refused(browser.get(START)) == "oidc_unavailable"


def test_keys_are_fetched_once_and_for_an_unknown_name_once_a_minute(
    gateway: Any, idp: Any, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Browser(gateway).sign_in().headers["Location"] == "/console/clients"
    monkeypatch.setattr(providers, "KEPT_SECONDS", HOUR)
    monkeypatch.setattr(providers, "REFETCH_SECONDS", HOUR)
    idp.asked.clear()
    for _ in range(2):
        assert Browser(gateway).sign_in().headers["Location"] == "/console/clients"
    assert "/keys" not in idp.asked
    idp.new_key("two")
    for _ in range(3):
        assert refused(Browser(gateway).sign_in()) == "oidc_token"
    assert "/keys" not in idp.asked
    monkeypatch.setattr(providers, "REFETCH_SECONDS", 0)
    assert Browser(gateway).sign_in().headers["Location"] == "/console/clients"
    assert idp.asked.count("/keys") == 1
    assert member.email == idp.email


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/console/clients%3Fq%3Dada", "/console/clients?q=ada"),
        ("https://evil.example", "/console"),
        ("//evil.example", "/console"),
        ("/%5Cevil.example", "/console"),
        ("/a%20b", "/console"),
        ("", "/console"),
    ],
)
def test_one_lands_on_a_page_of_ours(
    browser: Browser, member: Member, asked: str, lands: str
) -> None:
    assert member.active
    back = browser.back_from(browser.to_provider(asked))
    assert browser.get(back).headers["Location"] == lands


def test_a_refusal_is_on_the_trail(gateway: Any, browser: Browser, idp: Any) -> None:
    idp.email = f"{ulid()}@example.org"
    refused(browser.sign_in())
    rows = eventually(
        lambda: gateway.send(
            "GET", "/v1/audit?actor=nobody:oidc", headers=gateway.bearer("auditor")
        ).json()["items"]
    )
    assert {row["kind"] for row in rows} == {"sign_in_refused"}


def test_without_a_provider_there_is_no_such_way(
    config: dict[str, Any], make_gateway: Any, gateway: Any
) -> None:
    assert gateway is not None
    port = int(config["WEB_SERVER_ADDRESS"].rpartition(":")[2]) + 1
    other = {**config, "WEB_SERVER_ADDRESS": f"127.0.0.1:{port}"}
    with running(GatewayService, other):
        alone = make_gateway(other)
        assert alone.send("GET", "/v1/sign-in-options").json() == {"password": True, "oidc": None}
        assert alone.send("GET", START).status_code == 404
        assert alone.send("GET", CALLBACK).status_code == 404
