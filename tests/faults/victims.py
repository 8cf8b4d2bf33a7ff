"""Killing what an installation started, by pid, and nothing else."""

import os
import signal
import time
from pathlib import Path

from clinic_deploy.local import processes
from clinic_deploy.local.paths import Place
from clinic_runtime.topology import SERVICES


def pid_of(place: Place, victim: str) -> int | None:
    """Return the pid of a service, of mongod, or of the broker's own process; None when it is away.

    The broker's is the Erlang machine: the script above it would leave that running.
    """
    for pid in processes.running(place):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue  # gone meanwhile
        if _is(victim, command):
            return pid
    return None


def kill(place: Place, victim: str, before: float) -> bool:
    """Kill one, waiting for it to be there; False when that is not so ``before`` (monotonic)."""
    while (pid := pid_of(place, victim)) is None:
        if time.monotonic() > before:
            return False
        time.sleep(0.1)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _is(victim: str, command: list[str]) -> bool:
    program = Path(command[0]).name
    if victim in SERVICES:
        return command[1:2] == ["-m"] and victim in command[2:]
    return program == {"rabbitmq": "beam.smp", "mongod": "mongod"}[victim]
