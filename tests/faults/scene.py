"""A system under load, for tests that do something to it meanwhile."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from clinic_deploy.local.system import System
from clinic_runtime.testing import eventually
from clinic_runtime.topology import SERVICES
from tests.faults import collecting, load, verdict
from tests.faults.http import Connection, sign_in
from tests.faults.run import GIVE_UP_SECONDS, Settings, clients, rest
from tests.faults.stage import Stage
from tests.faults.victims import pid_of

LONGEST_SECONDS = 180.0
CLIENTS = 4


@dataclass
class Scene:
    """A system with its clinic, and what all its clients were told."""

    system: System
    stage: Stage
    tally: load.Tally = field(default_factory=load.Tally)

    def under_load(self, seed: int, during: Callable[[], None]) -> None:
        """Do something while clients ask, and see that they are served before and after."""
        settings = Settings(seconds=LONGEST_SECONDS, seed=seed, clients=CLIENTS)
        ends = time.monotonic() + settings.seconds
        asking = clients(self.system, settings, self.stage, self.tally, ends)
        threads = load.start(asking)
        try:
            self.acknowledges(20)
            during()
            self.acknowledges(20)
        finally:
            for client in asking:
                client.ends = 0
                client.gives_up = time.monotonic() + GIVE_UP_SECONDS
            for thread in threads:
                thread.join()

    def acknowledges(self, number: int) -> None:
        """Return once so many changes more were acknowledged."""
        before = len(self.tally.acknowledged)
        eventually(lambda: len(self.tally.acknowledged) >= before + number, timeout=60)

    def seconds_until_it_flows(self) -> float:
        """Return how long it takes until a change is acknowledged and has an effect elsewhere."""
        began = time.monotonic()
        known = len(self.tally.acknowledged)
        self.acknowledges(1)
        visit = self.tally.acknowledged[known].appointment_id
        desk = Connection(self.system.address, sign_in(self.system.address, self.system.sign_in))
        path = f"/messages?appointment_id={visit}"
        eventually(lambda: desk.ask("GET", path).body.get("items"), timeout=60)
        desk.close()
        return time.monotonic() - began

    def pids(self) -> dict[str, int | None]:
        """Return the process of each service."""
        return {name: pid_of(self.system.place, name) for name in SERVICES}

    def findings(self) -> list[verdict.Finding]:
        """Return what is wrong once all is at rest."""
        _effects, messages = rest(self.system, time.monotonic())
        assert messages is not None, "it did not come to rest"
        return verdict.judge(collecting.collect(self.system, self.tally))
