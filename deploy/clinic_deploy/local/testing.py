"""``python -m clinic_deploy test``: private infrastructure, all tests, and nothing left behind."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

from clinic_deploy.local import mongod, rabbitmq
from clinic_deploy.local.paths import ROOT, Place
from clinic_deploy.provision.accounts import ADMIN

STOP_SECONDS = 20


def run_tests(arguments: list[str]) -> int:
    """Run pytest against AMQP_URI and MONGO_URI, or private ones; return its exit code.

    All tests together run in two halves at once: those that start systems of their own wait most of
    the time, and meanwhile the others run.
    """
    place = Place(ROOT / ".local" / "test")
    with contextlib.ExitStack() as stack:
        environment = dict(os.environ)
        own = "MONGO_URI" not in environment and "AMQP_URI" not in environment
        if "MONGO_URI" not in environment:
            stack.enter_context(private_mongod(place))
            environment["MONGO_URI"] = mongod.uri(place, ADMIN)
        if "AMQP_URI" not in environment:
            stack.enter_context(private_rabbitmq(place))
            environment["AMQP_URI"] = rabbitmq.uri(place, ADMIN)
        environment["PYTHONTZPATH"] = ""
        if not own:
            # Who names their own broker may have none on this machine for these tests to start.
            arguments = ["-m", "not private", *arguments]
        if arguments:
            return _pytest(environment, arguments).wait()
        return _in_two_halves(place, environment)


def _in_two_halves(place: Place, environment: dict[str, str]) -> int:
    report = place.under("log", "private-tests.log")
    print(f"tests that start systems of their own run meanwhile: {report}", flush=True)
    with report.open("wb") as output:
        # Two would write one cache.
        private = _pytest(environment, ["-m", "private", "-p", "no:cacheprovider"], output)
        others = _pytest(environment, ["-m", "not private"])
        try:
            codes = others.wait(), private.wait()
        finally:
            for each in (others, private):
                with contextlib.suppress(ProcessLookupError):
                    each.send_signal(signal.SIGINT)  # upon which it ends what its tests started
                each.wait()
            print(report.read_text(encoding="utf-8"), flush=True)
    return max(codes)


def _pytest(
    environment: dict[str, str], arguments: list[str], output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)


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
