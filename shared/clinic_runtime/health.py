"""``/healthz``, ``/readyz`` and ``/metrics`` of a process, for whoever watches it."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
import eventlet.wsgi
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from clinic_runtime.link import Link
from clinic_runtime.mongo import MongoLink

Readiness = Callable[[], dict[str, bool]]


def readiness(container: Any) -> dict[str, bool]:  # noqa: ANN401 (nameko is untyped)
    """Say of each thing the process needs whether it is there."""
    parts: dict[str, bool] = {}
    for extension in container.subextensions:
        if isinstance(extension, Link):
            parts["rabbitmq"] = extension.is_up
        elif isinstance(extension, MongoLink):
            parts["mongodb"] = extension.reachable()
    return parts


def serve_health(port: int, ready: Readiness) -> None:
    """Answer on ``port`` in the background; ready means: every part is there."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest()]
        parts = ready() if path == "/readyz" else {}
        known = path in ("/healthz", "/readyz")
        well = known and all(parts.values()) and (bool(parts) or path == "/healthz")
        status = "200 OK" if well else "503 Service Unavailable" if known else "404 Not Found"
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps({"ready": well, **parts}).encode()]

    listener = eventlet.listen(("0.0.0.0", port))  # noqa: S104 (probes come from outside)
    eventlet.spawn_n(eventlet.wsgi.server, listener, application, log_output=False)
