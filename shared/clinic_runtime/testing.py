"""For tests: a real database of their own, a service in this process, waiting on conditions."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import eventlet
import pytest
from nameko.containers import ServiceContainer
from pymongo.database import Database

from clinic_runtime.ids import ulid
from clinic_runtime.mongo import connect
from clinic_runtime.watching import Watch

T = TypeVar("T")
STOP_SECONDS = 15.0


@pytest.fixture(scope="session")
def mongo_uri() -> str:
    """Return the URI of the MongoDB replica set to test against."""
    return os.environ["MONGO_URI"]


@pytest.fixture(scope="session")
def amqp_uri() -> str:
    """Return the URI of the RabbitMQ broker to test against."""
    return os.environ["AMQP_URI"]


@pytest.fixture
def database(mongo_uri: str) -> Iterator[Database[dict[str, Any]]]:
    """Yield a fresh database, dropped afterwards."""
    client = connect(mongo_uri, "tests")
    name = f"test_{ulid().lower()}"
    yield client[name]
    client.drop_database(name)
    client.close()


@pytest.fixture
def watch() -> Watch:
    """Return what ``watched`` is asked."""
    return Watch()


@pytest.fixture
def watched(
    mongo_uri: str, database: Database[dict[str, Any]], watch: Watch
) -> Iterator[Database[dict[str, Any]]]:
    """Yield the same fresh database through a client that ``watch`` listens to."""
    client = connect(mongo_uri, "watched tests", event_listeners=[watch])
    yield client[database.name]
    client.close()


def eventually(check: Callable[[], T | None], timeout: float = 30.0) -> T:
    """Return the first truthy value of ``check``; fails with its last value after ``timeout``."""
    last: T | None = None
    with eventlet.Timeout(timeout, exception=False):
        while True:
            last = check()
            if last:
                return last
            eventlet.sleep(0.02)
    message = f"not so within {timeout} s; last seen: {last!r}"
    raise AssertionError(message)


@contextmanager
def running(service: type, config: dict[str, Any]) -> Iterator[ServiceContainer]:
    """Run a service in this process against the real broker and database of ``config``."""
    container = ServiceContainer(service, config={"max_workers": 20, **config})
    container.start()
    try:
        yield container
    finally:
        # A worker that waits for what a failed test never gave must not hide the failure.
        patience = eventlet.spawn_after(STOP_SECONDS, container.kill)
        container.stop()
        patience.cancel()


@contextmanager
def process_of(
    test: str, config: dict[str, Any], folder: Path, *arguments: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a test's file, which runs a service when it is the main one, as a process of its own.

    It finds the configuration under the path it gets; ``folder/log`` has what it logs. Killed at
    the end, if it still runs.
    """
    settings = folder / "config.json"
    settings.write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    program = f"import clinic_runtime.green, runpy; runpy.run_path({test!r}, run_name='__main__')"
    with (folder / "log").open("ab") as log:
        started = subprocess.Popen(  # noqa: S603 (the test itself)
            [sys.executable, "-c", program, str(settings), *arguments], stderr=log
        )
    try:
        yield started
    finally:
        started.kill()
        started.wait()
