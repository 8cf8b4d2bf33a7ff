"""A mail server of the test's own, and an office that sends by a clock of its own."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pymongo.database import Database

from clinic_contracts.booking.events import AppointmentBooked, AppointmentCancelled, Visit
from clinic_runtime.testing import eventually
from notification import repository, use_cases
from notification.channels.email import Smtp
from notification.repository import MongoMessages
from notification.sending import Sender
from notification.testing import ADA, FERNWOOD, GRACE, VISIT, Receiver, event

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


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a clinic's own program that is told by webhook."""
    started = Receiver()
    yield started
    started.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Return the files of a certificate for 127.0.0.1, signed by itself, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sink")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = (tmp_path / "certificate.pem", tmp_path / "key.pem")
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


class Office:
    """A notification service whose clock stands where the test puts it."""

    def __init__(self, database: Database[dict[str, Any]], post: Any) -> None:
        self.database = database
        self.post = post
        repository.ensure(database)
        self.messages = MongoMessages(database)
        self.reports: list[str] = []
        self.known = self.messages.known
        for data in (ADA, FERNWOOD):
            self.known.keep(event(data))

    def follow(self, version: int, data: Any) -> None:
        use_cases.follow_visit(event(data, version), GRACE, self.known, self.messages)

    def book(self, appointment_id: str = "apt_1") -> None:
        self.follow(1, AppointmentBooked(visit=replace(VISIT, appointment_id=appointment_id)))

    def cancel(self, visit: Visit = VISIT, version: int = 2) -> None:
        self.follow(version, AppointmentCancelled(visit=visit, late=False, fee_waived=True))

    def run(self, at: datetime) -> int:
        def report(message_id: str, error: Exception) -> None:
            self.reports.append(f"{message_id} {type(error).__name__}")

        return Sender(
            messages=self.messages,
            channel=self.post,
            clock=lambda: at,
            report=report,
            offer_link="https://clinic.example/offers/{}".format,
        ).send_due()

    def row(self, kind: str, appointment_id: str = "apt_1") -> dict[str, Any]:
        found = self.database["messages"].find_one(
            {"kind": kind, "appointment_id": appointment_id}, sort=[("appointment_version", -1)]
        )
        assert found is not None
        return found

    def state(self, kind: str, appointment_id: str = "apt_1") -> str:
        return str(self.row(kind, appointment_id)["state"])


@pytest.fixture
def office(database: Database[dict[str, Any]], post: Any) -> Office:
    return Office(database, post)
