"""One account per process in broker and database, and the administrator that makes them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from clinic_runtime.topology import SERVICES

ADMIN = "clinic_admin"
PASSWORD_VARIABLES = {name: f"{name.upper()}_PASSWORD" for name in (*SERVICES, ADMIN)}


class PasswordMissingError(Exception):
    """The environment lacks passwords of accounts."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The password of each account, by its name."""

    passwords: Mapping[str, str]

    def credentials(self, name: str) -> str:
        """Return an account's part of a URI: ``name:password@``."""
        return f"{name}:{quote(self.passwords[name], safe='')}@"

    def amqp_uri(self, name: str, address: str) -> str:
        """Return the URI by which an account connects to the broker at ``host:port``."""
        return f"amqp://{self.credentials(name)}{address}/"

    def mongo_uri(self, name: str, address: str, replica_set: str) -> str:
        """Return the URI by which an account connects to the database at ``host:port``."""
        home = "admin" if name == ADMIN else name
        query = f"replicaSet={replica_set}&authSource={home}"
        return f"mongodb://{self.credentials(name)}{address}/?{query}"


def generated(password_of: Callable[[str], str]) -> Accounts:
    """Return accounts whose passwords an installation keeps for itself."""
    return Accounts({name: password_of(name) for name in PASSWORD_VARIABLES})


def from_environment() -> Accounts:
    """Return accounts with the passwords of the environment; raises PasswordMissingError."""
    found = {name: os.environ.get(v, "") for name, v in PASSWORD_VARIABLES.items()}
    missing = [PASSWORD_VARIABLES[name] for name, password in found.items() if not password]
    if missing:
        raise PasswordMissingError(f"set {', '.join(missing)} in the environment")
    return Accounts(found)
