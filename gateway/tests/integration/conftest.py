"""The real gateway on a database of its own, and a booking service that answers as told."""

import base64
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import eventlet
import pytest
import requests
from eventlet.event import Event
from pymongo.database import Database

from clinic_contracts.booking import operations as op
from clinic_contracts.booking.policy import CancellationPolicy
from clinic_contracts.booking.requests import (
    AppointmentPage,
    AppointmentView,
    Availability,
    BookAppointment,
    ChangeStatus,
    DayColumn,
    DaySheet,
    FindAvailability,
    GetAppointment,
    GetDaySheet,
    GetTreatment,
    ListAppointments,
    MoveAppointment,
    TreatmentView,
)
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ClinicError, IdempotencyMismatch, NotFound, StaleVersion
from clinic_contracts.money import Money
from clinic_contracts.trusted import dump
from clinic_runtime import trail
from clinic_runtime.ids import ulid
from clinic_runtime.mongo import connect
from clinic_runtime.responder import command
from clinic_runtime.testing import running
from gateway.identity.access import ALLOWED
from gateway.identity.accounts import Accounts
from gateway.identity.keys import NewKey
from gateway.openapi import specification
from gateway.service import GatewayService

OF_ANY_URL = {405, 414, 431}
OWNER = {"email": "owner@example.org", "password": "a password for tests"}
VISIT = {
    "location_id": "loc_1",
    "treatment_id": "trt_1",
    "client_id": "cli_1",
    "local_start": "2026-12-01T10:00",
}


@dataclass
class Desk:
    """What the booking service does next, and what it was asked."""

    version: int = 1
    gate: Event | None = None
    error: ClinicError | None = None
    asked: list[tuple[str, Any, CallContext]] = field(default_factory=list)
    booked: dict[str, str] = field(default_factory=dict)

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]  # back to the defaults, the same object

    def answer(self, name: str, request: Any, context: CallContext) -> AppointmentView:
        self.asked.append((name, request, context))
        if self.gate is not None:
            self.gate.wait()
        if self.error is not None:
            raise self.error
        return AppointmentView(
            id="apt_1",
            version=self.version,
            status="booked",
            location_id="loc_1",
            practitioner_id="prac_1",
            room_id="room_1",
            client_id="cli_1",
            treatment_id="trt_1",
            start=datetime(2026, 12, 1, 18, tzinfo=UTC),
            end=datetime(2026, 12, 1, 19, tzinfo=UTC),
            local_start=datetime(2026, 12, 1, 10),
            timezone="America/Vancouver",
            tzdata_version="2026a",
            turnover=15,
            price=Money(amount_minor=11500, currency="CAD"),
            policy=CancellationPolicy(),
            reason="hands 🙌 and é",
        )


DESK = Desk()


class Booking:
    """Stands in for the booking service."""

    name = "booking"

    @command(op.BOOK_APPOINTMENT)
    def book_appointment(self, request: BookAppointment, context: CallContext) -> AppointmentView:
        """Book, telling requests under one key apart, as the service does."""
        first = DESK.booked.get(context.operation_id, context.fingerprint)
        if first != context.fingerprint:
            raise IdempotencyMismatch("this Idempotency-Key was used with another request")
        view = DESK.answer("book", request, context)
        DESK.booked[context.operation_id] = first
        return view

    @command(op.GET_DAY_SHEET)
    def get_day_sheet(self, request: GetDaySheet, context: CallContext) -> DaySheet:
        if request.location_id != "loc_1" or not context.sees("loc_1"):
            raise NotFound("no such location")
        visits = (DESK.answer("day", request, context),)
        columns = (DayColumn(id="prac_1", name="Robin", appointments=visits),)
        return DaySheet(
            location_id="loc_1",
            date=request.date,
            timezone="America/Vancouver",
            by=request.by,
            columns=columns,
        )

    @command(op.LIST_APPOINTMENTS)
    def list_appointments(self, request: ListAppointments, context: CallContext) -> AppointmentPage:
        return AppointmentPage(items=(DESK.answer("day", request, context),))

    @command(op.FIND_AVAILABILITY)
    def find_availability(self, request: FindAvailability, context: CallContext) -> Availability:
        DESK.answer("search", request, context)
        return Availability(slots=())

    @command(op.ARRIVE)
    def arrive(self, request: ChangeStatus, context: CallContext) -> AppointmentView:
        return DESK.answer("arrive", request, context)

    @command(op.GET_APPOINTMENT)
    def get_appointment(self, request: GetAppointment, context: CallContext) -> AppointmentView:
        if request.appointment_id != "apt_1":
            raise NotFound("no such appointment")
        return DESK.answer("get", request, context)

    @command(op.GET_TREATMENT)
    def get_treatment(self, request: GetTreatment, context: CallContext) -> TreatmentView:
        raise NotFound(f"no treatment {request.treatment_id} for {context.actor}")

    @command(op.MOVE_APPOINTMENT)
    def move_appointment(self, request: MoveAppointment, context: CallContext) -> AppointmentView:
        found = DESK.answer("move", request, context)
        if request.expected_version != DESK.version:
            raise StaleVersion("the appointment changed", current=dump(found))
        DESK.version += 1
        return DESK.answer("moved", request, context)


class Gateway:
    """The running gateway: its port, its database, and requests to it."""

    def __init__(self, config: dict[str, Any], database: Database[dict[str, Any]]) -> None:
        self.port = int(config["WEB_SERVER_ADDRESS"].rpartition(":")[2])
        self.database = database
        self.keys: dict[str, str] = {}

    def bearer(self, role: str = "owner") -> dict[str, str]:
        """Return the header by which somebody of a role is known."""
        if role not in self.keys and role == "owner":
            self.keys[role] = self.send("POST", "/v1/sessions", json=OWNER).json()["token"]
        elif role not in self.keys:
            assert role in ALLOWED
            made = Accounts(self.database).keys.make(NewKey(name="k", role=role, location_ids=None))
            self.keys[role] = made[1]
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Return the answer; each status must stand in the specification."""
        answer = requests.request(
            method, f"http://127.0.0.1:{self.port}{path}", timeout=30, **options
        )
        known = self._described(method, answer.request.path_url.partition("?")[0])
        if known is not None and answer.status_code not in OF_ANY_URL:
            assert str(answer.status_code) in known, (method, path, answer.status_code)
        if answer.status_code >= 400 and path != "/readyz" and not path.startswith("/fhir/"):
            check_problem(answer)
        return answer

    def raw(self, data: bytes, *, half_close: bool = False) -> tuple[int, bytes]:
        """Return status and body of what is answered to these bytes, up to the end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65_536):
                answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1]), body

    @staticmethod
    def _described(method: str, path: str) -> Any:
        for template, operations in specification()["paths"].items():
            if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
                return operations.get(method.lower(), {}).get("responses")
        return None


def check_problem(answer: requests.Response) -> None:
    assert answer.status_code != 500, answer.text
    if answer.request.method == "HEAD":
        return
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail", "request_id"} <= body.keys()
    assert body["status"] == answer.status_code


class Proxy:
    """A TCP proxy that can be cut: what is open is closed, what comes is refused."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.port = free_port()
        self.open: list[Any] = []
        self.listener: Any = None
        self.restore()

    def restore(self) -> None:
        self.listener = eventlet.listen(("127.0.0.1", self.port))
        self.open.append(eventlet.spawn(self._accept, self.listener))

    def cut(self) -> None:
        for thread in self.open:
            thread.kill()
        self.open.clear()
        self.listener.close()

    def _accept(self, listener: Any) -> None:
        while True:
            near, _address = listener.accept()
            far = eventlet.connect(self.target)
            self.open.append(eventlet.spawn(self._copy, near, far))
            self.open.append(eventlet.spawn(self._copy, far, near))

    @staticmethod
    def _copy(source: Any, sink: Any) -> None:
        try:
            while data := source.recv(65_536):
                sink.sendall(data)
        except (OSError, EOFError):
            return
        finally:
            source.close()
            sink.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def config(mongo_uri: str, amqp_uri: str) -> dict[str, Any]:
    return {
        "amqp_uri": amqp_uri,
        "mongo_uri": mongo_uri,
        "database": f"test_{ulid().lower()}",
        "WEB_SERVER_ADDRESS": f"127.0.0.1:{free_port()}",
        "owner_email": OWNER["email"],
        "owner_password": OWNER["password"],
        "account_key": base64.b64encode(bytes(32)).decode(),
        "proxies": 1,
        "gateway_key": "for these tests alone",
        "rate_limits": "every=1000000000",
    }


@pytest.fixture(scope="module")
def make_gateway(database_of: Database[dict[str, Any]]) -> Callable[[dict[str, Any]], Gateway]:
    return lambda config: Gateway(config, database_of)


@pytest.fixture(scope="module")
def database_of(config: dict[str, Any], mongo_uri: str) -> Iterator[Database[dict[str, Any]]]:
    client = connect(mongo_uri, "tests")
    yield client[config["database"]]
    client.drop_database(config["database"])
    client.drop_database(trail.database_of(config["database"]))
    client.close()


@pytest.fixture(scope="module")
def gateway(config: dict[str, Any], make_gateway: Any) -> Iterator[Gateway]:
    with running(GatewayService, config):
        yield make_gateway(config)


@pytest.fixture(scope="module")
def booking(amqp_uri: str) -> Iterator[None]:
    with running(Booking, {"amqp_uri": amqp_uri}):
        yield


@pytest.fixture
def desk(booking: None) -> Iterator[Desk]:  # noqa: ARG001 (it must run)
    DESK.reset()
    yield DESK
    DESK.reset()


@pytest.fixture(scope="session")
def visit() -> dict[str, str]:
    return dict(VISIT)


@pytest.fixture(scope="session")
def owner() -> dict[str, str]:
    return dict(OWNER)


@pytest.fixture(scope="session")
def proxy_to() -> type[Proxy]:
    return Proxy
