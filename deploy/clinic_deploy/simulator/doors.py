"""The ways to the simulated payer: HTTP, and a watched folder.

``POST /x12`` takes an 837P and answers a 999, or a 270 and answers a 271;
``POST /fhir/Claim/$submit`` takes a Claim and answers a ClaimResponse, and
``POST /fhir/CoverageEligibilityRequest/$submit`` its like; ``POST /teleplan`` takes a submission
and answers nothing yet, as MSP does;
``GET /outbox?after=N`` lists what has come since, and ``GET /outbox/N`` is one of it.

In the folder, what is put into ``in`` is taken, and what is answered appears in ``out``; what
cannot be answered goes to ``rejected``, the reason beside it.
"""

import contextlib
import hashlib
import html
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from clinic_deploy.simulator import entitlement, fhir, teleplan, x12
from clinic_deploy.simulator.behaviour import COVERED_PERCENT, SCENARIOS
from clinic_deploy.simulator.store import Full, Store, Taken, UnreadableError

PATHS = (
    "/x12",
    "/fhir/Claim/$submit",
    "/fhir/CoverageEligibilityRequest/$submit",
    "/teleplan",
)
LARGEST = 10 * 1024 * 1024
MOST_LISTED = 200
SETTLED_SECONDS = 1.0
"""A file in the folder is taken once nobody has written to it for so long."""
JSON, TEXT, PAGE = "application/json", "text/plain; charset=utf-8", "text/html; charset=utf-8"


class Payer:
    """Takes files and has answers, by the clock it is given."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.clock = clock

    def take(self, raw: bytes, key: str) -> Taken:
        """Take a file once by its key; raises UnreadableError, Full."""
        now = self.clock()
        at = datetime.fromtimestamp(now, UTC)
        speak = _tongue(raw)
        return self.store.take(
            key or hashlib.sha256(raw).hexdigest(), now, lambda number: speak(raw, at, number)
        )


def _tongue(raw: bytes) -> Callable[[bytes, datetime, Callable[[], int]], Taken]:
    """Return who answers a file, by how it begins; X12 says what is wrong with any other."""
    start = raw.lstrip()[:3]
    if start == b"VS1":
        return teleplan.taken
    return fhir.taken if start.startswith(b"{") else x12.taken


class Watched:
    """The folder: what is put in is taken, what is due is put out."""

    def __init__(self, payer: Payer, folder: Path) -> None:
        self.payer = payer
        self.incoming, self.outgoing, self.rejected = (
            folder / name for name in ("in", "out", "rejected")
        )
        for each in (self.incoming, self.outgoing, self.rejected):
            each.mkdir(parents=True, exist_ok=True)
        self.done = folder / "out" / ".last"

    def look(self) -> None:
        """Take what has settled, and put out what has come to be due since the last look."""
        for path in sorted(self.incoming.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                # What is taken away under our hands, or cannot be read yet, is tried again.
                with contextlib.suppress(OSError, Full):
                    self._take(path)
        after = int(self.done.read_text()) if self.done.exists() else 0
        for each in self.payer.store.listed(after, MOST_LISTED, self.payer.clock()):
            found = self.payer.store.mail(each.number)
            if found is not None:
                _write(self.outgoing / each.name, found[1])
            _write(self.done, str(each.number).encode())

    def _take(self, path: Path) -> None:
        facts = path.stat()
        if time.time() - facts.st_mtime < SETTLED_SECONDS:
            return
        if facts.st_size > LARGEST:
            self._reject(path, f"it is larger than {LARGEST} bytes")
            return
        try:
            taken = self.payer.take(path.read_bytes(), "")
        except UnreadableError as error:
            self._reject(path, str(error))
            return
        if taken.body:
            _write(self.outgoing / f"{path.name}.answer", taken.body)
        path.unlink()

    def _reject(self, path: Path, why: str) -> None:
        _write(self.rejected / f"{path.name}.txt", f"{why}\n".encode())
        path.rename(self.rejected / path.name)


class Server(ThreadingHTTPServer):
    """The payer over HTTP."""

    daemon_threads = True

    def __init__(self, payer: Payer, address: str, port: int) -> None:
        super().__init__((address, port), _Handler)
        self.payer = payer


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 30
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take a file."""
        body = self._body()
        if body is None:
            return
        if urlsplit(self.path).path not in PATHS:
            self._answer(404, TEXT, f"files are taken at {' and '.join(PATHS)}\n".encode())
            return
        try:
            taken = self.server.payer.take(body, self.headers.get("Idempotency-Key", "")[:255])
        except UnreadableError as error:
            self._answer(422, TEXT, f"{error}\n".encode())
        except Full:
            self._answer(503, TEXT, b"too much waits to be fetched\n")
        else:
            self._answer(200, taken.content_type, taken.body)

    def do_GET(self) -> None:
        """List or hand out what is due, or explain."""
        parts = urlsplit(self.path)
        if parts.path == "/":
            self._answer(200, PAGE, _page())
        elif parts.path == "/outbox":
            self._list(parse_qs(parts.query))
        elif parts.path.startswith("/outbox/"):
            number = _number(parts.path.removeprefix("/outbox/"))
            found = None if number is None else self.server.payer.store.mail(number)
            if found is None:
                self._answer(404, TEXT, b"there is no such file\n")
            else:
                self._answer(200, *found)
        else:
            self._answer(404, TEXT, b"nothing here\n")

    def _list(self, asked: dict[str, list[str]]) -> None:
        after = _number(asked.get("after", ["0"])[0] or "0")
        limit = _number(asked.get("limit", ["50"])[0])
        if after is None or limit is None:
            self._answer(422, TEXT, b"after and limit are numbers\n")
            return
        payer = self.server.payer
        found = payer.store.listed(after, min(limit, MOST_LISTED), payer.clock())
        files = [
            {"id": str(each.number), "content_type": each.content_type, "name": each.name}
            for each in found
        ]
        following = str(found[-1].number if found else after)
        self._answer(200, JSON, json.dumps({"files": files, "next": following}).encode())

    def _body(self) -> bytes | None:
        length = _number(self.headers.get("Content-Length", ""))
        if length is None or length > LARGEST:
            self.close_connection = True
            self._answer(413, TEXT, b"send a Content-Length of at most 10 MB\n")
            return None
        return self.rfile.read(length)

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        """Say nothing: paths and bodies are about patients."""


def _page() -> bytes:
    rows = "".join(
        f"<tr><td>-{html.escape(name.upper())}<td>{html.escape(text)}"
        for name, text in SCENARIOS.items()
    )
    more = "".join(
        f"<tr><td>{html.escape(name.upper())}<td>{html.escape(text)}"
        for name, text in teleplan.OWN_SCENARIOS.items()
    )
    asked = "".join(
        f"<tr><td>-{html.escape(name.upper())}<td>{html.escape(text)}"
        for name, text in entitlement.SCENARIOS.items()
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>A payer to try claims against"
        "</title><style>body{font:16px system-ui;max-width:44em;margin:3em auto}td{padding:.3em}"
        "</style><h1>A payer to try claims against</h1>"
        f"<p>It covers {COVERED_PERCENT} % of a charge. What happens to a claim is told by the end "
        "of the policy's number, else by chance, the same each time.</p>"
        f"<table>{rows}</table><p>In Teleplan it pays what is billed, and the last word of the "
        f"claim's comment or note tells: one of those, or<table>{more}</table>"
        f"<p>Asked about eligibility, every policy is in force but<table>{asked}</table>"
        "<p>POST /x12 takes an 837P or a 270, POST /fhir/Claim/$submit a FHIR Claim, "
        "POST /fhir/CoverageEligibilityRequest/$submit a question, POST /teleplan a Teleplan "
        "submission; GET /outbox?after=0 lists their answers."
    ).encode()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None  # noqa: PLR2004 (digits)


def _write(path: Path, body: bytes) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(body)
    partial.rename(path)
