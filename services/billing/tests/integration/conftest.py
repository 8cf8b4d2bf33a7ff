"""An office of billing on a real database: what it knows, its card processor, its desk."""

import base64
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from billing import repository, rules, sweeping, together
from billing.claim_ports import Built, File, Leaving, Named, Opinion
from billing.pages import paper_html, receipt_html
from billing.payers.inquiring import question_of
from billing.payers.profiles import profiles
from billing.payers.scrubbing import scrub
from billing.ports import Desk
from billing.printing import receipt_pdf
from billing.service import BillingService
from billing.use_cases import paying, refunding
from billing.use_cases.invoicing import Fulfilled
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.claims import ClaimFinding
from clinic_contracts.billing.payments import RefundPayment, RefundView
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
    Visit,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event, type_of
from clinic_contracts.errors import PaymentRefused
from clinic_contracts.money import Money
from clinic_contracts.trusted import read
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id, ulid
from clinic_runtime.mongo import connect
from clinic_runtime.sealing import Sealer
from payer_formats.answers import Read

SEALER = Sealer(base64.b64encode(b"k" * 32).decode())
START = datetime(2026, 12, 1, 18, tzinfo=UTC)
THERAPIST = PractitionerChanged(
    practitioner_id="prac_1",
    name="Robin Ames",
    college="CCHPBC",
    registration_number="RMT-1",
    gst_registered=True,
    gst_number="123456782 RT0001",
)


class Processor:
    """A card processor that charges an id once, and can end before or after it has."""

    def __init__(self) -> None:
        self.charged: dict[str, int] = {}
        self.refunded: dict[str, int] = {}
        self.refunded_of: dict[str, str] = {}
        self.asked: list[str] = []
        self.before: Exception | None = None
        self.after: Exception | None = None
        self.meanwhile: Callable[[], None] | None = None

    def charge(self, payment_id: str, token: str, minor: int, currency: str) -> str:
        assert currency == "CAD"
        self.asked.append(payment_id)
        if self.before is not None:
            raise self.before
        if token == "tok_declined":
            raise PaymentRefused("the bank says no", reason="card_declined")
        self.charged.setdefault(payment_id, minor)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        if self.after is not None:
            raise self.after
        return f"ch_{payment_id}"

    def refund(self, refund_id: str, reference: str, minor: int, currency: str) -> None:
        assert currency == "CAD"
        self.asked.append(refund_id)
        if self.before is not None:
            raise self.before
        self.refunded_of[refund_id] = reference
        others = sum(
            given
            for id_, given in self.refunded.items()
            if id_ != refund_id and self.refunded_of[id_] == reference
        )
        if others + minor > self.charged[reference.removeprefix("ch_")]:
            raise PaymentRefused("the processor says no", reason="charge_already_refunded")
        self.refunded.setdefault(refund_id, minor)
        if self.after is not None:
            raise self.after


def build_file(claims: Sequence[Leaving], payer_id: str, control: int, _sequence: int) -> Built:
    """Return claims in a tongue that only tests speak: a number a line."""
    lines = [f"{control} {payer_id}", *(each.claim.number for each in claims)]
    raw = "\n".join(lines).encode()
    return Built(
        file=File(name=f"{control}.txt", content_type="text/plain", raw=raw),
        named={each.claim.number: Named(reference=each.claim.number) for each in claims},
    )


class Office:
    therapist = THERAPIST

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self.database = database
        self.cards = Processor()
        self.files: dict[bytes, Read] = {}
        self.opinion = Opinion(given=True)
        self.visits = together.visits(self.desk_of)
        repository.ensure(database)

    def learn(self, annual_maximum: Money | None = None) -> None:
        self.know("loc_1", LocationChanged(
            location_id="loc_1", name="Fernwood", timezone="America/Vancouver",
            address="1 Main", tax_region="CA-BC"))  # fmt: skip
        self.know("prac_1", THERAPIST)
        self.know("trt_1", TreatmentChanged(
            treatment_id="trt_1", name="Massage", discipline="massage_therapy",
            duration=60, price=Money(amount_minor=11500)))  # fmt: skip
        self.know("cli_1", ClientChanged(
            client_id="cli_1", name="Ada Sample", emails=(), phones=(),
            preferred_channel="email", language="en"))  # fmt: skip
        self.know("pol_1", CoverageChanged(
            coverage_id="pol_1", client_id="cli_1", kind="extended_health", carrier="Carrier",
            group_number="", member_id="1", percent=80, order=1, benefit_year_start="01-01",
            annual_maximum=annual_maximum))  # fmt: skip

    def know(self, id_: str, data: Any, seq: int = 1) -> None:
        event = Event(
            id=f"evt_{ulid()}",
            type=type_of(type(data)),
            subject=id_,
            seq=seq,
            occurred_at=now(),
            data=data,
            actor="staff:test",
            correlation_id="c",
        )
        repository.keep(self.database, event)

    def therapist_changes(self, **changes: Any) -> None:
        self.know("prac_1", dataclasses.replace(THERAPIST, **changes), seq=2)

    def desk(self, operation_id: str | None = None, **more: Any) -> Desk:
        return self.desk_of(
            CallContext(
                actor="staff:test",
                correlation_id=ulid(),
                operation_id=operation_id or ulid(),
                **more,
            )
        )

    def desk_of(self, context: CallContext) -> Desk:
        return Desk(
            transact=lambda work: repository.transact(self.database, context, SEALER, work),
            records=repository.MongoRecords(self.database),
            prepaid=repository.PrepaidRecords(self.database),
            day_closes=repository.DayCloseRecords(self.database),
            statements=repository.StatementRecords(self.database),
            reports=repository.ReportRecords(self.database),
            pay=repository.PayRecords(self.database),
            claims=repository.MongoClaimRecords(self.database, SEALER),
            eligibility=repository.EligibilityRecords(self.database, SEALER),
            inquire=lambda inquired: question_of(inquired, profiles()),
            route=profiles().route,
            scrub=self.scrub,
            build_file=build_file,
            claims_a_file=lambda _payer_id: 500,
            is_paid=profiles().is_paid,
            read_file=self.read_file,
            second_opinion=self.second_opinion,
            looks_at=profiles().looks_at,
            rules=rules.current(),
            cards=self.cards,
            receipt_pdf=receipt_pdf,
            receipt_html=receipt_html,
            paper_html=paper_html,
            context=context,
            now=now(),
            derived_id=derived_id,
        )

    def service(self) -> BillingService:
        """Return the service, as a worker has it."""
        service = BillingService()
        service.database = self.database  # type: ignore[assignment]  # nameko injects what the provider gives
        service.sealer = SEALER  # type: ignore[assignment]
        service.payer_url = ""  # type: ignore[assignment]
        service.payers_file = ""  # type: ignore[assignment]
        service.stripe_key = ""  # type: ignore[assignment]
        return service

    def scrub(self, leaving: Leaving) -> tuple[ClaimFinding, ...]:
        profile = profiles().by_id(leaving.claim.payer_id)
        return scrub(leaving, profile, date(2026, 12, 2))

    def second_opinion(self, _kind: str, _raw: bytes) -> Opinion:
        """Return what a test has a library say of files."""
        return self.opinion

    def read_file(self, raw: bytes, _content_type: str) -> Read:
        """Return what a test says that a file holds."""
        return self.files[raw]

    def claim(self, invoice: r.InvoiceView, which: int = 0) -> r.ClaimView:
        found = self.desk().claims.claim(self.reread(invoice.id).claim_ids[which])
        assert found is not None
        return found

    def visit(self, number: int = 1, location_id: str = "loc_1") -> Visit:
        return Visit(
            appointment_id=f"apt_{number}",
            location_id=location_id,
            practitioner_id="prac_1",
            room_id="room_1",
            client_id="cli_1",
            treatment_id="trt_1",
            start=START,
            end=START + timedelta(hours=1),
            local_start=datetime(2026, 12, 1, 10),
            timezone="America/Vancouver",
            price=Money(amount_minor=11500),
        )

    def invoice(self, number: int = 1, location_id: str = "loc_1") -> r.InvoiceView:
        self.fulfil(self.visit(number, location_id))
        found = self.database["invoices"].find_one({"state.appointment_id": f"apt_{number}"})
        assert found is not None
        return self.reread(found["_id"])

    def fulfil(self, visit: Visit, replica: together.Visits | None = None) -> None:
        self.hand_in(visit, replica)()

    def hand_in(self, visit: Visit, replica: together.Visits | None = None) -> Callable[[], None]:
        return (replica or self.visits).hand_in(Fulfilled(visit, self.desk().context))

    def reread(self, invoice_id: str) -> r.InvoiceView:
        found = self.database["invoices"].find_one({"_id": invoice_id})
        assert found is not None
        return repository.view_of(r.InvoiceView, found)

    def pay(
        self, invoice: r.InvoiceView, operation_id: str | None = None, **more: Any
    ) -> r.PaymentView:
        request = r.PayInvoice(**{"invoice_id": invoice.id, "method": "cash", **more})
        return paying.pay_invoice(request, self.desk(operation_id))

    def pay_as(self, scope: tuple[str, ...], invoice: r.InvoiceView, **more: Any) -> r.PaymentView:
        request = r.PayInvoice(invoice_id=invoice.id, **more)
        return paying.pay_invoice(request, self.desk(location_scope=scope))

    def pay_by_card(
        self, invoice: r.InvoiceView, operation_id: str | None = None, **more: Any
    ) -> r.PaymentView:
        card = {"method": "card", "card_token": "tok_visa"}
        return self.pay(invoice, operation_id, **{**card, **more})

    def refund(
        self, payment: r.PaymentView, operation_id: str | None = None, **more: Any
    ) -> RefundView:
        request = RefundPayment(**{"payment_id": payment.id, "reason": "paid twice", **more})
        return refunding.refund_payment(request, self.desk(operation_id))

    def receipt(self, payment: r.PaymentView | RefundView) -> r.ReceiptView:
        found = self.database["receipts"].find_one({"_id": payment.receipt_id})
        assert found is not None
        return read(r.ReceiptView, found["state"])

    def payments(self) -> list[r.PaymentView]:
        rows = self.database["payments"].find().sort("_id", 1)
        return [read(r.PaymentView, row["state"]) for row in rows]

    def sweep(self, later: timedelta = timedelta(minutes=2)) -> None:
        sweeping.resume_payments(self.database, self.desk_of, now() + later)
        sweeping.resume_refunds(self.database, self.desk_of, now() + later)
        sweeping.expire(self.database, self.desk_of, now() + later)

    def findings(self) -> dict[str, int]:
        return repository.findings(self.database)


@pytest.fixture(scope="session")
def kept_database(mongo_uri: str) -> Iterator[Database[dict[str, Any]]]:
    """Yield the database of all these tests: making its indexes for each took half of the time."""
    client = connect(mongo_uri, "tests")
    name = f"test_{ulid().lower()}"
    yield client[name]
    client.drop_database(name)
    client.close()


@pytest.fixture
def database(kept_database: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    """Return it without a document."""
    for name in kept_database.list_collection_names():
        kept_database[name].delete_many({})
    return kept_database


@pytest.fixture
def empty_office(database: Database[dict[str, Any]]) -> Office:
    return Office(database)


@pytest.fixture
def office(empty_office: Office) -> Office:
    empty_office.learn()
    return empty_office
