"""One slice: so many seconds of one kind of load on one contender, and what it cost."""

import json
import resource
import subprocess
import time
from collections.abc import Collection, Iterable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import Any

import requests

from clinic_deploy.local.paths import ROOT
from tests.load import measure
from tests.load.client import Orders
from tests.load.contenders import BENCH_BIN, Contender

CLIENT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Slice:
    """What a slice gave; ``cpu`` is CPU-ms per request by process, what it left to do included."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu: dict[str, float]
    drained_s: float
    others: float
    """The share of the machine that neither the contender nor the load generator used."""
    refused: dict[str, int]

    @property
    def cpu_ms(self) -> float:
        """CPU-ms per request of all processes together."""
        return sum(self.cpu.values())


class Measurer:
    """Measures slices; processes in ``pauses`` stand still while another contender is measured."""

    def __init__(self, quiet_seconds: float, pauses: Collection[int]) -> None:
        self.quiet_seconds = quiet_seconds
        self.pauses = pauses

    def slice(self, contender: Contender, orders: Orders) -> Slice:
        """Run the orders; visits booked are taken off the contender's supply."""
        measure.wait_until_quiet(self.quiet_seconds)
        still = nullcontext() if self._paused(contender) else measure.paused(self.pauses)
        with still:
            before, busy, client, at = _now(contender.pids)
            told = run(orders)
            drained = contender.drain()
            after, busy_after, client_after, ended = _now(contender.pids)
        contender.taken += told["issued"]
        used = {name: after[name] - before[name] for name in before}
        known = sum(used.values()) + client_after - client
        seconds = ended - at
        return Slice(
            rate=told["completed"] / told["seconds"],
            p50_ms=told["p50_ms"],
            p99_ms=told["p99_ms"],
            cpu={name: ms / max(1, told["completed"]) for name, ms in used.items()},
            drained_s=drained,
            others=max(0.0, busy_after - busy - known) / (1_000 * seconds),
            refused=told["refused"],
        )

    def _paused(self, contender: Contender) -> bool:
        return not set(self.pauses).isdisjoint(contender.pids.values())


def run(orders: Orders) -> dict[str, Any]:
    """Run the load generator in a process of its own; return what it told."""
    done = subprocess.run(
        [str(BENCH_BIN / "python"), "-m", "tests.load.client"],
        input=json.dumps(asdict(orders)).encode(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the run, which ends this
        check=True,
        timeout=orders.seconds + CLIENT_SECONDS,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def etag(contender: Contender, path: str) -> str:
    """Return the ETag of a path's answer, or nothing."""
    url = f"http://127.0.0.1:{contender.port}{path}"
    return requests.get(url, headers=contender.headers, timeout=10).headers.get("ETag", "")


def refusals(slices: Iterable[Slice]) -> int:
    """Return how many requests were refused in all."""
    return sum(sum(one.refused.values()) for one in slices)


def _now(pids: dict[str, int]) -> tuple[dict[str, float], float, float, float]:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    client = 1_000 * (children.ru_utime + children.ru_stime)
    return measure.cpu_ms(pids), measure.busy_ms(), client, time.monotonic()
