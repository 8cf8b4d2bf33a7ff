"""The house rules that a reader relies on, held by reading the source."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from clinic_runtime import topology

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 400
VISIBLE = {
    "services",
    "gateway",
    "shared",
    "deploy",
    "tests",
    "docker-compose.yml",
    "Makefile",
    "README.md",
}


def tracked() -> list[Path]:
    """Return the files of the project: tracked ones, and new ones that are not ignored."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listing.splitlines() if (ROOT / name).is_file()]


def domain_files() -> list[Path]:
    """Return every module of every domain."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py"
        and "tests" not in path.parts
        and ("domain" in path.parts or path.name == "domain.py")
    ]


def imported(path: Path) -> set[str]:
    """Return the top-level packages a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_nothing_else_stands_at_the_top() -> None:
    top = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in top if not name.startswith(".")} <= VISIBLE


def test_no_file_is_longer_than_a_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix == ".py"
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_a_domain_imports_the_standard_library_contracts_and_formats_alone() -> None:
    files = domain_files()
    assert files, "no domain was found"
    for path in files:
        own = path.relative_to(ROOT).parts[1]
        allowed = set(sys.stdlib_module_names) | {"clinic_contracts", "payer_formats", own}
        assert imported(path) <= allowed, path


@pytest.mark.parametrize("service", ["notification", "billing", "booking"])
def test_queue_names_stay_what_they_are(service: str) -> None:
    """Renaming a queue orphans what waits in it, so the names are written down here."""
    names = [queue.name for queue in topology.consumer_queues(service)]
    assert names == [
        f"{service}.events.v1",
        f"{service}.parked.v1",
        f"{service}.retry.0.v1",
        f"{service}.retry.1.v1",
        f"{service}.retry.2.v1",
        f"{service}.retry.3.v1",
    ]
    assert topology.rpc_queue(service).name == f"rpc.{service}.v1"
