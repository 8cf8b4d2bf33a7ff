"""``python -m clinic_deploy test``: private infrastructure, all tests, and nothing left behind."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from clinic_deploy.local import chromium, mongod, rabbitmq
from clinic_deploy.local.paths import ROOT, Place
from clinic_deploy.provision.accounts import ADMIN

STOP_SECONDS = 20
IN_A_BROWSER = ["-c", "tests/browser/pytest.ini", "--rootdir", "."]
"""A browser is spoken to by an event loop, which green threads would get in the way of."""
PARTS = {
    "systems": ["-m", "(private or e2e) and not spoils"],
    "specification": ["tests/e2e/test_openapi.py"],
    "locations": ["tests/e2e/test_other_locations.py"],
    "runtime": ["-m", "runtime and not private"],
    "browser": [*IN_A_BROWSER, "-m", "core", "tests/browser"],
}
BESIDE = (("systems", "browser", "locations"), ("runtime", "specification"))
"""What runs beside the others, one part after another: it waits for processes most of the time.

More at once would only make two cores late for what is waited for.
"""
OTHERS = ["-m", "not (private or e2e or runtime)"]


def run_tests(arguments: list[str]) -> int:
    """Run pytest against AMQP_URI and MONGO_URI, or private ones; return its exit code.

    All tests together run in parts at once: those that wait most of the time beside the others.
    """
    own = "MONGO_URI" not in os.environ and "AMQP_URI" not in os.environ
    if own and not arguments:
        return _in_parts()
    if any(argument.startswith("tests/browser") for argument in arguments):
        arguments = [*IN_A_BROWSER, *arguments]
    if not own:
        # Who names their own broker may have none on this machine for these tests to start.
        arguments = ["-m", "not private", *arguments]
    with _infrastructure("test") as environment:
        return _pytest(environment, arguments).wait()


def _in_parts() -> int:
    """Run each part on infrastructure of its own: each has the services' queues."""
    reports = {name: _place("test").under("log", f"{name}-tests.log") for name in PARTS}
    print(f"{', '.join(map(str, reports.values()))}: tests that run meanwhile", flush=True)
    # What is not on this machine yet is fetched once, not by each part.
    mongod.binary()
    rabbitmq.commands()
    chromium.path()
    runs: list[subprocess.Popen[bytes]] = []
    ended = threading.Event()

    def chain(names: tuple[str, ...]) -> int:
        codes = [_part(name, reports[name], runs) for name in names if not ended.is_set()]
        return max(codes, default=1)

    with ThreadPoolExecutor(len(BESIDE)) as threads:
        chains = [threads.submit(chain, names) for names in BESIDE]
        try:
            with _infrastructure("test") as environment:
                others = _pytest(environment, OTHERS)
                runs.append(others)
                codes = [others.wait()]
            codes += [each.result() for each in chains]
        finally:
            ended.set()
            for run in runs:
                with contextlib.suppress(ProcessLookupError):
                    run.send_signal(signal.SIGINT)  # upon which it ends what its tests started
    for report in reports.values():
        print(report.read_text(encoding="utf-8") if report.exists() else f"{report}: not run")
    return max(codes)


def _part(name: str, report: Path, runs: list[subprocess.Popen[bytes]]) -> int:
    with _infrastructure(f"test-{name}") as environment, report.open("wb") as output:
        # Several would write one cache.
        run = _pytest(environment, [*PARTS[name], "-p", "no:cacheprovider"], output)
        runs.append(run)
        return run.wait()


def _place(name: str) -> Place:
    return Place(ROOT / ".local" / name)


@contextlib.contextmanager
def _infrastructure(name: str) -> Iterator[dict[str, str]]:
    """Yield an environment that names a database and a broker, those given or private ones."""
    place, environment = _place(name), dict(os.environ)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_alone(place))
        if "MONGO_URI" not in environment:
            stack.enter_context(private_mongod(place))
            environment["MONGO_URI"] = mongod.uri(place, ADMIN)
        if "AMQP_URI" not in environment:
            stack.enter_context(private_rabbitmq(place))
            environment["AMQP_URI"] = rabbitmq.uri(place, ADMIN)
        environment["PYTHONTZPATH"] = ""
        yield environment


def _pytest(
    environment: dict[str, str], arguments: list[str], output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)


@contextlib.contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Hold a place: services of two runs on one broker would answer each other's calls."""
    with place.under("lock").open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"tests run in {place.folder} already: wait for them, or use another clone"
            raise SystemExit(message) from None
        yield


@contextlib.contextmanager
def private_mongod(place: Place) -> Iterator[None]:
    """Run a mongod with its accounts."""
    with _process(mongod.command(place), place, "mongod"):
        mongod.provision(place)
        yield


@contextlib.contextmanager
def private_rabbitmq(place: Place) -> Iterator[None]:
    """Run a broker with its accounts, exchanges and queues."""
    commands = rabbitmq.commands()
    environment = rabbitmq.environment(place)
    with contextlib.ExitStack() as stack:
        for name, command in commands.items():
            stack.enter_context(_process(command, place, name, environment))
        rabbitmq.wait_until_ready(place)
        yield


@contextlib.contextmanager
def _process(
    command: list[str], place: Place, name: str, environment: dict[str, str] | None = None
) -> Iterator[None]:
    """Run a program in a process group of its own; end the whole group afterwards."""
    log = place.under("log", f"{name}.log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environment, start_new_session=True
        )
    try:
        yield
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
