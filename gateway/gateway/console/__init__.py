"""The staff's console: one page and its modules, as files; every rule is behind the API.

A release is the hash of all files and stands in their addresses, so that a browser keeps them for
good and never mixes two releases. No build step: the modules are served as they are written.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from clinic_contracts.errors import NotFound
from gateway.console.calls import ASSETS
from gateway.http.answers import text_answer
from gateway.http.messages import Response

KINDS: Mapping[str, str] = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
BARE: Mapping[str, str] = {
    "preact": "vendor/preact.mjs",
    "preact/hooks": "vendor/hooks.mjs",
    "htm": "vendor/htm.mjs",
}
"""What modules import by name."""
OF_A_FILE = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"
"""A worker is held to the policy of its own file, and may follow events."""
FOR_GOOD = "public, max-age=31536000, immutable"
ENTRY = "shell/main.js"
ICON = "style/icon.svg"
NOT_PRELOADED = frozenset({"core/live-worker.js"})
"""What no page imports."""


@dataclass(frozen=True, slots=True)
class Release:
    """The files of one release by ``room/name``, and the page that loads them."""

    id: str
    assets: Mapping[str, str]
    page: str
    policy: str


def page() -> Response:
    """Return the one page of every screen."""
    release = current()
    return text_answer(release.page, "text/html", {"Content-Security-Policy": release.policy})


def asset(release: str, room: str, name: str) -> Response:
    """Return a file of this release; raises NotFound for any other."""
    text = current().assets.get(f"{room}/{name}")
    if text is None or release != current().id:
        raise NotFound("there is no such file in this release; load the page anew")
    headers = {"Cache-Control": FOR_GOOD, "Content-Security-Policy": OF_A_FILE}
    return text_answer(text, KINDS[f".{name.rpartition('.')[2]}"], headers)


@cache
def current() -> Release:
    """Read every file once."""
    root = files(__package__)
    assets = dict(sorted(_read(root)))
    whole = "".join(f"{name}\0{text}\0" for name, text in assets.items())
    template = root.joinpath("index.html").read_text(encoding="utf-8")
    id_ = hashlib.sha256((whole + template).encode()).hexdigest()[:16]
    base = ASSETS.replace("<release>", id_)
    import_map = _import_map(base, assets)
    text = (
        template.replace("{{import_map}}", import_map)
        .replace("{{head}}", _head(base, assets))
        .replace("{{entry}}", f"{base}/{ENTRY}")
    )
    return Release(id_, assets, text, _policy(import_map))


def _read(root: Traversable) -> list[tuple[str, str]]:
    return [
        (f"{room.name}/{file.name}", file.read_text(encoding="utf-8"))
        for room in root.iterdir()
        if room.is_dir()
        for file in room.iterdir()
        if file.is_file() and f".{file.name.rpartition('.')[2]}" in KINDS
    ]


def _modules(assets: Mapping[str, str]) -> list[str]:
    return [name for name in assets if name.endswith((".js", ".mjs"))]


def _import_map(base: str, assets: Mapping[str, str]) -> str:
    """Return the import map; a module whose bytes are others does not run."""
    integrity = {f"{base}/{name}": _digest(assets[name], "sha384") for name in _modules(assets)}
    imports = {name: f"{base}/{file}" for name, file in BARE.items()}
    return json.dumps({"imports": imports, "integrity": integrity}, separators=(",", ":"))


def _head(base: str, assets: Mapping[str, str]) -> str:
    """Return the links that have the browser fetch everything at once, not one import at a time."""
    styles = [name for name in assets if name.endswith(".css")]
    links = [f'<link rel="icon" href="{base}/{ICON}">']
    links += [f'<link rel="stylesheet" href="{base}/{name}">' for name in styles]
    links += [
        f'<link rel="modulepreload" href="{base}/{name}" integrity="{_digest(text, "sha384")}">'
        for name, text in assets.items()
        if name in _modules(assets) and name not in NOT_PRELOADED
    ]
    return "\n".join(links)


def _policy(import_map: str) -> str:
    return (
        f"default-src 'none'; script-src 'self' '{_digest(import_map, 'sha256')}'; "
        "style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _digest(text: str, algorithm: str) -> str:
    digest = hashlib.new(algorithm, text.encode()).digest()
    return f"{algorithm}-{base64.b64encode(digest).decode()}"
