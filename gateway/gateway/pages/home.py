"""``/``: what runs."""

from collections.abc import Mapping
from html import escape

from gateway import calls
from gateway.http.messages import Response
from gateway.pages import VERSION, page

NAMES = {"rabbitmq": "RabbitMQ", "mongodb": "MongoDB", "client_profile": "client profile"}


def home(parts: Mapping[str, bool], services: Mapping[str, str]) -> Response:
    """Return the page: what the gateway needs, and why which service does not answer, if so."""
    own = {name: "" if there else "not reachable" for name, there in parts.items()}
    troubled = [name for name, trouble in {**own, **services}.items() if trouble]
    summary = (
        f"{len(troubled)} of {len(own) + len(services)} parts do not answer; the others work on."
        if troubled
        else "Everything answers."
    )
    body = (
        f'<p class="lead">Operations software for clinics, version {escape(VERSION)}. {summary}</p>'
        f"<h2>Services</h2>{_list(services)}<h2>The gateway's connections</h2>{_list(own)}"
        "<h2>For programs</h2><p>The API is under <code>/v1</code>: see the "
        '<a href="/docs">documentation</a> or <a href="/openapi.json">OpenAPI 3.1</a>. '
        '<a href="/readyz">Readiness</a> and <a href="/metrics">metrics</a> are for monitoring.</p>'
    )
    return page("What runs", calls.HOME.path, body)


def _list(found: Mapping[str, str]) -> str:
    return f'<ul class="parts">{"".join(_part(*each) for each in found.items())}</ul>'


def _part(name: str, trouble: str) -> str:
    state = "away" if trouble else "up"
    sign = "✕" if trouble else "✓"
    why = f"<small>{escape(trouble)}</small>" if trouble else ""
    return (
        f'<li class="{state}"><span aria-hidden="true">{sign}</span>'
        f"<b>{escape(NAMES.get(name, name))}</b> {state}{why}</li>"
    )
