"""MongoDB's replica set and accounts: each service reads and writes its own database alone.

Source: MongoDB manual, "Localhost Exception": until the first user exists, a connection from the
same host may make it.
"""

import base64
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from clinic_deploy.provision.accounts import ADMIN, Accounts
from clinic_runtime import trail
from clinic_runtime.topology import SERVICES

Client = MongoClient[dict[str, Any]]
REPLICA_SET = "rs0"
KEY_BYTES = 96
TRANSACTION_SECONDS = 5
"""How long a transaction may take: as long as a call. What a killed process left open keeps what it
touched from everybody else until then, which by itself is a minute."""
READY_SECONDS = 60
UNAUTHORIZED = 13
ALREADY_INITIALIZED = 23
AUTHENTICATION_FAILED = 18
USER_EXISTS = 51_003
ROLE_EXISTS = 51_002
TRAILED = "gateway"
"""The service that keeps a trail."""
APPENDER = "appender"


class DatabaseNotReadyError(Exception):
    """The database did not become what was waited for in time."""


def write_key_file(path: Path, owner: int | None = None) -> None:
    """Write the key by which members of the set know each other, unless there is one already.

    ``owner`` is the user id the server runs as where that is not ours.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)))
    if owner is not None:
        os.chown(path, owner, owner)


def provision(
    local: str, member: str, accounts: Accounts, trail_days: int = trail.KEPT_DAYS
) -> None:
    """Make the set, the accounts and the gateway's trail, or bring them up to date.

    ``local`` is the server's address as seen from its own host (needed until the administrator
    exists), ``member`` the address by which services reach it. Rows of the trail are kept for
    ``trail_days``. Raises DatabaseNotReadyError.
    """
    with _connect(local) as anybody:
        _await(lambda: _initiated(anybody, member), "a replica set")
        _await(lambda: bool(anybody.admin.command("hello")["isWritablePrimary"]), "writable")
        _ensure_administrator(local, anybody, accounts)
    with _connect(local, accounts.credentials(ADMIN)) as administrator:
        for name in SERVICES:
            roles = [{"role": "readWrite", "db": name}]
            if name == TRAILED:
                trail.ensure(trail.trail_of(administrator[name]), trail_days)
                roles.append(_ensure_appender(administrator, trail.database_of(name)))
            _ensure_account(administrator, name, accounts.passwords[name], roles)


def _connect(address: str, credentials: str = "") -> Client:
    return MongoClient(
        f"mongodb://{credentials}{address}/?directConnection=true&authSource=admin",
        serverSelectionTimeoutMS=500,
    )


def _await(check: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    last: PyMongoError | None = None
    while time.monotonic() < deadline:
        try:
            if check():
                return
        except OperationFailure:
            raise
        except PyMongoError as error:  # not listening yet
            last = error
        time.sleep(0.1)
    reason = "" if last is None else f" ({type(last).__name__})"
    raise DatabaseNotReadyError(f"the database is not {what} after {READY_SECONDS} s{reason}")


def _initiated(anybody: Client, member: str) -> bool:
    if "setName" in anybody.admin.command("hello"):
        return True
    members = [{"_id": 0, "host": member}]
    try:
        anybody.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    except OperationFailure as error:
        if error.code == UNAUTHORIZED:  # initiated before, and its configuration not read yet
            return False
        if error.code != ALREADY_INITIALIZED:
            raise
    return True


def _ensure_administrator(local: str, anybody: Client, accounts: Accounts) -> None:
    try:
        with _connect(local, accounts.credentials(ADMIN)) as administrator:
            administrator.admin.command("ping")
    except OperationFailure as error:
        if error.code != AUTHENTICATION_FAILED:
            raise
        anybody.admin.command("createUser", ADMIN, pwd=accounts.passwords[ADMIN], roles=["root"])


def _ensure_appender(administrator: Client, database: str) -> dict[str, str]:
    """Return the role that reads a trail and adds to it, and no more."""
    resource = {"db": database, "collection": trail.COLLECTION}
    may: dict[str, Any] = {
        "privileges": [{"resource": resource, "actions": list(trail.ACTIONS)}],
        "roles": [],
    }
    try:
        administrator[database].command("createRole", APPENDER, **may)
    except OperationFailure as error:
        if error.code != ROLE_EXISTS:
            raise
        administrator[database].command("updateRole", APPENDER, **may)
    return {"role": APPENDER, "db": database}


def _ensure_account(
    administrator: Client, name: str, password: str, roles: list[dict[str, str]]
) -> None:
    account: dict[str, Any] = {"pwd": password, "roles": roles}
    try:
        administrator[name].command("createUser", name, **account)
    except OperationFailure as error:
        if error.code != USER_EXISTS:
            raise
        administrator[name].command("updateUser", name, **account)
