"""Profiles of each process during a slice, by py-spy, as files for speedscope."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from clinic_deploy.local.paths import ROOT
from tests.load.contenders import BENCH_BIN

FOLDER = ROOT / ".local" / "bench"
WAIT_SECONDS = 30


@contextmanager
def recording(pids: Mapping[str, int], seconds: float) -> Iterator[None]:
    """Record each process for as long as the slice takes; writes NAME.speedscope.json."""
    recorders = [
        subprocess.Popen(
            [
                str(BENCH_BIN / "py-spy"),
                "record",
                f"--pid={pid}",
                f"--duration={max(1, round(seconds))}",
                "--rate=200",
                "--format=speedscope",
                f"--output={FOLDER / name}.speedscope.json",
            ],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        for name, pid in pids.items()
    ]
    try:
        yield
    finally:
        for recorder in recorders:
            recorder.wait(WAIT_SECONDS)
