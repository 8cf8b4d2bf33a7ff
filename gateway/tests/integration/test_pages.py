"""The pages for people, and that every path of the server is in the specification."""

import base64
import html
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from standardwebhooks import Webhook

from clinic_contracts import catalogue
from clinic_runtime.testing import eventually
from gateway.http.answers import SECURITY_HEADERS
from gateway.pages.events_text import VERIFY


def test_home_says_what_runs_and_what_does_not(gateway: Any, desk: Any) -> None:
    def text() -> str | None:
        found = str(gateway.send("GET", "/status").text)
        return found if "booking</b> up" in found else None

    page = eventually(text)
    for words in ("RabbitMQ</b> up", "MongoDB</b> up", "billing</b> away", "version 0.1.0"):
        assert words in page
    for path in ("/docs", "/openapi.json", "/readyz", "/metrics"):
        assert f'href="{path}"' in page
        assert gateway.send("GET", path).status_code == 200
    assert desk.version == 1


@pytest.mark.parametrize("path", ["/status", "/docs", "/docs/events"])
def test_pages_need_no_script_and_only_our_style(gateway: Any, path: str) -> None:
    page = gateway.send("GET", path)
    policy = page.headers["Content-Security-Policy"]
    assert policy == SECURITY_HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert not re.search(r"<script|<style| style=| on\w+=|(?:src|href)=.?https?:", page.text)
    style = gateway.send("GET", "/style.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert "url(" not in style.text


def test_the_documentation_names_every_call(gateway: Any) -> None:
    specification = gateway.send("GET", "/openapi.json").json()
    validate(specification)
    page = gateway.send("GET", "/docs").text.replace("<wbr>", "")
    for path, operations in specification["paths"].items():
        for method, operation in operations.items():
            assert f'id="{operation["operationId"]}"' in page
            assert f"{method.upper()}</span> <code>{path}</code>" in page
            assert operation["description"].replace("`", "").split("(")[0] in page
    targets = set(re.findall(r'href="#(\w+)"', page))
    assert targets <= set(re.findall(r'id="(\w+)"', page))


def test_events_are_documented_by_the_catalogue_with_their_fields_and_an_example(
    gateway: Any,
) -> None:
    page = html.unescape(gateway.send("GET", "/docs/events").text.replace("<wbr>", ""))
    assert 'href="/docs/events"' in gateway.send("GET", "/docs").text
    folder = Path(catalogue.__file__).parent
    for type_ in catalogue.consumers():
        part = page.partition(f'<details id="{type_}">')[2].partition("</details>")[0]
        producer, _, name = type_.partition(".")
        sample = json.loads((folder / producer / "samples" / f"{name}.json").read_text())
        assert json.loads(part.partition("<pre><code>")[2].partition("</code>")[0]) == sample
        named = set(re.findall(r'<th scope="row"><code>([\w.]+)</code>', part))
        assert set(sample["data"]) <= named, type_
    assert "wall time" in page
    assert page.count("Of charts:") == 3
    targets = set(re.findall(r'href="#(\w+)"', page))
    assert targets <= set(re.findall(r'id="(\w+)"', page))


def test_the_documented_check_of_a_signature_tells_what_is_genuine(gateway: Any) -> None:
    page = html.unescape(gateway.send("GET", "/docs/events").text)
    known: dict[str, Any] = {}
    exec(VERIFY, known)  # noqa: S102 (our own documentation)
    assert VERIFY in page
    secret, body = "whsec_" + base64.b64encode(b"a secret for tests").decode(), b'{"type": "x"}'
    at = datetime.now(UTC)
    signed = Webhook(secret).sign("evt_1", at, body.decode())
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(at.timestamp()))}
    genuine = known["is_genuine"]
    assert genuine(secret, {**headers, "webhook-signature": signed}, body)
    assert genuine(secret, {**headers, "webhook-signature": f"v1,b3RoZXI= {signed}"}, body)
    assert not genuine(secret, {**headers, "webhook-signature": signed}, body + b" ")
    assert not genuine(secret, {**headers, "webhook-signature": "v1,b3RoZXI="}, body)
    old = {**headers, "webhook-timestamp": str(int(at.timestamp()) - 400)}
    late = Webhook(secret).sign("evt_1", at - timedelta(seconds=400), body.decode())
    assert not genuine(secret, {**old, "webhook-signature": late}, body)


def test_metrics_are_prometheus(gateway: Any) -> None:
    assert "# HELP" in gateway.send("GET", "/metrics").text
