"""Each call as a ``curl`` that runs as it stands, once a few variables of the shell are set."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gateway.specified.by_hand import ASKED, PREFIXES, ULID

Operation = Mapping[str, Any]
_ID = re.compile(rf"([a-z]+)_{ULID}")
_WHOSE = {prefix: whose for whose, prefix in PREFIXES.items() if whose != "id"}
BEFORE = r"""CLINIC=http://localhost:8000
TOKEN=$(curl -s "$CLINIC/v1/sessions" -H 'Content-Type: application/json' \
  -d '{"email": "owner@demo.clinic", "password": "the one that make run shows"}' |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])')
first() {
  curl -s "$CLINIC/v1/$1" -H "Authorization: Bearer $TOKEN" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["id"])'
}
LOCATION_ID=$(first locations)
PRACTITIONER_ID=$(first practitioners)
TREATMENT_ID=$(first treatments)
CLIENT_ID=$(first clients)
INVOICE_ID=$(first invoices)
"""
"""What the calls stand on; other ids are set likewise."""


def curl(method: str, path: str, operation: Operation) -> str:
    """Return the command."""
    verb = "" if method == "get" else f"-X {method.upper()} "
    lines = [f'curl {verb}"$CLINIC{_path(path, operation)}{_query(operation)}"']
    if operation["security"]:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    headers = {p["name"] for p in operation["parameters"] if p["in"] == "header"}
    if "If-Match" in headers:
        lines.append("-H 'If-Match: *'")
    if "Idempotency-Key" in headers:
        lines.append('-H "Idempotency-Key: $RANDOM$RANDOM"')
    body = ""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        lines.append(f"-H 'Content-Type: {media_type}' -d @- <<END")
        body = f"\n{_body(content['example'])}\nEND"
        break  # the first of several: they are ways to say the same
    return " \\\n  ".join(lines) + body


def _path(path: str, operation: Operation) -> str:
    names = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
    # A path's `$` must reach curl: FHIR's operations begin with it.
    path = path.replace("$", r"\$")
    for name in names:
        path = path.replace(f"{{{name}}}", f"${{{name.upper()}}}")
    return path


def _query(operation: Operation) -> str:
    asked = {
        p["name"]: p["example"]
        for p in operation["parameters"]
        if p["in"] == "query" and p.get("required")
    }
    asked |= ASKED.get(operation["operationId"], {})
    pairs = (f"{name}={_variables(quote(str(value), safe=':,'))}" for name, value in asked.items())
    return f"?{'&'.join(pairs)}" if asked else ""


def _body(example: Any) -> str:  # noqa: ANN401 (JSON)
    if isinstance(example, str):
        return example
    return _variables(json.dumps(example, indent=2, ensure_ascii=False))


def _variables(text: str) -> str:
    return _ID.sub(lambda found: f"${_WHOSE.get(found[1], found[1]).upper()}_ID", text)
