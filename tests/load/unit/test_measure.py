import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_runtime.testing import eventually
from tests.load import measure, options

BUSY = "while True: pass"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"


@pytest.fixture
def busy() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", BUSY])
    yield process.pid
    process.kill()
    process.wait()


@pytest.fixture
def parent() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", PARENT])
    eventually(lambda: measure.families().get(process.pid))
    child = measure.families()[process.pid][0]
    yield process.pid
    os.kill(child, signal.SIGKILL)
    process.wait()


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_process_s_cpu_is_counted(busy: int) -> None:
    before = measure.cpu_ms({"it": busy})["it"]
    eventually(lambda: measure.cpu_ms({"it": busy})["it"] > before + 50)


def test_a_child_s_cpu_is_its_parent_s(parent: int) -> None:
    before = measure.cpu_ms({"it": parent})["it"]
    eventually(lambda: measure.cpu_ms({"it": parent})["it"] > before + 100)


def test_memory_is_that_of_the_process(busy: int) -> None:
    eventually(lambda: 1 < measure.rss_mb({"it": busy})["it"] < 100)


def test_what_is_paused_stands_still_and_goes_on(busy: int) -> None:
    with measure.paused([busy]):
        eventually(lambda: state(busy) == "T")
    eventually(lambda: state(busy) != "T")


def test_a_quick_run_is_a_round_of_short_slices() -> None:
    quick, whole = options.read({"BENCH_QUICK": "1"}), options.read({})
    assert (quick.rounds, quick.grown, quick.quick) == (1, 20_000, True)
    assert (whole.rounds, whole.grown, whole.seconds) == (3, 200_000, 3)


def test_a_figure_that_is_none_ends_the_run_with_its_name() -> None:
    with pytest.raises(SystemExit, match="BENCH_SECONDS"):
        options.read({"BENCH_SECONDS": "soon"})
