"""Signing in by an OpenID provider, and which ways of signing in there are."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from pymongo.errors import DuplicateKeyError
from werkzeug.http import dump_cookie

from clinic_contracts.constraints import Text
from clinic_contracts.errors import NotFound
from clinic_contracts.trusted import dump
from clinic_runtime.clock import now
from gateway.http import requests
from gateway.http.answers import json_answer
from gateway.http.messages import Response
from gateway.identity import callers, oidc
from gateway.identity.oidc import HOME, Identity, OidcRefused
from gateway.identity.providers import ProviderLink
from gateway.identity.sessions import digest
from gateway.identity.staff import Member
from gateway.identity_calls.asking import TAG, Asked
from gateway.identity_calls.sessions import cookie
from gateway.routing import OwnCall

FOUND = 302
COOKIE = "clinic_oidc"
COOKIE_PATH = "/v1/oidc"
SIGN_IN_PAGE = "/console/sign-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderView:
    """A provider, as its button is called."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInOptions:
    """Ways to sign in; ``oidc`` is null where no provider is set."""

    password: bool
    oidc: ProviderView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOidc:
    """Where to come back to: a page of ours, else the console's first."""

    return_to: Annotated[str, Text(min=0, max=500)] = HOME


OPTIONS = OwnCall(
    method="GET",
    path="/v1/sign-in-options",
    name="sign_in_options",
    summary="Which ways of signing in there are.",
    tag=TAG,
    action="public",
    answer=SignInOptions,
)
START = OwnCall(
    method="GET",
    path=f"{COOKIE_PATH}/start",
    name="oidc_start",
    summary="To the OpenID provider; `return_to` is the page of ours to come back to.",
    tag=TAG,
    action="public",
    request=StartOidc,
    status=FOUND,
    refusals=(404,),
)
CALLBACK = OwnCall(
    method="GET",
    path=f"{COOKIE_PATH}/callback",
    name="oidc_callback",
    summary="Back from the OpenID provider: signed in, or to the sign-in page with an `error`.",
    tag=TAG,
    action="public",
    status=FOUND,
    refusals=(404,),
)


def options(asked: Asked) -> Response:
    """Answer which ways there are."""
    link = asked.provider
    view = None if link is None else ProviderView(name=link.provider.name)
    return json_answer(dump(SignInOptions(password=True, oidc=view)))


def start(asked: Asked) -> Response:
    """Send the browser to the provider, with a cookie to know it by when it comes back."""
    link = _link(asked)
    attempt = oidc.begun(asked.query(StartOidc).return_to)
    try:
        endpoint = link.authorization_endpoint()
    except OidcRefused as error:
        return _refused(asked, error.why)
    kept = _cookie(asked, attempt.sealed(asked.sealer), oidc.MINUTES * 60)
    where = oidc.address(endpoint, link.provider, attempt)
    return Response(FOUND, {"Location": where, "Set-Cookie": kept})


def callback(asked: Asked) -> Response:
    """Sign somebody in whom the provider vouches for; an account is never made by that."""
    link = _link(asked)
    try:
        identity, return_to = _identity(asked, link)
        member = _account(asked, identity)
    except OidcRefused as error:
        return _refused(asked, error.why)
    token, session = asked.accounts.sessions.open(member.id, asked.device)
    asked.record("signed_in", member=member, reason="oidc")
    return Response(FOUND, {"Location": return_to, "Set-Cookie": cookie(asked, token, session)})


def _identity(asked: Asked, link: ProviderLink) -> tuple[Identity, str]:
    given = requests.query(asked.request)
    kept = callers.cookie(asked.request, COOKIE)
    attempt = oidc.resumed(kept, given.get("state", ""), asked.sealer)
    _use_up(asked, attempt.state)
    if "code" not in given:
        raise OidcRefused("oidc_refused", "the provider signed nobody in")
    provider = link.provider
    token = link.id_token(given["code"], attempt.verifier, provider.redirect_uri)
    return oidc.verified(token, link.key, provider, attempt.nonce), attempt.return_to


def _use_up(asked: Asked, state: str) -> None:
    used = asked.accounts.database["oidc_states"]
    try:
        used.insert_one({"_id": digest(state), "at": now()})
    except DuplicateKeyError as error:
        raise OidcRefused("oidc_state", "this sign-in was used already") from error


def _account(asked: Asked, identity: Identity) -> Member:
    """Return the account of an identity, or link it to the one of its verified e-mail."""
    staff = asked.accounts.staff
    found = staff.by_identity(identity.issuer, identity.subject)
    if found is None and identity.email is None:
        raise OidcRefused("oidc_unverified_email", "the provider has not verified the e-mail")
    if found is None and identity.email is not None:
        found = staff.by_email(identity.email)
        if found is None or not found.active or not staff.link(found, identity):
            raise OidcRefused("oidc_no_account", "no account has this e-mail")
        asked.record("oidc_linked", member=found)
    if found is None or not found.active:
        raise OidcRefused("oidc_no_account", "the account is not active")
    return found


def _refused(asked: Asked, why: str) -> Response:
    asked.record_stranger(why)
    page = f"{SIGN_IN_PAGE}?{urlencode({'error': why})}"
    return Response(FOUND, {"Location": page, "Set-Cookie": _cookie(asked, "", 0)})


def _cookie(asked: Asked, value: str, seconds: int) -> str:
    return dump_cookie(
        COOKIE,
        value,
        max_age=seconds,
        path=COOKIE_PATH,
        httponly=True,
        samesite="Lax",
        secure=callers.over_tls(asked.request),
    )


def _link(asked: Asked) -> ProviderLink:
    if asked.provider is None:
        raise NotFound("no OpenID provider is set")
    return asked.provider


OPEN_ANSWERS = {OPTIONS: options, START: start, CALLBACK: callback}
