"""Clocks that jump an hour ahead and back, under load: late is allowed, lost and twice are not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_deploy.local import processes
from clinic_deploy.local.paths import Place
from clinic_runtime.topology import SERVICES
from tests.faults.jumping import JumpingSystem
from tests.faults.run import free_port, prepare
from tests.faults.scene import Scene

pytestmark = pytest.mark.private
HOUR = 3600


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JumpingSystem]:
    monkeypatch.setenv("CLINIC_HTTP_PORT", str(free_port()))
    made = JumpingSystem(Place(tmp_path / "run"), tmp_path / "mail")
    yield made
    processes.stop(made.place)


def test_clocks_that_jump_lose_and_double_nothing(system: JumpingSystem) -> None:
    scene = Scene(system, prepare(system, lambda _: None))
    before = scene.pids()

    def jump() -> None:
        for seconds in (HOUR, -HOUR, 0):
            for name in SERVICES:
                system.jump(name, seconds)
                scene.acknowledges(4)

    scene.under_load(1, jump)
    # What was planned while the clocks were ahead is due in an hour: let it be then.
    for name in SERVICES:
        system.jump(name, 2 * HOUR)
    assert scene.findings() == []
    assert scene.pids() == before
