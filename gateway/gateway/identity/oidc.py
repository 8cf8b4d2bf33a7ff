"""Signing in by an OpenID provider: the code flow with PKCE, and what an ID token must hold.

Sources: OpenID Connect Core 1.0, section 3.1; RFC 7636 (PKCE); RFC 9700 (best practice).
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from pymongo import ASCENDING
from pymongo.database import Database

from clinic_contracts.errors import ClinicError
from clinic_runtime.clock import now
from clinic_runtime.sealing import CannotOpenError, Sealer

ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "ES256", "ES384"})
MINUTES = 10
LEEWAY_SECONDS = 60
REQUIRED = ["iss", "sub", "aud", "exp", "iat"]
HOME = "/console"
_LOCAL_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
_ABOUT = "oidc sign-in"
KeyOf = Callable[[str | None], dict[str, Any]]


class OidcRefused(ClinicError):
    """Nobody is signed in; ``why`` says it to programs."""

    code = "unauthenticated"
    kind = "unauthenticated"

    def __init__(self, why: str, detail: str) -> None:
        """Take the machine's word and the sentence."""
        super().__init__(detail, reason=why)
        self.why = why


class OidcUnavailable(OidcRefused):
    """The provider is away, or answers what it should not."""

    def __init__(self, detail: str) -> None:
        """Take the sentence."""
        super().__init__("oidc_unavailable", detail)


class UnusableProviderError(Exception):
    """The provider's settings are not ones to sign people in by; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An OpenID provider, and what the gateway is called there."""

    issuer: str
    client_id: str
    client_secret: str
    algorithms: tuple[str, ...]
    name: str
    redirect_uri: str

    def __post_init__(self) -> None:
        """Refuse algorithms whose key is not the provider's alone."""
        if not self.algorithms or not set(self.algorithms) <= ASYMMETRIC:
            known = ", ".join(sorted(ASYMMETRIC))
            message = f"CLINIC_OIDC_ALGORITHMS are some of {known}"
            raise UnusableProviderError(message)
        if not self.client_id or not self.client_secret:
            raise UnusableProviderError("set CLINIC_OIDC_CLIENT_ID and CLINIC_OIDC_CLIENT_SECRET")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-in that has begun; sealed in a cookie until its browser comes back."""

    state: str
    nonce: str
    verifier: str
    return_to: str
    until: str

    def sealed(self, sealer: Sealer) -> str:
        """Return it as a cookie holds it."""
        raw = sealer.seal(json.dumps(asdict(self)), _ABOUT)
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the provider vouches for; ``email`` None unless it has verified it."""

    issuer: str
    subject: str
    email: str | None


def ensure(database: Database[dict[str, Any]]) -> None:
    """Have used attempts forgotten once they would be over anyhow."""
    states = database["oidc_states"]
    states.create_index([("at", ASCENDING)], expireAfterSeconds=2 * MINUTES * 60)


def begun(return_to: str) -> Attempt:
    """Return a new attempt, which leads to a page of ours whatever was asked for."""
    local = _LOCAL_PATH.fullmatch(return_to) is not None
    return Attempt(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        return_to=return_to if local else HOME,
        until=(now() + timedelta(minutes=MINUTES)).isoformat(),
    )


def address(endpoint: str, provider: Provider, attempt: Attempt) -> str:
    """Return where the browser is sent."""
    challenge = hashlib.sha256(attempt.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.redirect_uri,
        "scope": "openid email",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def resumed(cookie: str, state: str, sealer: Sealer) -> Attempt:
    """Return the attempt that a browser comes back from; raises OidcRefused."""
    try:
        padded = cookie + "=" * (-len(cookie) % 4)
        text = sealer.open(base64.urlsafe_b64decode(padded), _ABOUT)
        attempt = Attempt(**json.loads(text))
    except (CannotOpenError, ValueError, TypeError) as error:
        raise OidcRefused("oidc_state", "this browser began no sign-in") from error
    over = now() >= datetime.fromisoformat(attempt.until)
    if over or not hmac.compare_digest(attempt.state.encode(), state.encode()):
        raise OidcRefused("oidc_state", "this sign-in is over, or is not the one that was begun")
    return attempt


def verified(token: str, key_of: KeyOf, provider: Provider, nonce: str) -> Identity:
    """Return whom an ID token is about (section 3.1.3.7); raises OidcRefused.

    The algorithm is one of the provider's settings, never just what the token says.
    """
    import jwt  # noqa: PLC0415 (only where a provider is set)

    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in provider.algorithms:
            raise OidcRefused("oidc_token", "the token is not signed as agreed")
        key = jwt.PyJWK.from_dict(key_of(header.get("kid")), algorithm=header["alg"])
        claims = jwt.decode(
            token,
            key,
            algorithms=list(provider.algorithms),
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED},
        )
    except jwt.PyJWTError as error:
        raise OidcRefused("oidc_token", f"the token: {error}") from error
    _check_claims(claims, provider, nonce)
    email = claims.get("email")
    known = claims.get("email_verified") is True and isinstance(email, str)
    return Identity(
        issuer=provider.issuer, subject=str(claims["sub"]), email=str(email) if known else None
    )


def _check_claims(claims: dict[str, Any], provider: Provider, nonce: str) -> None:
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise OidcRefused("oidc_token", "the token answers another sign-in")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    party = claims.get("azp")
    if (several or party is not None) and party != provider.client_id:
        raise OidcRefused("oidc_token", "the token was made for another party")
