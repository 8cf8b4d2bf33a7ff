"""The console's files: nothing foreign, nothing changed, nothing that a browser would refuse."""

import base64
import hashlib
import json
import re
from importlib.resources import files

import pytest

from clinic_contracts.errors import NotFound
from gateway import console

VENDOR = files("gateway.console").joinpath("vendor")
IMPORT = re.compile(r"""(?<!["'])\b(?:import|from)\s*\(?\s*["']([^"']+)["']""")


def test_what_is_vendored_is_what_the_lock_says() -> None:
    lines = VENDOR.joinpath("LOCK").read_text(encoding="utf-8").splitlines()
    locked = [line.split() for line in lines if not line.startswith("#")]
    for name, package, _version, _licence, digest in locked:
        made = hashlib.sha384(VENDOR.joinpath(name).read_bytes()).digest()
        assert base64.b64encode(made).decode() == digest, name
        assert VENDOR.joinpath(f"{package}.LICENSE").is_file()
    assert {name for name, *_ in locked} == {
        file.name for file in VENDOR.iterdir() if file.name.endswith(".mjs")
    }


def test_every_import_is_a_file_of_the_release() -> None:
    release = console.current()
    for name, text in release.assets.items():
        if not name.endswith((".js", ".mjs")):
            continue
        room = name.partition("/")[0]
        for imported in IMPORT.findall(text):
            if not imported.startswith("."):
                assert imported in console.BARE, (name, imported)
                continue
            path = imported.removeprefix("./")
            found = path.removeprefix("../") if path.startswith("../") else f"{room}/{path}"
            assert found in release.assets, (name, imported)


def test_the_page_runs_nothing_that_its_policy_does_not_name() -> None:
    answer = console.page()
    text, policy = answer.body.decode(), answer.headers["Content-Security-Policy"]
    inline = re.findall(r"<script(?![^>]*src=)[^>]*>(.*?)</script>", text, re.DOTALL)
    assert len(inline) == 1
    digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style| style=| on\w+=|https?://", text)
    integrity = json.loads(inline[0])["integrity"]
    modules = {n for n in console.current().assets if n.endswith((".js", ".mjs"))}
    assert {address.split("/", 4)[4] for address in integrity} == modules


def test_no_file_asks_for_anything_elsewhere() -> None:
    for name, text in console.current().assets.items():
        if not name.startswith("vendor/"):
            assert not re.search(r"https?://(?!www\.w3\.org)\w", text), name


def test_an_asset_of_another_release_is_not_found() -> None:
    release = console.current()
    kept = console.asset(release.id, "shell", "main.js")
    assert kept.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in kept.headers["Cache-Control"]
    assert "connect-src 'self'" in kept.headers["Content-Security-Policy"]
    for asked in (("0" * 16, "shell", "main.js"), (release.id, "shell", "other.js")):
        with pytest.raises(NotFound):
            console.asset(*asked)
