"""The example that follows events, killed and started again; many followers, some of whom die."""

import html
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clinic_deploy.demo.api import Api
from clinic_deploy.local.paths import ROOT
from clinic_runtime.testing import eventually
from tests.load import trial
from tests.load.followers import Orders

EXAMPLE = ROOT / "deploy" / "examples" / "follow_events.py"
TIMES = [f"2027-05-{day:02}T{hour:02}:00" for day in range(17, 22) for hour in range(9, 17, 2)]
FOLLOWERS, DYING = 50, 10


class Example:
    """The example, run as its documentation says, and what it printed."""

    def __init__(self, address: str, key: str, folder: Path) -> None:
        self.arguments = [address, key, str(folder / "place")]
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "printed").open("ab") as output:
            command = [sys.executable, str(EXAMPLE), *self.arguments]
            self.process = subprocess.Popen(command, stdout=output)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def printed(self) -> list[str]:
        return (self.folder / "printed").read_text().splitlines()

    def has(self, type_: str, subject: str) -> Callable[[], bool]:
        return lambda: f"{type_} {subject}" in self.printed()


@pytest.fixture
def example(house: Any, api: Api, tmp_path: Path) -> Iterator[Example]:
    key = api.post("/api-keys", {"name": "our books", "role": "integration"})["key"]
    made = Example(house.address, key, tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def book(api: Api, clinic: dict[str, str]) -> Callable[[], str]:
    times = iter(TIMES)
    return lambda: str(api.post("/appointments", {**clinic, "local_start": next(times)})["id"])


BOOKED = "booking.appointment_booked.v1"


def test_the_example_prints_exactly_what_it_missed_while_it_was_dead(
    example: Example, book: Callable[[], str]
) -> None:
    first = book()
    eventually(example.has(BOOKED, first), timeout=30)
    example.kill()
    before = example.printed()
    missed = book()
    example.start()
    eventually(example.has(BOOKED, missed), timeout=30)
    later = book()
    eventually(example.has(BOOKED, later), timeout=30)
    booked = [line for line in example.printed()[len(before) :] if line.startswith(BOOKED)]
    assert booked == [f"{BOOKED} {missed}", f"{BOOKED} {later}"]
    assert not any("client_profile.alert" in line for line in example.printed())


def test_the_example_survives_a_gateway_that_was_killed(
    example: Example, house: Any, book: Callable[[], str]
) -> None:
    first = book()
    eventually(example.has(BOOKED, first), timeout=30)
    house.kill("gateway")
    house.start("gateway")
    eventually(house.ready, timeout=60)
    second = book()
    eventually(example.has(BOOKED, second), timeout=30)
    printed = [line for line in example.printed() if line.startswith(BOOKED)]
    assert len(set(printed)) == len(printed)


def test_the_commands_of_the_documentation_follow_events(
    house: Any, api: Api, book: Callable[[], str], tmp_path: Path
) -> None:
    page = html.unescape(api.session.get(f"{house.address}/docs/events", timeout=15).text)
    (commands,) = re.findall(r"<pre><code>(CLINIC=.*?)</code>", page, flags=re.DOTALL)
    for shown, here in (
        ("http://localhost:8000", house.address),
        ("owner@demo.clinic", house.environment["CLINIC_OWNER_EMAIL"]),
        ("the one that make run shows", house.environment["CLINIC_OWNER_PASSWORD"]),
        (".venv/bin/python", sys.executable),
        (".local/reached", str(tmp_path / "place")),
    ):
        assert shown in commands
        commands = commands.replace(shown, here)
    booked = book()
    with (tmp_path / "printed").open("wb") as output:
        shell = subprocess.Popen(
            ["/bin/bash", "-c", commands], cwd=ROOT, stdout=output, start_new_session=True
        )
    try:
        printed = tmp_path / "printed"
        eventually(lambda: f"{BOOKED} {booked}" in printed.read_text(), timeout=60)
    finally:
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()


def test_fifty_followers_get_every_event_and_those_who_die_make_room(
    house: Any, api: Api, book: Callable[[], str]
) -> None:
    headers = {"Authorization": str(api.session.headers["Authorization"])}
    eventually(lambda: trial.open_streams(house.port) == 0, timeout=30)
    orders = Orders(port=house.port, headers=headers, count=FOLLOWERS)
    some = Orders(port=house.port, headers=headers, count=DYING)
    with trial.following(orders) as living, trial.following(some) as dying:
        assert trial.open_streams(house.port) == FOLLOWERS + DYING
        booked = [book() for _ in range(3)]
        dying.send(signal.SIGKILL)
        booked += [book() for _ in range(3)]
        assert trial.seconds_until_left(house.port, FOLLOWERS, 30.0) < 30.0
        after = living.opened["after"]

        def subjects() -> set[str]:
            page = api.get("/events", after=after, types=BOOKED)
            return {event["subject"] for event in page["events"]}

        eventually(lambda: subjects() == set(booked))
        expected = trial.told_since(house.port, headers, after)
        told = living.end(expected)
    assert set(expected) <= set(told["events"])
    assert (told["short"], told["doubled"], told["resyncs"], told["ended"]) == (0, 0, 0, 0)
