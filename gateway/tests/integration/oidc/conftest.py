"""A small OpenID provider over real HTTP, with real keys: it signs in whom the test says.

Discovery, authorization, token and keys are what OpenID Connect Core and Discovery ask for; PKCE
and the client's secret are checked, a code is good once. ``claims``, ``header`` and ``sign_with``
are how a test makes it, or somebody in its place, err.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "clinicops", "a secret:of/tests"
METHOD = "S256"


class IdentityProvider:
    """The provider; ``asked`` lists the paths it was asked for."""

    client_id, client_secret = CLIENT_ID, CLIENT_SECRET

    def __init__(self) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, "")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.answer(self, body)

            def log_message(self, *_: Any) -> None:
                """Keep still."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.asked: list[str] = []
        self.pending: dict[str, dict[str, str]] = {}
        self.reset()
        Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self) -> None:
        """Be good again, with a new key."""
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.new_key("one")
        self.subject, self.email = "subject-1", "robin@example.org"
        self.claims: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.down = False
        self.metadata: dict[str, Any] = {}
        self.asked.clear()

    def new_key(self, kid: str) -> None:
        """Sign with a new key of that name, and have no other."""
        key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self.keys, self.kid = {kid: key}, kid

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, body: str) -> None:
        path, _, query = handler.path.partition("?")
        self.asked.append(path)
        if self.down:
            return self._send(handler, 500, {})
        if path == "/.well-known/openid-configuration":
            return self._send(handler, 200, self._metadata())
        if path == "/keys":
            return self._send(handler, 200, {"keys": [self._jwk(kid) for kid in self.keys]})
        if path == "/authorize":
            return self._authorize(handler, _form(query))
        return self._token(handler, _form(body))

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.keys[self.kid], "RS256", headers={"kid": self.kid})

    def _authorize(self, handler: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == METHOD
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(8)
        self.pending[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        handler.send_response(302)
        handler.send_header("Location", f"{asked['redirect_uri']}?{back}")
        handler.end_headers()

    def _token(self, handler: BaseHTTPRequestHandler, given: dict[str, str]) -> None:
        pair = base64.b64decode(handler.headers["Authorization"].removeprefix("Basic ")).decode()
        asked = self.pending.pop(given["code"], None)
        proof = hashlib.sha256(given["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        known = pair == f"{CLIENT_ID}:a%20secret%3Aof/tests"
        if asked is None or not known or challenge != asked["code_challenge"]:
            return self._send(handler, 400, {"error": "invalid_grant"})
        at = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": asked["client_id"],
            "iat": at,
            "exp": at + 300,
            "nonce": asked["nonce"],
            "email": self.email,
            "email_verified": True,
        }
        merged = {**claims, **self.claims}
        given_out = {name: value for name, value in merged.items() if value is not None}
        return self._send(handler, 200, {"id_token": self.sign(given_out), "token_type": "Bearer"})

    def _metadata(self) -> dict[str, Any]:
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token"}
        found = {name: self.issuer + path for name, path in {**ends, "jwks_uri": "/keys"}.items()}
        return {"issuer": self.issuer, **found, **self.metadata}

    def _jwk(self, kid: str) -> dict[str, Any]:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.keys[kid].public_key(), as_dict=True)
        return {**public, "kid": kid, "use": "sig", "alg": "RS256"}

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def _form(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


@pytest.fixture(scope="module")
def idp() -> Iterator[IdentityProvider]:
    started = IdentityProvider()
    yield started
    started.stop()
