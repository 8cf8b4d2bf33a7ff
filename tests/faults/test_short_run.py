"""``make faults`` in small: the whole system, and as many kills as fit in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_deploy.local import processes
from clinic_deploy.local.paths import Place
from clinic_deploy.local.system import System
from tests.faults.run import Settings, free_port, run
from tests.faults.verdict import FIGURES

pytestmark = pytest.mark.private


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    monkeypatch.setenv("CLINIC_HTTP_PORT", str(free_port()))
    made = System(Place(tmp_path / "run"), tmp_path / "mail")
    yield made
    processes.stop(made.place)


def test_killed_in_parts_it_loses_and_doubles_nothing(system: System) -> None:
    told: list[str] = []
    figures, wrong = run(system, Settings(seconds=20, seed=4, clients=6), told.append)
    assert {name: figures[name] for name in FIGURES} == dict.fromkeys(FIGURES, 0), told
    assert not wrong
    assert figures["kills"] >= 3
    assert figures["acknowledged"] > 100
