"""``make bench``: the system and its baselines, measured in one run, in turn."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from typing import Any

from rich.console import Console

from clinic_deploy.local.paths import ROOT, Place
from clinic_deploy.local.processes import stop
from tests.load import options, report
from tests.load.contenders import BENCH_BIN
from tests.load.results import Results, rounded
from tests.load.run import Bench

PLACE = Place(ROOT / ".local" / "bench")
LONGEST_SECONDS = 30 * 60
"""A run that is not over by then hangs: it is stopped."""


def main() -> int:
    """Measure, print, write; return 1 when a request was refused."""
    asked = options.read(os.environ)
    console = Console()
    console.width = max(console.width, report.WIDTH)
    stop(PLACE)  # what an earlier run that was killed left behind
    shutil.rmtree(PLACE.folder, ignore_errors=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _interrupt)
    signal.alarm(LONGEST_SECONDS)
    results = Results()
    try:
        Bench(PLACE, asked, results, console).run()
    except KeyboardInterrupt:
        console.print("stopped")
        return 130
    finally:
        stop(PLACE)
    figures: dict[str, Any] = rounded(results.figures())
    line = json.dumps(figures, ensure_ascii=False)
    report.FILE.write_text(line, encoding="utf-8")
    subprocess.run([BENCH_BIN / "python", "-m", "tests.load.plots"], cwd=ROOT, check=True)
    report.show(figures, console)
    console.print(f"plots and result.json are in {PLACE.folder.relative_to(ROOT)}")
    print(line, flush=True)
    return 1 if figures["refused"] else 0


def _interrupt(_signum: int, _frame: Any) -> None:
    # Once is enough: what stops the rest must not be interrupted itself.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
