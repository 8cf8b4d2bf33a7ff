"""The operations calls of the gateway; every failure is a sentence."""

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

Document = dict[str, Any]
TIMEOUT_SECONDS = (5, 35)
"""To connect, and to be answered: a verification alone may take half a minute."""
PAGE = 200
EVENTS_A_PAGE = 500
EXAMINED_A_PAGE = 500
TZDB = "/v1/operations/tzdb"
NOT_FOUND = 404
UNAVAILABLE = 503
STRANGE = "does not answer as ClinicOps does"


class CannotAskError(Exception):
    """No answer that can be used; ``passing`` when it may be had later."""

    def __init__(self, sentence: str, *, passing: bool = False, status: int = 0) -> None:
        super().__init__(sentence)
        self.passing = passing
        self.status = status


class Client:
    """Asks the gateway at ``address``; signed in by ``sign_in`` or ``key``."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.session = requests.Session()

    def ready(self) -> dict[str, bool]:
        """Return of each thing the gateway needs whether it is there."""
        return self._ask("GET", "/readyz", accepted=(UNAVAILABLE,))

    def get(self, path: str, **query: Any) -> Document:  # noqa: ANN401
        """Return the answer to a question under ``/v1``."""
        return self._ask("GET", f"/v1{path}", params=query)

    def tzdb(self, *, apply: bool) -> Iterator[Document]:
        """Yield page after page of what the zone data moves, or of what was moved by it."""
        cursor: Document = {}
        while True:
            if apply:
                page = self._ask("POST", TZDB, json=cursor)
            else:
                page = self._ask("GET", TZDB, params={"limit": EXAMINED_A_PAGE, **cursor})
            yield page
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    def retry(self, parked_id: str) -> bool:
        """Hand a parked event over once more; False when it is not parked (any more)."""
        try:
            self._ask("POST", f"/v1/operations/parked/{parked_id}/retry")
        except CannotAskError as error:
            if error.status != NOT_FOUND:
                raise
            return False
        return True

    def parked(self, service: str | None) -> Iterator[Document]:
        """Yield what is parked, latest first; then the services that were away, as one document."""
        query: Document = {"limit": PAGE, **({"service": service} if service else {})}
        while True:
            page = self.get("/operations/parked", **query)
            yield from page["items"]
            if page["next"] is None:
                yield {"unavailable": page["unavailable"]}
                return
            query["cursor"] = page["next"]

    def sign_in(self, email: str, password: str) -> None:
        """Open a session, which ``connected`` closes."""
        body = {"email": email, "password": password}
        self.use_key(str(self._ask("POST", "/v1/sessions", json=body)["token"]))

    def use_key(self, key: str) -> None:
        """Be known by an API key."""
        self.session.headers["Authorization"] = f"Bearer {key}"

    def sign_out(self) -> None:
        """Close the session; one that cannot be closed ends by itself."""
        with contextlib.suppress(CannotAskError):
            self._ask("DELETE", "/v1/sessions/current")

    def _ask(
        self,
        method: str,
        path: str,
        *,
        accepted: tuple[int, ...] = (),
        **options: Any,  # noqa: ANN401 (requests' own)
    ) -> Document:
        try:
            answer = self.session.request(
                method, self.address + path, timeout=TIMEOUT_SECONDS, **options
            )
        except requests.Timeout as error:
            raise CannotAskError(f"{self.address} does not answer", passing=True) from error
        except (requests.RequestException, UnicodeError) as error:
            raise CannotAskError(f"{self.address} cannot be reached", passing=True) from error
        try:
            document: Document = answer.json() if answer.content else {}
            detail = document.get("detail", answer.reason)
        except (ValueError, AttributeError) as error:
            raise CannotAskError(f"{self.address} {STRANGE}") from error
        if not answer.ok and answer.status_code not in accepted:
            raise CannotAskError(
                f"{self.address}: {detail}",
                passing=answer.status_code == UNAVAILABLE,
                status=answer.status_code,
            )
        return document


@contextmanager
def connected(environment: Mapping[str, str]) -> Iterator[Client]:
    """Yield a client by ``CLINICOPS_URL``, and ``_KEY`` or ``_EMAIL`` and ``_PASSWORD``."""
    client = Client(environment.get("CLINICOPS_URL") or "http://localhost:8000")
    key = environment.get("CLINICOPS_KEY")
    email, password = (environment.get(f"CLINICOPS_{name}") for name in ("EMAIL", "PASSWORD"))
    if key:
        if not key.isascii() or not key.isprintable():
            raise CannotAskError("CLINICOPS_KEY is no API key")
        client.use_key(key)
        yield client
    elif email and password:
        client.sign_in(email, password)
        try:
            yield client
        finally:
            client.sign_out()
    else:
        raise CannotAskError(
            "set CLINICOPS_KEY, or CLINICOPS_EMAIL and CLINICOPS_PASSWORD, to say who asks"
        )
