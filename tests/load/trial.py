"""Streams under load: followers in processes of their own, some of which die, and who got what."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import requests

from clinic_deploy.local.paths import ROOT
from tests.load.followers import Orders

ANSWER_SECONDS = 60.0
SMALL_BUFFER = 4_096
"""What the system takes for a client that reads nothing, so that it is soon full."""
FOLLOWERS = re.compile(r"^clinic_stream_followers (\S+)$", re.MULTILINE)


class Process:
    """Some followers."""

    def __init__(self, orders: Orders) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.load.followers"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the run, which ends this
        )
        # Elsewhere than here clients have machines of their own.
        os.setpriority(os.PRIO_PROCESS, self.process.pid, 10)
        self._write(json.dumps(asdict(orders)))
        self.opened = self._read()

    def end(self, wanted: list[str]) -> dict[str, Any]:
        """Stop following once every stream has these events, or time is up; return what came."""
        self._write(json.dumps(wanted))
        found = self._read()
        self.process.wait(ANSWER_SECONDS)
        return found

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it, whatever state it is in."""
        self.process.kill()
        self.process.wait(ANSWER_SECONDS)

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a process of followers ended by itself")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def following(orders: Orders) -> Iterator[Process]:
    """Yield followers, who are gone afterwards."""
    process = Process(orders)
    try:
        yield process
    finally:
        process.kill()


def open_streams(port: int) -> int:
    """Return how many streams the gateway says are open."""
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    found = FOLLOWERS.search(text)
    assert found is not None
    return int(float(found[1]))


def seconds_until_left(port: int, count: int, most: float) -> float:
    """Return how long it takes until no more than so many streams are open; ``most`` if longer."""
    began = time.monotonic()
    while open_streams(port) > count and time.monotonic() - began < most:
        time.sleep(0.1)
    return time.monotonic() - began


def told_since(port: int, headers: dict[str, str], after: str) -> list[str]:
    """Return the ids of all events in the feed after a cursor, sorted."""
    found: list[str] = []
    more = True
    while more:
        url = f"http://127.0.0.1:{port}/v1/events"
        query = {"after": after, "limit": "500"}
        page = requests.get(url, query, headers=headers, timeout=30).json()
        found += [event["id"] for event in page["events"]]
        after, more = page["next"], page["more"]
    return sorted(found)
