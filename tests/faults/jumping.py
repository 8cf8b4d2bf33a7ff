"""``python -m tests.faults.jumping FOLDER SERVICE``: a service whose wall clock jumps.

Its clock is off by as many seconds as ``FOLDER/SERVICE`` says: 0 where there is no such file. What
it measures by the monotonic clock is not, as on a machine whose wall clock is set.
"""

import clinic_runtime.green  # noqa: F401, I001 (patches before anything else is imported)

import runpy
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

from clinic_deploy.local.system import System
from clinic_runtime import clock


class JumpingSystem(System):
    """A system each of whose services has a clock that can be set."""

    @property
    def _clocks(self) -> Path:
        return self.place.directory("clocks")

    def command(self, name: str) -> list[str]:
        """Return the command line of a service behind its clock."""
        return [sys.executable, "-m", "tests.faults.jumping", str(self._clocks), name]

    def jump(self, name: str, seconds: int) -> None:
        """Set the clock of a service so far ahead of, or behind, the machine's."""
        partial = self._clocks / f".{name}"
        partial.write_text(str(seconds))
        partial.rename(self._clocks / name)


def run(offset: Path, service: str) -> None:
    """Run the service by the clock."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            off = int(offset.read_text()) if offset.exists() else 0
            return super().now(tz) + timedelta(seconds=off)

    # The one place where the services read the time.
    vars(clock)["datetime"] = Clock
    runpy.run_module(service, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    run(Path(sys.argv[1]) / sys.argv[2], sys.argv[2])
