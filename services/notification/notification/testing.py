"""For tests: a visit, what is known of it, and the events that tell of both."""

import base64
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from clinic_contracts import envelope
from clinic_contracts.billing.events import PaymentReceived
from clinic_contracts.booking.events import (
    LocationChanged,
    OfferClosed,
    OfferMade,
    PractitionerChanged,
    Visit,
)
from clinic_contracts.client_profile.events import ClientChanged
from clinic_contracts.money import Money
from clinic_runtime.ids import new_id

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)
GRACE = timedelta(minutes=3)
WEBHOOK_KEY = base64.b64encode(b"k" * 32).decode()
VISIT = Visit(
    appointment_id="apt_1",
    location_id="loc_1",
    practitioner_id="prac_1",
    room_id="room_1",
    client_id="cli_1",
    treatment_id="trt_1",
    start=datetime(2026, 12, 1, 17, tzinfo=UTC),
    end=datetime(2026, 12, 1, 18, tzinfo=UTC),
    local_start=datetime(2026, 12, 1, 10),  # noqa: DTZ001 (wall time)
    timezone="America/Vancouver",
    price=Money(amount_minor=11500),
)
FERNWOOD = LocationChanged(
    location_id=VISIT.location_id,
    name="Fernwood",
    timezone=VISIT.timezone,
    address="1 Main",
    tax_region="CA-BC",
)
ROBIN = PractitionerChanged(
    practitioner_id=VISIT.practitioner_id, name="Robin", college="C", registration_number="1"
)
ADA = ClientChanged(
    client_id=VISIT.client_id,
    name="Ada",
    emails=("ada@example.org",),
    phones=(),
    preferred_channel="email",
    language="en",
)
OFFER = OfferMade(
    offer_id="off_1",
    entry_id="wl_1",
    client_id=VISIT.client_id,
    location_id=VISIT.location_id,
    practitioner_id=VISIT.practitioner_id,
    treatment_id=VISIT.treatment_id,
    start=VISIT.start,
    local_start=VISIT.local_start,
    timezone=VISIT.timezone,
    expires_at=NOW + timedelta(minutes=15),
)

PAID = PaymentReceived(
    payment_id="pay_1",
    invoice_id="inv_1",
    receipt_id="rcp_1",
    method="cash",
    amount=Money(amount_minor=100),
    balance=Money(amount_minor=0),
)


def later(hours: int) -> Visit:
    """Return the visit some hours later."""
    shift = timedelta(hours=hours)
    return replace(
        VISIT,
        start=VISIT.start + shift,
        end=VISIT.end + shift,
        local_start=VISIT.local_start + shift,
    )


def event(data: Any, seq: int = 1, subject: str = "", at: datetime = NOW) -> envelope.Event:  # noqa: ANN401
    """Return the event that carries ``data``; of a visit or a place its subject is known."""
    return envelope.Event(
        id=new_id("evt"),
        type=envelope.type_of(type(data)),
        subject=subject or _subject(data),
        seq=seq,
        occurred_at=at,
        data=data,
        actor="staff:test",
        correlation_id="c",
    )


def _subject(data: Any) -> str:  # noqa: ANN401 (any contract event)
    match data:
        case LocationChanged():
            return data.location_id
        case PractitionerChanged():
            return data.practitioner_id
        case ClientChanged():
            return data.client_id
        case OfferMade() | OfferClosed():
            return data.entry_id
        case _:
            return str(data.visit.appointment_id)


class Receiver:
    """A clinic's own program: keeps what is posted, and answers ``status``."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.heard: list[tuple[dict[str, str], str]] = []
        self.status = 204
        self.location = ""
        self.silent = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length).decode()
                receiver.heard.append((dict(self.headers), body))
                if self.path == "/drips":
                    self._drip()
                    return
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.end_headers()

            def _drip(self) -> None:
                while not receiver.silent.wait(0.02):
                    try:
                        self.wfile.write(b"H")
                    except OSError:
                        return

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def stop(self) -> None:
        """Close it, and let go of whom it still answers."""
        self.silent.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
