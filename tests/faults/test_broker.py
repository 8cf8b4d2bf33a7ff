"""A broker that is away, or full, under load: everybody is answered, all flows after.

FAULTS_OUTAGE_SECONDS (5) is how long it is away.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from clinic_deploy.local import processes
from clinic_deploy.local.paths import Place
from clinic_deploy.local.system import System
from clinic_runtime.testing import eventually
from tests.faults import broker
from tests.faults.http import TIMEOUT_SECONDS
from tests.faults.run import free_port, prepare
from tests.faults.scene import CLIENTS, Scene

pytestmark = pytest.mark.private
OUTAGE_SECONDS = float(os.environ.get("FAULTS_OUTAGE_SECONDS", "5"))
FLOWS_AGAIN_SECONDS = 5.0
IN_ORDER = {"200", "201", "409", "412", "503"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("broker")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLINIC_HTTP_PORT", str(free_port()))
        system = System(Place(folder / "run"), folder / "mail")
        try:
            yield Scene(system, prepare(system, lambda _: None))
        finally:
            processes.stop(system.place)


def test_a_broker_that_is_away_costs_answers_alone(scene: Scene) -> None:
    before = scene.pids()
    took: list[float] = []

    def outage() -> None:
        broker.stop(scene.system.place)
        since, answers = time.monotonic(), Counter(scene.tally.answers)

        def refused() -> bool:
            return (scene.tally.answers - answers)["503"] >= CLIENTS

        eventually(
            lambda: refused() and time.monotonic() > since + OUTAGE_SECONDS,
            timeout=OUTAGE_SECONDS + 2 * TIMEOUT_SECONDS,
        )
        broker.start(scene.system.place)
        took.append(scene.seconds_until_it_flows())

    scene.under_load(1, outage)
    assert took[0] < FLOWS_AGAIN_SECONDS
    assert set(scene.tally.answers) <= IN_ORDER
    assert scene.tally.slowest < TIMEOUT_SECONDS
    assert scene.pids() == before
    assert scene.findings() == []


def test_a_full_broker_delays_and_loses_nothing(scene: Scene) -> None:
    before = scene.pids()
    took: list[float] = []

    def full() -> None:
        broker.fill(scene.system.place)
        eventually(lambda: broker.blocks(scene.system.place), timeout=20)
        answered = sum(scene.tally.answers.values())
        eventually(lambda: sum(scene.tally.answers.values()) >= answered + 2 * CLIENTS, timeout=40)
        broker.relieve(scene.system.place)
        took.append(scene.seconds_until_it_flows())

    scene.under_load(2, full)
    assert took[0] < FLOWS_AGAIN_SECONDS
    assert set(scene.tally.answers) <= IN_ORDER
    assert scene.tally.slowest < TIMEOUT_SECONDS
    assert scene.pids() == before
    assert scene.findings() == []
