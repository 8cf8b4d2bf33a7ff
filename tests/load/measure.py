"""CPU and memory of processes, by /proc; waiting for a quiet machine."""

import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

TICK_MS = 1_000 / os.sysconf("SC_CLK_TCK")
QUIET_BUSY_MS = 60
"""Of 300 ms: a fifth of one core."""
QUIET_LOOK_SECONDS = 0.3
KB_PER_MB = 1024


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third (state) on."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()


def families() -> dict[int, list[int]]:
    """Return the children of every process of the machine."""
    found: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                found[int(_stat(int(folder.name))[1])].append(int(folder.name))
    return found


def cpu_ms(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the CPU that each process and its children have used, in ms."""
    children = families()
    return {name: sum(map(_own_ms, _tree(pid, children))) for name, pid in pids.items()}


def rss_mb(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the resident memory of each process, its children not counted, in MB."""
    found = {}
    for name, pid in pids.items():
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                found[name] = int(line.split()[1]) / KB_PER_MB
    return found


def _tree(pid: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    yield pid
    for child in children.get(pid, ()):
        yield from _tree(child, children)


def _own_ms(pid: int) -> float:
    try:
        fields = _stat(pid)
    except OSError:
        return 0.0
    # utime, stime, and the same of children that ended and were waited for.
    return TICK_MS * sum(int(field) for field in fields[11:15])


def busy_ms() -> float:
    """Return the CPU that the whole machine has used, in ms."""
    head = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0]
    user, nice, system, _idle, _wait, *rest = map(int, head.split()[1:8])
    return TICK_MS * (user + nice + system + sum(rest))


def wait_until_quiet(most: float) -> None:
    """Return when the machine has next to nothing to do, or after ``most`` seconds."""
    until = time.monotonic() + most
    while time.monotonic() < until:
        before = busy_ms()
        time.sleep(QUIET_LOOK_SECONDS)
        if busy_ms() - before < QUIET_BUSY_MS:
            return


@contextmanager
def paused(pids: Iterable[int]) -> Iterator[None]:
    """Stop processes of ours for as long as another contender is measured."""
    _signal(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(pids, signal.SIGCONT)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
