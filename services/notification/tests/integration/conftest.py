"""A mail server of the test's own."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clinic_runtime.testing import eventually
from notification.channels.email import Smtp

SINK = Path(__file__).parent / "sink.py"


class Server:
    """A sink in a process of its own."""

    def __init__(self, folder: Path, mode: str, *files: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        command = [sys.executable, str(SINK), str(self.port), str(folder), mode]
        self.process = subprocess.Popen([*command, *map(str, files)])
        eventually(self._answers, timeout=20)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def smtp(self, **settings: Any) -> Smtp:
        return Smtp(host="127.0.0.1", port=self.port, sender="desk@example.org", **settings)

    def heard(self, said: str) -> list[dict[str, Any]]:
        file = self.folder / "heard.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [each for line in lines if (each := json.loads(line))["said"] == said]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return what starts a mail server (see sink.py): ``(mode, certificate, key)``."""
    servers: list[Server] = []

    def start(mode: str = "none", *files: Path) -> Server:
        servers.append(Server(tmp_path, mode, *files))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
