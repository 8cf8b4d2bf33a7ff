"""The least HTTP client that will do: what drives the load must not be the load."""

import contextlib
import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 15
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` 0: no answer came, and nobody knows what was done."""

    status: int
    body: Document


class Connection:
    """One kept-alive connection, opened anew after each error."""

    def __init__(self, address: str, token: str = "") -> None:
        parts = urlsplit(address)
        self.host, self.port = parts.hostname or "", parts.port
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        self.open: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Document | None = None, **headers: str) -> Answer:
        """Return the answer to one attempt; header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        try:
            if self.open is None:
                self.open = http.client.HTTPConnection(self.host, self.port, TIMEOUT_SECONDS)
            self.open.request(method, f"/v1{path}", data, self.headers | named)
            response = self.open.getresponse()
            content = response.read()
            return Answer(response.status, json.loads(content) if content else {})
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            return Answer(0, {})

    def close(self) -> None:
        """Close it; the next question opens another."""
        if self.open is not None:
            with contextlib.suppress(OSError):
                self.open.close()
        self.open = None


def sign_in(address: str, credentials: dict[str, str]) -> str:
    """Return a token of a session; raises ConnectionError when none is given."""
    answer = Connection(address).ask("POST", "/sessions", credentials)
    if "token" not in answer.body:
        raise ConnectionError(f"no session: {answer.status}")
    return str(answer.body["token"])
