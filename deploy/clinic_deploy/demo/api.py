"""A client of the public HTTP API, as an integrator would write one."""

import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import requests

T = TypeVar("T")
TRIES = 60
RETRY_SECONDS = 0.5
UNAVAILABLE = 503


class Refused(Exception):
    """The API's problem document, as an exception."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('code')}: {problem.get('detail')}")
        self.problem = problem


class Api:
    """Signed in; retries with the same Idempotency-Key while a service is away."""

    def __init__(self, address: str, sign_in: dict[str, str], tries: int = TRIES) -> None:
        self.address = address
        self.tries = tries
        self.session = requests.Session()
        token = self.post("/sessions", sign_in)["token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> Any:  # noqa: ANN401 (JSON)
        """Return the answer."""
        return self._call("GET", path, params=query)

    def post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> Any:  # noqa: ANN401
        """Return the answer to a command, done once however often it is sent.

        With the same ``key`` again, later or by another process, it is still the same command.
        """
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self._call("POST", path, json=body or {}, headers=headers)

    def patch(self, path: str, version: int, body: dict[str, Any]) -> Any:  # noqa: ANN401
        """Return the changed record; refused when its version is another."""
        return self._call("PATCH", path, json=body, headers={"If-Match": f'"{version}"'})

    def _call(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401
        for attempt in range(self.tries):
            try:
                answer = self.session.request(
                    method, f"{self.address}/v1{path}", timeout=15, **options
                )
            except requests.ConnectionError:
                if attempt == self.tries - 1:
                    raise
            else:
                problem = answer.json() if answer.content else {}
                waits = answer.status_code == UNAVAILABLE
                waits = waits or problem.get("code") == "request_in_flight"
                if not waits or attempt == self.tries - 1:
                    if not answer.ok:
                        raise Refused(problem)
                    return problem
            time.sleep(RETRY_SECONDS)
        raise AssertionError  # the loop returns or raises


def wait_for(what: str, check: Callable[[], T | None], seconds: float = 60) -> T:
    """Return the first truthy value of ``check``; raises TimeoutError naming what was awaited."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.2)
