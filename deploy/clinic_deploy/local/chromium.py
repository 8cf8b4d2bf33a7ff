"""The browser that the console is tested in: the machine's Chromium, else Debian's."""

import shutil

from clinic_deploy.local import packages

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGE = "chromium"


def path() -> str:
    """Return where it is, installing it if need be; raises SystemExit with what is to be done."""
    found = _found()
    if found is None:
        packages.install(PACKAGE)
        found = _found()
    if found is None:
        raise SystemExit(f"the console's tests need a browser: sudo apt-get install {PACKAGE}")
    return found


def _found() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)
