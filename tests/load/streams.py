"""``make streams``: followers of the event stream while visits are booked and requests answered.

First they follow for STREAMS_SECONDS (300), while others die: who got what, what memory it took,
and how soon the dead were gone. Then in rounds, a mix of requests, half of them bookings, is
answered without followers and with them: its p99 is compared side by side. STREAMS_FOLLOWERS (500)
is how many. Prints JSON; exit code 1 where a bound is broken.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from clinic_deploy.demo.api import Api
from clinic_deploy.local.paths import ROOT, Place
from clinic_deploy.local.processes import stop
from tests.load import clinic, followers, measure, ours, trial
from tests.load.client import Load, Orders
from tests.load.contenders import Contender
from tests.load.stats import percentile, ratio

PLACE = Place(ROOT / ".local" / "bench")
RATE, CONNECTIONS = 30.0, 8
SLICE_SECONDS, ROUNDS = 10.0, 4
WARM_SECONDS = 10.0
DEAD = 25
"""So many processes' worth of streams are killed, and as many stop reading."""
MOST_MB, MOST_RATIO, MOST_FREEING_SECONDS = 60.0, 1.5, 30.0


class Run:
    """The system, somebody signed in, and what the requests took."""

    def __init__(self, seconds: float, count: int) -> None:
        self.seconds = seconds
        self.count = count
        _stage, self.contender, self.api = ours.start(PLACE)
        self.clinics = clinic.make(self.api)
        self.key = _key(self.api)
        self.refused = 0
        self.fill()

    def fill(self) -> None:
        """Book a day to be read, and let everybody warm up."""
        day = self.clinics.day
        _load(self.contender, plan=day.to_json(), key="day", limit=len(day), connections=8)
        self.mix(WARM_SECONDS)

    def mix(self, seconds: float = SLICE_SECONDS) -> float:
        """Have requests answered for so long; return their p99 in ms."""
        found = _load(
            self.contender,
            plan=self.clinics.visits.to_json(),
            first=self.contender.taken,
            key=f"streams-{self.contender.taken}",
            paths=[self.clinics.day_path, "/v1/me", self.clinics.search_paths(alike=True)[0]],
            other_every=2,
            rate=RATE,
            connections=CONNECTIONS,
            seconds=seconds,
        )
        self.contender.taken += found.booked
        self.refused += sum(found.refused.values())
        return 1_000 * percentile(found.latencies, 99)

    def beside(self) -> dict[str, Any]:
        """Have the mix answered without followers and with them, in turn."""
        without, within = [], []
        for _ in range(ROUNDS):
            without.append(self.mix())
            with trial.following(self._orders(self.contender.headers, self.count)):
                within.append(self.mix())
            self.mix(1.0)  # something is told, and shows that they are gone
            trial.seconds_until_left(self.contender.port, 0, MOST_FREEING_SECONDS)
        return {
            "p99_without_ms": without,
            "p99_with_ms": within,
            "p99_ratio": ratio(within, without),
        }

    def long(self) -> dict[str, Any]:
        """Have them follow for long, while as many streams of two processes die."""
        port, pid = self.contender.port, {"gateway": self.contender.pids["gateway"]}
        rss, cpu = measure.rss_mb(pid)["gateway"], measure.cpu_ms(pid)["gateway"]
        peak, freed, within = rss, {}, []
        with ExitStack() as stack:
            many = self._orders(self.contender.headers, self.count)
            dead = self._orders(self.key, DEAD, receive_bytes=trial.SMALL_BUFFER)
            killed, stopped, live = (
                stack.enter_context(trial.following(each)) for each in (dead, dead, many)
            )
            began = time.monotonic()
            killed.send(signal.SIGKILL)
            freed["killed"] = trial.seconds_until_left(port, self.count + DEAD, 60)
            stopped.send(signal.SIGSTOP)
            watch = stack.enter_context(ThreadPoolExecutor(1))
            left = watch.submit(trial.seconds_until_left, port, self.count, 60)
            while time.monotonic() - began < self.seconds:
                within.append(self.mix())
                peak = max(peak, measure.rss_mb(pid)["gateway"])
            freed["stopped"] = left.result()
            followed = time.monotonic() - began
            cpu = measure.cpu_ms(pid)["gateway"] - cpu
            self.contender.drain()
            expected = trial.told_since(port, self.contender.headers, live.opened["after"])
            told = live.end(expected)
        freed["all"] = trial.seconds_until_left(port, 0, 60)
        return {
            "followers": live.opened["open"],
            "followed_s": followed,
            "events": len(expected),
            **{name: value for name, value in told.items() if name != "events"},
            "missing": len(set(expected) - set(told["events"])),
            "rss_mb": rss,
            "rss_growth_mb": peak - rss,
            "gateway_cpu_share": cpu / 1_000 / followed,
            "freed_s": freed,
            "p99_meanwhile_ms": within,
        }

    def figures(self) -> dict[str, Any]:
        """Measure."""
        # Memory first, before earlier followers leave any behind.
        long = self.long()
        return {**long, **self.beside(), "requests_refused": self.refused}

    def _orders(self, headers: dict[str, str], count: int, **more: int) -> followers.Orders:
        return followers.Orders(port=self.contender.port, headers=headers, count=count, **more)


def broken(figures: dict[str, Any], count: int) -> list[str]:
    """Return which bounds do not hold."""
    bounds = {
        f"{count} followers from the first to the last": figures["followers"] == count
        and not figures["ended"],
        "every follower got every event": not figures["short"] and not figures["missing"],
        "none got one twice": not figures["doubled"],
        "none was told to resync": not figures["resyncs"],
        f"memory grew by {MOST_MB} MB at most": figures["rss_growth_mb"] <= MOST_MB,
        f"the dead were gone within {MOST_FREEING_SECONDS} s": all(
            0 < each <= MOST_FREEING_SECONDS for each in figures["freed_s"].values()
        ),
        f"p99 stayed within {MOST_RATIO} times": figures["p99_ratio"] <= MOST_RATIO,
        "no request was refused": not figures["requests_refused"],
        "something happened": figures["events"] > 0,
    }
    return [bound for bound, holds in bounds.items() if not holds]


def _load(contender: Contender, **asked: Any) -> Load:
    orders = Orders(port=contender.port, headers=contender.headers, **{"seconds": 60.0, **asked})
    load = Load(orders)
    asyncio.run(load.run())
    return load


def _key(api: Api) -> dict[str, str]:
    made = api.post("/api-keys", {"name": "followers that die", "role": "integration"})
    return {"Authorization": f"Bearer {made['key']}"}


def main() -> int:
    """Measure and print; return 1 where a bound is broken."""
    seconds = float(os.environ.get("STREAMS_SECONDS", "300"))
    count = int(os.environ.get("STREAMS_FOLLOWERS", "500"))
    stop(PLACE)
    shutil.rmtree(PLACE.folder, ignore_errors=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        figures = Run(seconds, count).figures()
    finally:
        stop(PLACE)
    print(json.dumps(figures, default=str), flush=True)
    wrong = broken(figures, count)
    for bound in wrong:
        print(f"BROKEN: {bound}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
