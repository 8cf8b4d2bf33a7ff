"""``python -m clinic_deploy run | once | stop | test [pytest's arguments]``."""

import sys

from clinic_deploy.local import processes, running, testing
from clinic_deploy.local.paths import Place

USAGE = "usage: python -m clinic_deploy run | once | stop | test [arguments of pytest]"


def main(arguments: list[str]) -> int:
    """Do what the first argument says; return the exit code."""
    verb, *rest = arguments or [""]
    if verb in ("run", "once"):
        return running.run(once=verb == "once")
    if verb == "stop":
        stopped = processes.stop(Place(running.LOCAL / "run"))
        print("stopped" if stopped else "nothing runs here")
        return 0
    if verb == "test":
        return testing.run_tests(rest)
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
