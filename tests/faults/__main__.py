"""``make faults``: a steady load while everything is killed in turn, and a comparison after it.

FAULTS_SECONDS (60) is how long, FAULTS_SEED which faults and which wishes, FAULTS_CLIENTS (8) how
many. Exits with 1 when anything was lost, doubled or overlaps, or did not come to rest.
"""

import json
import os
import random
import shutil
import signal
import sys
from typing import Any

from clinic_deploy.local import processes
from clinic_deploy.local.paths import ROOT, Place
from clinic_deploy.local.system import System
from tests.faults.run import Settings, free_port, run

FOLDER = ROOT / ".local" / "faults"


def settings() -> Settings:
    """Return what the environment asks for."""
    chosen = os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(1_000_000)
    return Settings(
        seconds=float(os.environ.get("FAULTS_SECONDS", "60")),
        seed=int(chosen),
        clients=int(os.environ.get("FAULTS_CLIENTS", "8")),
    )


def main() -> int:
    """Run it on a place of its own, made anew; stop all of it whatever happens."""
    for number in (signal.SIGINT, signal.SIGTERM):  # even where a shell left SIGINT ignored
        signal.signal(number, _interrupt)
    place = Place(FOLDER)
    processes.stop(place)
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.environ["CLINIC_HTTP_PORT"] = str(free_port())
    system = System(place, FOLDER / "mail")
    try:
        figures, wrong = run(system, settings(), _say)
    except KeyboardInterrupt:
        _say("stopping …")
        return 130
    finally:
        processes.stop(place)
    _say(json.dumps(figures))
    return 1 if wrong else 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (it talks to the person at the terminal)


def _interrupt(_signum: int, _frame: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
