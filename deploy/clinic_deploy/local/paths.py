"""Where things of one local installation lie, and the ports it chose for itself."""

import json
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinic_deploy.provision.accounts import Accounts, generated

ROOT = Path(__file__).parents[3]
PORT_NAMES = ("mongod", "rabbitmq", "rabbitmq_dist", "epmd", "smtp", "payer")


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of an installation, such as ``.local/run``."""

    folder: Path

    def under(self, *parts: str) -> Path:
        """Return a path inside, its parent folders made."""
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def directory(self, *parts: str) -> Path:
        """Return a folder inside, made if need be."""
        path = self.folder.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def ports(self) -> dict[str, int]:
        """Return the installation's ports: free ones when first asked, then the same."""
        kept = self._kept("ports.json", free_ports)
        if missing := set(PORT_NAMES) - kept.keys():  # chosen before there were so many
            kept |= {name: port for name, port in free_ports().items() if name in missing}
            self._keep("ports.json", kept)
        return {name: int(port) for name, port in kept.items()}

    def secret(self, name: str) -> str:
        """Return a random password that stays the same for this installation."""
        kept = self._kept("secrets.json", dict)
        if name not in kept:
            kept[name] = secrets.token_hex(16)
            self._keep("secrets.json", kept)
        return str(kept[name])

    def accounts(self) -> Accounts:
        """Return the accounts of its broker and database."""
        return generated(self.secret)

    def _kept(self, file: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        path = self.under(file)
        if not path.exists():
            self._keep(file, make())
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def _keep(self, file: str, content: dict[str, Any]) -> None:
        partial = self.under(f".{file}.part")
        partial.touch(mode=0o600, exist_ok=True)
        partial.write_text(json.dumps(content, indent=2), encoding="utf-8")
        partial.rename(self.under(file))  # whole or not at all


def free_ports() -> dict[str, Any]:
    """Return a free port of this machine for each thing that needs one."""
    sockets = [socket.socket() for _ in PORT_NAMES]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    chosen: dict[str, Any] = {
        name: each.getsockname()[1] for name, each in zip(PORT_NAMES, sockets, strict=True)
    }
    for each in sockets:
        each.close()
    return chosen
