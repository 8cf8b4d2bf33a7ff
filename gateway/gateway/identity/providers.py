"""An OpenID provider over HTTP: what it says of itself, its keys, and tokens for codes.

Sockets are green, so others go on meanwhile; what is answered is bounded in time and size.
"""

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import eventlet

from gateway.identity.oidc import OidcRefused, OidcUnavailable, Provider, UnusableProviderError

SECONDS = 5
"""How long each answer may take, connecting included."""
LARGEST = 256 * 1024
KEPT_SECONDS = 3_600
REFETCH_SECONDS = 60
WELL_KNOWN = "/.well-known/openid-configuration"
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
Document = dict[str, Any]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A provider answers itself: secrets follow no redirection."""

    def redirect_request(self, *_args: Any) -> None:  # noqa: ANN401 (urllib's hook)
        return None


_opener = urllib.request.build_opener(_NoRedirect)


@dataclass
class _Kept:
    """A document and when it was fetched."""

    document: Document = field(default_factory=dict)
    fetched: float | None = None

    def older_than(self, seconds: float) -> bool:
        return self.fetched is None or time.monotonic() - self.fetched >= seconds


class ProviderLink:
    """Asks one provider; what it says of itself and its keys is kept for an hour."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._metadata = _Kept()
        self._keys = _Kept()

    def authorization_endpoint(self) -> str:
        """Return where people are sent; raises OidcUnavailable."""
        return self._endpoint("authorization_endpoint")

    def key(self, kid: str | None) -> Document:
        """Return the JWK that a token names; raises OidcRefused when there is none.

        Keys are fetched anew after an hour and, at most once a minute, for an unknown name.
        """
        if self._keys.older_than(KEPT_SECONDS):
            self._fetch_keys()
        found = self._find(kid)
        if found is None and self._keys.older_than(REFETCH_SECONDS):
            self._fetch_keys()
            found = self._find(kid)
        if found is None:
            raise OidcRefused("oidc_token", "the provider has no such key")
        return found

    def id_token(self, code: str, verifier: str, redirect_uri: str) -> str:
        """Return the ID token for a code (OpenID Connect Core, section 3.1.3).

        Raises OidcRefused for a code that the provider does not take, and OidcUnavailable.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        pair = f"{quote(self.provider.client_id)}:{quote(self.provider.client_secret)}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = _ask(self._endpoint("token_endpoint"), urlencode(form).encode(), headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OidcRefused("oidc_token", "the provider answered no ID token")
        return token

    def _endpoint(self, name: str) -> str:
        if self._metadata.older_than(KEPT_SECONDS):
            found = _ask(self.provider.issuer.rstrip("/") + WELL_KNOWN)
            # OpenID Connect Discovery, section 4.3: else another could speak for it.
            if found.get("issuer") != self.provider.issuer:
                raise OidcUnavailable("the provider calls itself otherwise than its setting does")
            self._metadata = _Kept(found, time.monotonic())
        url = self._metadata.document.get(name)
        if not isinstance(url, str) or not is_safe(url):
            raise OidcUnavailable(f"the provider's {name} is no address with TLS")
        return url

    def _fetch_keys(self) -> None:
        self._keys.fetched = time.monotonic()  # also of a fetch that fails: no storm of them
        self._keys = _Kept(_ask(self._endpoint("jwks_uri")), time.monotonic())

    def _find(self, kid: str | None) -> Document | None:
        keys = self._keys.document.get("keys")
        known = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
        fitting = [key for key in known if kid is None or key.get("kid") == kid]
        return dict(fitting[0]) if len(fitting) == 1 else None


def provider_of(config: Mapping[str, Any]) -> Provider:
    """Return the provider of the settings; raises UnusableProviderError."""
    issuer, public_url = str(config["oidc_issuer"]), str(config.get("public_url") or "")
    if not is_safe(issuer):
        raise UnusableProviderError("CLINIC_OIDC_ISSUER is no address with TLS")
    if not public_url:
        raise UnusableProviderError("set CLINIC_PUBLIC_URL: the provider sends people back to it")
    listed = str(config.get("oidc_algorithms") or "").split(",")
    return Provider(
        issuer=issuer,
        client_id=str(config.get("oidc_client_id") or ""),
        client_secret=str(config.get("oidc_client_secret") or ""),
        algorithms=tuple(each.strip() for each in listed if each.strip()),
        name=str(config.get("oidc_name") or urlsplit(issuer).hostname),
        redirect_uri=f"{public_url.rstrip('/')}/v1/oidc/callback",
    )


def is_safe(url: str) -> bool:
    """Say whether an address has TLS, or is of this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)


def _ask(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Document:
    """Return a JSON object; raises OidcRefused for 4xx, else OidcUnavailable."""
    request = urllib.request.Request(  # noqa: S310 (is_safe says of which schemes)
        url, data=body, headers={"Accept": "application/json", **(headers or {})}
    )
    try:
        with eventlet.Timeout(SECONDS, TimeoutError), _opener.open(request, timeout=SECONDS) as got:
            document = json.loads(got.read(LARGEST))
    except urllib.error.HTTPError as error:
        with error:
            if 400 <= error.code < 500:  # noqa: PLR2004 (RFC 9110, section 15.5)
                raise OidcRefused("oidc_refused", "the provider refused") from error
        raise OidcUnavailable("the provider does not answer as it should") from error
    except (OSError, ValueError) as error:
        raise OidcUnavailable("the provider cannot be reached") from error
    if not isinstance(document, dict):
        raise OidcUnavailable("the provider does not answer as it should")
    return document
