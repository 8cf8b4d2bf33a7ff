"""The pages for people: what runs, and how the API is used. No script, one stylesheet."""

from functools import cache
from html import escape
from importlib.metadata import version
from importlib.resources import files

from gateway import calls
from gateway.http.answers import text_answer
from gateway.http.messages import Response

VERSION = version("clinicops-gateway")
LINKS = (
    (calls.HOME.path, "What runs"),
    (calls.DOCS.path, "Documentation"),
    (calls.DOCS_EVENTS.path, "Events"),
    (calls.OPENAPI.path, "OpenAPI"),
    (calls.READYZ.path, "Readiness"),
    (calls.METRICS.path, "Metrics"),
)


def page(title: str, here: str | None, body: str) -> Response:
    """Return a page; ``body`` is HTML, ``here`` its own path, None for one that clients see."""
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if path == here else ""}>{escape(text)}</a>'
        for path, text in LINKS
        if here is not None
    )
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · ClinicOps</title>"
        '<link rel="stylesheet" href="/style.css"></head><body>'
        '<header><a class="brand" href="/">ClinicOps</a>'
        f'<nav aria-label="Pages">{links}</nav></header>'
        f"<main><h1>{escape(title)}</h1>{body}</main>"
        f"<footer>ClinicOps gateway {escape(VERSION)}</footer></body></html>"
    )
    return text_answer(html, "text/html")


def style() -> Response:
    """Return the stylesheet."""
    return text_answer(_style(), "text/css", {"Cache-Control": "max-age=3600"})


@cache
def _style() -> str:
    return files(__package__).joinpath("style.css").read_text(encoding="utf-8")
