"""What is measured: the system, and the baselines beside it on the same broker and database."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection

from clinic_deploy.local import mongod, rabbitmq
from clinic_deploy.local.paths import ROOT, Place
from clinic_deploy.local.processes import marked, running
from clinic_deploy.provision.accounts import ADMIN
from clinic_runtime.topology import SERVICES

BENCH_BIN = ROOT / ".venv-bench" / "bin"
START_SECONDS = 30
Document = dict[str, Any]


@dataclass
class Contender:
    """One that is asked to book. ``pids``: every process whose CPU a booking costs, by name."""

    name: str
    port: int
    headers: dict[str, str]
    pids: dict[str, int]
    appointments: Collection[Document]
    drain: Callable[[], float] = lambda: 0.0
    taken: int = 0
    """How many visits of the supply are booked."""
    one_paths: list[str] = field(default_factory=list)

    @property
    def own(self) -> dict[str, int]:
        """The processes that are its own, database and broker apart."""
        return {k: pid for k, pid in self.pids.items() if k not in {"mongod", "broker"}}


@dataclass(frozen=True)
class Stage:
    """Where contenders stand: one broker, one database, one place that stops everything."""

    place: Place
    admin: MongoClient[Document]
    baselines: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def infrastructure(self) -> dict[str, int]:
        """Return the pids of broker and database."""
        found = {_name(pid): pid for pid in running(self.place)}
        return {"broker": found["beam.smp"], "mongod": found["mongod"]}

    def service_pids(self) -> dict[str, int]:
        """Return the pid of every service of the system."""
        found = {}
        for pid in running(self.place):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            if len(words) > 2 and words[1] == "-m" and words[2] in SERVICES:
                found[words[2]] = pid
        return {name: found[name] for name in SERVICES}

    def start(
        self, python: Path | str, module: list[str], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """Start a program of a baseline; it ends with the place at the latest."""
        log = self.place.under("log", f"{module[-1].rpartition('.')[2]}.log").open("ab")
        process = subprocess.Popen(
            [str(python), "-m", *module],
            cwd=ROOT,
            env={**os.environ, **marked(self.place), **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.baselines.append(process)
        return process

    def end_baselines(self) -> None:
        """End them at once: stock Nameko takes no notice of SIGTERM, and nothing is lost."""
        for process in self.baselines:
            process.kill()
            process.wait()


def fastapi(stage: Stage) -> Contender:
    """Start FastAPI under uvicorn: one worker, uvloop, httptools."""
    secret, port = secrets.token_hex(24), free_port()
    environment = {
        "BASELINE_MONGO": mongod.uri(stage.place, ADMIN),
        "BASELINE_DATABASE": "bench_fastapi",
        "BASELINE_SECRET": secret,
    }
    module = ["uvicorn", "--host=127.0.0.1", f"--port={port}", "--workers=1", "--loop=uvloop"]
    module += ["--http=httptools", "--no-access-log", "--log-level=warning"]
    module += ["tests.load.baselines.fastapi_app:app"]
    process = stage.start(BENCH_BIN / "python", module, environment)
    _wait_for_port(port, process)
    return Contender(
        name="FastAPI",
        port=port,
        headers={"Authorization": f"Bearer {_token(secret)}"},
        pids={"app": process.pid, "mongod": stage.infrastructure()["mongod"]},
        appointments=stage.admin["bench_fastapi"]["appointments"],
    )


def stock_nameko(stage: Stage) -> Contender:
    """Start stock Nameko: a process for HTTP, one for the service."""
    port = free_port()
    environment = {
        "BASELINE_MONGO": mongod.uri(stage.place, ADMIN),
        "BASELINE_AMQP": rabbitmq.uri(stage.place, ADMIN),
        "BASELINE_DATABASE": "bench_stock",
        "BASELINE_PORT": str(port),
    }
    module = "tests.load.baselines.stock_nameko"
    service = stage.start(sys.executable, [module, "service"], environment)
    gateway = stage.start(sys.executable, [module, "http"], environment)
    _wait_for_port(port, gateway)
    return Contender(
        name="stock Nameko",
        port=port,
        headers={},
        pids={"http": gateway.pid, "service": service.pid, **stage.infrastructure()},
        appointments=stage.admin["bench_stock"]["appointments"],
    )


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _token(secret: str) -> str:
    """Return a JWT (RFC 7519) signed by HS256, valid for an hour."""

    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    claims = {"sub": "staff:bench", "aud": "clinic", "exp": int(time.time()) + 3_600}
    head = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signed = f"{head}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"a baseline did not start: {process.args!r}; see .local/bench/log")


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
