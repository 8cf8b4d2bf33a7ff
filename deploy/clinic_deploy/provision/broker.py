"""RabbitMQ's definitions: accounts, permissions, and every exchange, queue and binding.

The broker loads them at boot, so nothing published is lost for want of a queue that a service
which has not run yet would have declared.
Source: RabbitMQ, "Schema Definition Export and Import", "Access Control", "Passwords".
"""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from clinic_contracts import catalogue
from clinic_deploy.provision.accounts import ADMIN, Accounts
from clinic_runtime import topology

Document = dict[str, Any]
VHOST = "/"
DEFAULT_EXCHANGE = "amq.default"
SALT_BYTES = 4
ANY_ID = "[0-9A-Z]+"
"""What stands for the id in the names of queues that one process has for itself."""


def write(folder: Path, accounts: Accounts, settings: str = "") -> Path:
    """Write definitions and a configuration that loads them; return the configuration's path."""
    folder.mkdir(parents=True, exist_ok=True)
    definitions = folder / "definitions.json"
    definitions.write_text(json.dumps(document(accounts), indent=1), encoding="utf-8")
    configuration = folder / "rabbitmq.conf"
    configuration.write_text(f"load_definitions = {definitions}\n{settings}", encoding="utf-8")
    return configuration


def document(accounts: Accounts) -> Document:
    """Return the definitions of a broker on which each account may touch its own things alone."""
    producers = {type_.partition(".")[0] for type_ in catalogue.consumers()}
    consumers = [name for name in topology.SERVICES if catalogue.consumed_by(name)]
    return {
        "vhosts": [{"name": VHOST}],
        "users": [_user(name, password) for name, password in accounts.passwords.items()],
        "permissions": [_permission(ADMIN, ".*", ".*", ".*"), *map(_of_service, topology.SERVICES)],
        "exchanges": [_exchange(producer) for producer in sorted(producers)],
        "queues": [_queue(q) for name in consumers for q in topology.consumer_queues(name)],
        "bindings": [_binding(name, t) for name in consumers for t in catalogue.consumed_by(name)],
    }


def _of_service(name: str) -> Document:
    """Return what a service may do.

    Configure and read: its own queues, its own exchange, and (to read) the exchanges it binds to.
    Write: its own exchange and queues; and the default exchange, by which calls, replies and
    retries travel and which RabbitMQ cannot narrow down.
    """
    own = [topology.exchange(name)]
    own += [topology.rpc_queue(name).name, topology.relay_queue(name).name]
    own += [queue.name for queue in topology.consumer_queues(name)]
    watched = catalogue.WATCHERS.get(name, frozenset())
    if watched:
        own.append(topology.passing_queue(name, ANY_ID))
    sources = {topology.exchange(producer) for producer in watched}
    sources |= {topology.exchange(t.partition(".")[0]) for t in catalogue.consumed_by(name)}
    return _permission(
        name,
        _any_of(own),
        _any_of([*own, DEFAULT_EXCHANGE]),
        _any_of([*own, *sorted(sources)]),
    )


def _any_of(names: list[str]) -> str:
    return f"^({'|'.join(name.replace('.', '[.]') for name in names)})$"


def _permission(user: str, configure: str, write: str, read: str) -> Document:
    return {"user": user, "vhost": VHOST, "configure": configure, "write": write, "read": read}


def _user(name: str, password: str) -> Document:
    salt = os.urandom(SALT_BYTES)
    digest = salt + hashlib.sha256(salt + password.encode()).digest()
    return {
        "name": name,
        "password_hash": base64.b64encode(digest).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "administrator" if name == ADMIN else "",
    }


def _exchange(producer: str) -> Document:
    return {
        "name": topology.exchange(producer),
        "vhost": VHOST,
        "type": "topic",
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def _queue(queue: topology.Queue) -> Document:
    return {
        "name": queue.name,
        "vhost": VHOST,
        "durable": True,
        "auto_delete": queue.auto_delete,
        "arguments": queue.arguments,
    }


def _binding(service: str, type_: str) -> Document:
    return {
        "source": topology.exchange(type_.partition(".")[0]),
        "vhost": VHOST,
        "destination": topology.events_queue(service).name,
        "destination_type": "queue",
        "routing_key": topology.binding(type_),
        "arguments": {},
    }
