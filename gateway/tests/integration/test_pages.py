"""The pages for people, and that every path of the server is in the specification."""

import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from clinic_runtime.testing import eventually
from gateway.http.answers import SECURITY_HEADERS


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


@pytest.mark.parametrize("path", ["/status", "/docs"])
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


def test_metrics_are_prometheus(gateway: Any) -> None:
    assert "# HELP" in gateway.send("GET", "/metrics").text
