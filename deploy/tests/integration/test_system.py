"""The local installation as a whole: started, killed in parts, stopped, started again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinic_deploy.demo.api import Api
from clinic_deploy.local import processes
from clinic_deploy.local.paths import Place
from clinic_deploy.local.system import System
from clinic_runtime.testing import eventually

pytestmark = pytest.mark.private


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("CLINIC_HTTP_PORT", str(probe.getsockname()[1]))
    made = System(Place(tmp_path / "run"), tmp_path / "mail")
    yield made
    processes.stop(made.place)


def pid_of(system: System, module: str) -> int | None:
    for pid in processes.running(system.place):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if command[1:3] == [b"-m", module.encode()]:
            return pid
    return None


def test_what_is_killed_comes_back_and_what_was_made_is_kept(system: System) -> None:
    told: list[str] = []
    system.start(told.append)
    assert told[0] == "the database"
    api = Api(system.address, system.sign_in)
    client = api.post("/clients", {"name": "Ada Sample"})
    check_replay(system, api)

    first = pid_of(system, "client_profile")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: pid_of(system, "client_profile") not in (None, first), timeout=30)
    assert api.get(f"/clients/{client['id']}") == client

    with pytest.raises(SystemExit, match="it runs already"):
        system.start(told.append)

    supervisor = processes.supervisor_of(system.place)
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    eventually(lambda: processes.supervisor_of(system.place) is None)
    assert processes.running(system.place), "what a killed supervisor leaves behind"

    system.start(told.append)
    assert Api(system.address, system.sign_in).get(f"/clients/{client['id']}") == client
    assert processes.stop(system.place)
    assert processes.running(system.place) == set()
    assert not processes.stop(system.place)


def check_replay(system: System, api: Api) -> None:
    """Replay with nothing but a service's own accounts in broker and database."""
    queues = api.get("/operations/queues")
    assert (len(queues["items"]), queues["unavailable"]) == (4, [])
    replay = [sys.executable, "-m", "clinic_runtime", "replay", "--service", "billing"]
    environment = {**os.environ, **system.environment("billing")}
    ended = subprocess.run(
        [*replay, "--from", "start"], env=environment, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert "events handed over to billing" in ended.stdout


def test_a_taken_port_is_said_before_anything_starts(system: System) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", system.port))
        taken.listen()
        with pytest.raises(SystemExit, match=f"port {system.port} cannot be used"):
            system.start(lambda _: None)
    assert processes.running(system.place) == set()


def test_another_installation_is_left_alone(tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    environment: dict[str, Any] = {**os.environ, **processes.marked(other)}
    pid = os.posix_spawn("/bin/sleep", ["sleep", "60"], environment)
    try:
        assert not processes.stop(Place(tmp_path / "oth"))
        assert processes.running(other) == {pid}
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
