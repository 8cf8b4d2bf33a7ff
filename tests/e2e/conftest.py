"""The real processes, a broker and a database, and somebody signed in."""

import base64
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from pymongo import MongoClient

from clinic_deploy.demo.api import Api, Refused
from clinic_deploy.ops import command
from clinic_runtime import topology, trail
from clinic_runtime.ids import ulid
from clinic_runtime.link import open_connection
from clinic_runtime.testing import eventually
from clinic_runtime.topology import SERVICES

HERE = Path(__file__).parent
STRIPE_SECRET = "whsec_for these tests alone"
OWNER = {"email": "owner@example.org", "password": "a password for tests"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark these tests, so that they may run beside others."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


class House:
    """Five processes on a database of their own; each can be killed and started."""

    def __init__(
        self, mongo_uri: str, amqp_uri: str, smtp_port: int, payer_port: int, logs: Any
    ) -> None:
        self.run = ulid().lower()
        self.port = free_port()
        self.logs = logs
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            "MONGO_URI": mongo_uri,
            "AMQP_URI": amqp_uri,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp_port),
            "CLINIC_HTTP_ADDRESS": "127.0.0.1",
            "CLINIC_HTTP_PORT": str(self.port),
            "CLINIC_FIELD_KEY": base64.b64encode(bytes(32)).decode(),
            "CLINIC_FILE_KEY": base64.b64encode(bytes(32)).decode(),
            "CLINIC_PAYER_URL": f"http://127.0.0.1:{payer_port}",
            "CLINIC_STRIPE_WEBHOOK_SECRET": STRIPE_SECRET,
            "CLINIC_WEBHOOK_KEY": base64.b64encode(bytes(32)).decode(),
            "CLINIC_WEBHOOKS_PRIVATE": "1",
            "CLINIC_ACCOUNT_KEY": base64.b64encode(bytes(32)).decode(),
            "CLINIC_OFFER_SECRET": "for these tests alone",
            "CLINIC_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "CLINIC_GATEWAY_KEY": "for these tests alone",
            "CLINIC_GRACE_SECONDS": "0.5",
            "CLINIC_RATE_LIMITS": "every=1000000000",
            "CLINIC_OWNER_EMAIL": OWNER["email"],
            "CLINIC_OWNER_PASSWORD": OWNER["password"],
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str, **more: str) -> None:
        self.processes[name] = self._process(name, **more)

    @contextmanager
    def second_gateway(self, **more: str) -> Iterator[Api]:
        """Yield somebody signed in at a second gateway on the same database and broker."""
        port = free_port()
        process = self._process("gateway", CLINIC_HTTP_PORT=str(port), **more)
        try:
            yield Api(f"http://127.0.0.1:{port}", OWNER)
        finally:
            process.terminate()
            process.wait(20)

    def _process(self, name: str, **more: str) -> subprocess.Popen[bytes]:
        environment = {**self.environment, "MONGO_DATABASE": f"e2e_{self.run}_{name}", **more}
        log = (self.logs / f"{name}.log").open("ab")
        return subprocess.Popen(
            [sys.executable, "-m", name], env=environment, stdout=log, stderr=log
        )

    def sign_in(self, **options: Any) -> Api:
        return Api(self.address, OWNER, **options)

    def ready(self) -> bool:
        """Say whether all answer; fails with the log of one that ended by itself."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                log = (self.logs / f"{name}.log").read_text()
                pytest.fail(f"{name} ended with {process.returncode}:\n{log[-4000:]}")
        try:
            verified = self.sign_in(tries=1).get("/operations/verify")
        except (requests.ConnectionError, Refused):
            return False
        return bool(verified["unavailable"] == [])

    def kill(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, int]]:
    folder, port = tmp_path_factory.mktemp("mail"), free_port()
    environment = {**os.environ}
    server = subprocess.Popen(
        [sys.executable, "-m", "clinic_deploy.local.mail", str(folder), str(port)], env=environment
    )
    yield folder, port
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="session")
def payer_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder, port = tmp_path_factory.mktemp("payer"), free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "clinic_deploy.simulator", str(folder), str(port)]
    )
    yield port
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="session")
def house(
    mongo_uri: str,
    amqp_uri: str,
    mail: tuple[Any, int],
    payer_port: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    forget_other_tests(amqp_uri)
    made = House(mongo_uri, amqp_uri, mail[1], payer_port, tmp_path_factory.mktemp("logs"))
    for name in SERVICES:
        made.start(name)
    try:
        eventually(made.ready, timeout=60)
        yield made
    finally:
        made.stop()
        client: MongoClient[dict[str, Any]] = MongoClient(mongo_uri)
        for name in SERVICES:
            client.drop_database(f"e2e_{made.run}_{name}")
            client.drop_database(trail.database_of(f"e2e_{made.run}_{name}"))
        client.close()


def forget_other_tests(amqp_uri: str) -> None:
    """Empty the services' queues of what other tests, with databases of their own, published."""
    connection = open_connection(amqp_uri)
    for queue in (queue for name in SERVICES for queue in topology.consumer_queues(name)):
        channel = connection.channel()
        channel.queue_declare(
            queue.name, durable=True, auto_delete=False, arguments=queue.arguments
        )
        channel.queue_purge(queue.name)
        channel.close()
    connection.close()


@pytest.fixture(scope="session")
def api(house: House) -> Api:
    return house.sign_in()


@pytest.fixture(scope="session")
def clinic(api: Api) -> dict[str, Any]:
    """Return a location, a treatment, a therapist, and a client with a coverage."""
    days = ("mon", "tue", "wed", "thu", "fri")
    location = api.post(
        "/locations",
        {
            "name": "Fernwood",
            "timezone": "America/Vancouver",
            "address": "1 Main, Victoria, BC V8T 1A1",
            "hours": {day: [["09:00", "18:00"]] for day in days},
            "rooms": [{"name": "One"}],
        },
    )
    treatment = api.post(
        "/treatments",
        {"name": "Massage", "duration": 60, "price": {"amount_minor": 11500, "currency": "CAD"}},
    )
    shifts = [
        {"location_id": location["id"], "weekday": day, "start": "09:00", "end": "18:00"}
        for day in days
    ]
    therapist = api.post(
        "/practitioners",
        {
            "name": "Robin Ames",
            "location_ids": [location["id"]],
            "treatment_ids": [treatment["id"]],
            "registration": {"college": "CCHPBC", "number": "RMT-1"},
            "gst_registered": True,
            "shifts": shifts,
        },
    )
    client = api.post("/clients", {"name": "Ada Sample", "emails": ["ada@example.org"]})
    coverage = {"carrier": "Pacific Example Life", "member_id": "1", "percent": 80}
    api.post(f"/clients/{client['id']}/coverages", coverage)
    return {
        "location_id": location["id"],
        "treatment_id": treatment["id"],
        "practitioner_id": therapist["id"],
        "client_id": client["id"],
    }


@pytest.fixture
def clinicops(
    house: House, api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Return what runs a command with the owner's token."""
    monkeypatch.setenv("CLINICOPS_URL", house.address)
    monkeypatch.setenv("CLINICOPS_KEY", str(api.session.headers["Authorization"]).split()[1])

    def run(*arguments: str) -> tuple[int, str]:
        return command.main(list(arguments)), capsys.readouterr().out

    return run


@pytest.fixture
def raw(house: House, api: Api) -> Callable[..., requests.Response]:
    """Return a function that sends a request as it is and returns the response as it is."""

    def send(method: str, path: str, **options: Any) -> requests.Response:
        return api.session.request(method, house.address + path, timeout=15, **options)

    return send
