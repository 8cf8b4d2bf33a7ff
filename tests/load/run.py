"""The course of a run: start, rounds at 1,000 appointments, lag, growth, rounds at 200,000."""

import json
import os
import platform
import subprocess
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from clinic_deploy.demo.api import Api
from clinic_deploy.local import mongod, rabbitmq
from clinic_deploy.local.paths import ROOT, Place
from clinic_deploy.provision.accounts import ADMIN
from tests.load import clinic, contenders, lag, measure, ours, profile, seed, slices
from tests.load.client import Orders
from tests.load.contenders import BENCH_BIN, Contender
from tests.load.options import CONCURRENCIES, Options
from tests.load.results import OURS, Case, Results, medians

WARM_SECONDS = 1.0
LAG_SECONDS = 6.0
SETTLE_SECONDS = 10.0
DAY_CONNECTIONS = 8
MOST = 32
READ_IDS = 500
UNCHANGED = "day_unchanged"


class Bench:
    """One run; what it measures goes into ``results`` as it comes."""

    def __init__(self, place: Place, asked: Options, results: Results, console: Console) -> None:
        self.place = place
        self.asked = asked
        self.results = results
        self.console = console
        results.about.update(
            machine=_machine(),
            day=f"{datetime.now(UTC):%Y-%m-%d}",
            rounds=asked.rounds,
            seconds=asked.seconds,
            sizes={"small": asked.small, "grown": asked.grown},
        )

    def run(self) -> None:
        """Do all of it."""
        self.console.print("starting the system and the baselines")
        self.stage, self.ours, api = ours.start(self.place)
        try:
            self._measure(api)
        finally:
            self.stage.end_baselines()

    def _measure(self, api: Api) -> None:
        self.results.keep_rss("start", measure.rss_mb(self.ours.own))
        self.results.about["sizes"]["start"] = 0
        self.fastapi = contenders.fastapi(self.stage)
        self.stock = contenders.stock_nameko(self.stage)
        self.measurer = slices.Measurer(self.asked.quiet_seconds, self.ours.own.values())
        self.clinics = clinic.make(api)
        self._fill()
        for number in range(1, self.asked.rounds + 1):
            self.console.print(f"round {number} of {self.asked.rounds}")
            self._small_round()
        self._lag()
        self._grow(self.asked.grown)
        for number in range(1, self.asked.rounds + 1):
            self.console.print(f"grown, round {number} of {self.asked.rounds}")
            self._grown_round()

    def _fill(self) -> None:
        """Fill the day of 300 and the rest of the first 1,000; let everybody warm up."""
        day = self.clinics.day
        for number, plan in enumerate((day, *self.clinics.week)):
            key = f"day {number}"
            self._run(self.ours, plan=plan.to_json(), key=key, limit=len(plan), connections=8)
        self.ours.drain()
        seed.fill_day(self.fastapi, day)
        for contender in (self.ours, self.fastapi, self.stock):
            told = self._run(contender, **self._booking(contender), connections=DAY_CONNECTIONS)
            contender.taken += told["issued"]
            contender.drain()
        self._grow(self.asked.small)
        for contender in (self.ours, self.fastapi):
            chosen = contender.appointments.aggregate([{"$sample": {"size": READ_IDS}}])
            contender.one_paths = [f"/v1/appointments/{found['_id']}" for found in chosen]

    def _run(self, contender: Contender, **orders: Any) -> dict[str, Any]:
        orders.setdefault("seconds", 60 if "limit" in orders else WARM_SECONDS)
        told = slices.run(Orders(port=contender.port, headers=contender.headers, **orders))
        if told["refused"]:
            raise SystemExit(f"{contender.name} refused: {told['refused']}")
        return told

    def _small_round(self) -> None:
        for concurrency in CONCURRENCIES:
            self._book(self.ours, concurrency, profiled=self.asked.profile and concurrency == MOST)
            self._book(self.fastapi, concurrency)
            if not self.asked.quick or concurrency == MOST:
                self._book(self.stock, concurrency)
            if not self.asked.quick or concurrency == MOST:
                self._floor(concurrency)
        for concurrency in (DAY_CONNECTIONS, MOST)[self.asked.quick :]:
            self._one(concurrency)
        self._day("small")
        self._publish_floor()
        self.results.keep_rss("small", measure.rss_mb(self.ours.own))

    def _grown_round(self) -> None:
        self._book(self.ours, MOST, "grown")
        self._book(self.fastapi, MOST, "grown")
        self._one(MOST, "grown")
        self._day("grown")
        self.results.keep_rss("grown", measure.rss_mb(self.ours.own))

    def _book(
        self, contender: Contender, concurrency: int, size: str = "small", *, profiled: bool = False
    ) -> None:
        with ExitStack() as stack:
            if profiled:
                stack.enter_context(profile.recording(contender.own, self.asked.seconds))
            self._slice("book", contender, concurrency, size, **self._booking(contender))

    def _one(self, concurrency: int, size: str = "small") -> None:
        for contender in (self.ours, self.fastapi):
            self._slice("one", contender, concurrency, size, paths=contender.one_paths)

    def _day(self, size: str) -> None:
        path = self.clinics.day_path
        for contender in (self.ours, self.fastapi):
            self._slice("day", contender, DAY_CONNECTIONS, size, paths=[path])
        if etag := slices.etag(self.ours, path):
            headers = {**self.ours.headers, "If-None-Match": etag}
            self._slice(UNCHANGED, self.ours, DAY_CONNECTIONS, size, paths=[path], headers=headers)
        for kind, paths in (
            ("worklist", [self.clinics.worklist_path]),
            ("search", self.clinics.search_paths(alike=False)),
            ("search_again", self.clinics.search_paths(alike=True)),
        ):
            self._slice(kind, self.ours, DAY_CONNECTIONS, size, paths=paths)

    def _booking(self, contender: Contender) -> dict[str, Any]:
        return {
            "plan": self.clinics.visits.to_json(),
            "first": contender.taken,
            "key": f"bench-{contender.taken}",
        }

    def _slice(
        self, kind: str, contender: Contender, concurrency: int, size: str, **asked: Any
    ) -> None:
        settings = {"headers": contender.headers, "seconds": self.asked.seconds, **asked}
        orders = Orders(port=contender.port, connections=concurrency, **settings)
        one = self.measurer.slice(contender, orders)
        self.results.slices[Case(kind, contender.name, concurrency, size)].append(one)
        refused = f"  refused {one.refused}" if one.refused else ""
        self.console.print(
            f"  {kind:14}{contender.name:13}{concurrency:3}  {one.rate:6,.0f}/s"
            f"  p50 {one.p50_ms:6.1f}  p99 {one.p99_ms:6.1f}  CPU-ms {one.cpu_ms:6.2f}"
            f"  drained {one.drained_s:3.1f} s  others {one.others:4.0%}{refused}",
            highlight=False,
            soft_wrap=True,
        )

    def _floor(self, concurrency: int) -> None:
        orders = {
            "uri": mongod.uri(self.place, ADMIN),
            "database": "bench_raw",
            "plan": self.clinics.visits.to_json(),
            "first": self.stage.admin["bench_raw"]["raw"].estimated_document_count(),
            "concurrency": concurrency,
            "seconds": self.asked.seconds / 2,
        }
        told = self._floor_told(BENCH_BIN / "python", "raw_insert", orders)
        self.results.floors[f"insert_one, {concurrency} at once"].append(told["rate"])

    def _publish_floor(self) -> None:
        orders = {
            "host": rabbitmq.address(self.place),
            "user": ADMIN,
            "password": self.place.accounts().passwords[ADMIN],
            "seconds": self.asked.seconds,
        }
        told = self._floor_told(ROOT / ".venv" / "bin" / "python", "raw_publish", orders)
        for name, rate in told.items():
            self.results.floors[f"publish, confirmed {name.replace('_', ' ')}"].append(rate)

    def _floor_told(self, python: Path, name: str, orders: dict[str, Any]) -> dict[str, float]:
        measure.wait_until_quiet(self.asked.quiet_seconds)
        with measure.paused(self.ours.own.values()):
            done = subprocess.run(
                [str(python), "-m", f"tests.load.baselines.{name}"],
                input=json.dumps(orders).encode(),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                start_new_session=True,
                check=True,
                timeout=60,
            )
        told: dict[str, float] = json.loads(done.stdout)
        return told

    def _lag(self) -> None:
        found = self.results.slices[Case("book", OURS, MOST)]
        rate = medians(found)["rate"] / 2
        self.console.print(f"event lag at {rate:.0f} writes a second")
        plan = self.clinics.visits
        self.results.lag = lag.measure(self.stage, self.ours, plan, rate, LAG_SECONDS)

    def _grow(self, to: int) -> None:
        plan = self.clinics.visits
        with Progress(console=self.console, transient=True) as progress:
            for contender in (self.ours, self.fastapi):
                missing = to - contender.appointments.estimated_document_count()
                growing = progress.add_task(f"growing {contender.name}", total=missing)
                step = partial(progress.advance, growing)
                if contender is self.ours:
                    seed.grow_ours(self.stage, contender, plan, to, step)
                else:
                    seed.grow_baseline(contender, plan, to, step)
        # What was written in bulk is on disk before anything is measured again.
        self.stage.admin.admin.command("fsync")
        measure.wait_until_quiet(SETTLE_SECONDS)


def _machine() -> str:
    names = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in names if "model name" in line), "")
    cores = f"{os.cpu_count()} cores of {model or platform.machine()}"
    return f"{cores}, Python {platform.python_version()}"
