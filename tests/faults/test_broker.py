"""A broker that is away, or full, under load: nothing exits, everybody is answered, all flows after.

FAULTS_OUTAGE_SECONDS (5) is how long it is away.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from clinic_deploy.local import processes
from clinic_deploy.local.paths import Place
from clinic_deploy.local.system import System
from clinic_runtime.testing import eventually
from clinic_runtime.topology import SERVICES
from tests.faults import broker, collecting, load, verdict
from tests.faults.http import TIMEOUT_SECONDS
from tests.faults.run import Settings, clients, free_port, prepare, rest
from tests.faults.stage import Stage
from tests.faults.victims import pid_of

pytestmark = pytest.mark.private
OUTAGE_SECONDS = float(os.environ.get("FAULTS_OUTAGE_SECONDS", "5"))
FLOWS_AGAIN_SECONDS = 5.0


@dataclass
class Scene:
    """A system with its clinic, and what all its clients were told."""

    system: System
    stage: Stage
    tally: load.Tally = field(default_factory=load.Tally)

    def under_load(self, seed: int, during: Callable[[], None]) -> float:
        """Do it while clients ask; return when it was over."""
        settings = Settings(seconds=OUTAGE_SECONDS + 60, seed=seed, clients=4)
        ends = time.monotonic() + settings.seconds
        asking = clients(self.system, settings, self.stage, self.tally, ends)
        threads = load.start(asking)
        self.acknowledges(20)
        during()
        over = time.monotonic()
        self.acknowledges(20)
        for client in asking:
            client.ends = 0
        for thread in threads:
            thread.join()
        return over

    def acknowledges(self, number: int) -> None:
        before = len(self.tally.acknowledged)
        eventually(lambda: len(self.tally.acknowledged) >= before + number, timeout=60)

    def pids(self) -> dict[str, int | None]:
        return {name: pid_of(self.system.place, name) for name in SERVICES}

    def wrong(self) -> list[verdict.Finding]:
        effects, _messages = rest(self.system, time.monotonic())
        assert effects is not None
        return verdict.judge(collecting.collect(self.system, self.tally))


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


def flows_again(scene: Scene, since: float) -> float:
    """Return how many seconds after ``since`` a booking was answered and every effect there."""
    scene.acknowledges(1)
    return time.monotonic() - since


def test_a_broker_that_is_away_costs_answers_alone(scene: Scene) -> None:
    before = scene.pids()
    back: list[float] = []

    def outage() -> None:
        answers = Counter(scene.tally.answers)
        broker.stop(scene.system.place)
        until = time.monotonic() + OUTAGE_SECONDS
        eventually(lambda: time.monotonic() > until, timeout=OUTAGE_SECONDS + 5)
        during = scene.tally.answers - answers
        assert during["503"] > 0
        broker.start(scene.system.place)
        back.append(flows_again(scene, time.monotonic()))

    scene.under_load(1, outage)
    assert back[0] < FLOWS_AGAIN_SECONDS
    assert set(scene.tally.answers) <= {"200", "201", "409", "412", "503"}
    assert scene.tally.slowest < TIMEOUT_SECONDS
    assert scene.pids() == before
    assert scene.wrong() == []


def test_a_full_broker_delays_and_loses_nothing(scene: Scene) -> None:
    before = scene.pids()
    back: list[float] = []

    def full() -> None:
        broker.fill(scene.system.place)
        answered = sum(scene.tally.answers.values())
        eventually(lambda: sum(scene.tally.answers.values()) >= answered + 8, timeout=40)
        broker.relieve(scene.system.place)
        back.append(flows_again(scene, time.monotonic()))

    scene.under_load(2, full)
    assert back[0] < FLOWS_AGAIN_SECONDS
    assert set(scene.tally.answers) <= {"200", "201", "409", "412", "503"}
    assert scene.tally.slowest < TIMEOUT_SECONDS
    assert scene.pids() == before
    assert scene.wrong() == []
