"""``python -m clinic_deploy test [pytest's arguments]``."""

import sys

from clinic_deploy.local.testing import run_tests

USAGE = "usage: python -m clinic_deploy test [arguments of pytest]"

if __name__ == "__main__":
    if sys.argv[1:2] != ["test"]:
        sys.exit(USAGE)
    sys.exit(run_tests(sys.argv[2:]))
