"""Finding and ending what an installation started, and nothing else.

Every process of an installation carries its folder in the environment variable ``CLINIC_PLACE``,
which its children inherit: so what outlives a supervisor that was killed is still found.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from clinic_deploy.local.paths import Place

MARK = "CLINIC_PLACE"
SUPERVISED_STOP_SECONDS = 60
LEFT_OVER_STOP_SECONDS = 20


def marked(place: Place) -> dict[str, str]:
    """Return the environment variable by which the installation's processes are found."""
    return {MARK: str(place.folder)}


def supervisor_of(place: Place) -> int | None:
    """Return the pid of the installation's supervisor while it runs."""
    file = place.under("supervisord.pid")
    try:
        pid = int(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return pid if pid in running(place) else None


def stop(place: Place) -> bool:
    """End the supervisor, which ends its programs in order, then whatever else is left.

    Returns False when nothing ran.
    """
    found = running(place)
    supervisor = supervisor_of(place)
    if supervisor is not None:
        _signal([supervisor], signal.SIGTERM)
        _wait(lambda: supervisor not in running(place), SUPERVISED_STOP_SECONDS)
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(running(place), number)
        _wait(lambda: not running(place), LEFT_OVER_STOP_SECONDS)
    return bool(found)


def running(place: Place) -> set[int]:
    """Return the pids of everything the installation started that still runs."""
    mark = f"{MARK}={place.folder}".encode()
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                environment = (folder / "environ").read_bytes().split(b"\0")
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue  # gone meanwhile, or another user's
            if mark in environment and state != "Z":
                found.add(int(folder.name))
    return found


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _wait(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.1)
