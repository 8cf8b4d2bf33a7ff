"""What billing knows of others, lost and made anew from their journals; its books stay."""

import base64
from dataclasses import replace
from typing import Any

from billing import repository
from billing.service import BillingService
from clinic_contracts.booking.events import (
    AppointmentFulfilled,
    LocationChanged,
    TreatmentChanged,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.envelope import Event
from clinic_contracts.money import Money
from clinic_runtime.rebuild import rebuild
from clinic_runtime.replay import hands_of
from clinic_runtime.telling import deliver, fingerprints, forget, producers, told
from clinic_runtime.testing import eventually, running

BOOKS = ("invoices", "claims", "ledger", "benefit_years", "counters")


def history(office: Any) -> list[Event]:
    """Return everything changed three times, and ten visits fulfilled."""
    events = []
    for seq in (1, 2, 3):
        events += [
            told("loc_1", seq, LocationChanged(
                location_id="loc_1", name=f"Fernwood {seq}", timezone="America/Vancouver",
                address="1 Main", tax_region="CA-BC")),
            told("prac_1", seq, replace(office.therapist, name=f"Robin {seq}")),
            told("trt_1", seq, TreatmentChanged(
                treatment_id="trt_1", name=f"Massage {seq}", discipline="massage_therapy",
                duration=60, price=Money(amount_minor=11500))),
            told("cli_1", seq, ClientChanged(
                client_id="cli_1", name=f"Ada {seq}", emails=(), phones=(),
                preferred_channel="email", language="en")),
            told("pol_1", seq, CoverageChanged(
                coverage_id="pol_1", client_id="cli_1", kind="extended_health", carrier="C",
                group_number="", member_id=str(seq), percent=80, order=1,
                benefit_year_start="01-01")),
        ]  # fmt: skip
    visits = [office.visit(number) for number in range(10)]
    return events + [told(v.appointment_id, 3, AppointmentFulfilled(visit=v)) for v in visits]


def test_a_rebuild_gives_the_same_bytes_and_leaves_the_books_alone(
    mongo_uri: str, amqp_uri: str, empty_office: Any
) -> None:
    database = empty_office.database
    config = {
        "amqp_uri": amqp_uri,
        "mongo_uri": mongo_uri,
        "database": database.name,
        "file_key": base64.b64encode(b"k" * 32).decode(),
    }
    events = history(empty_office)
    forget(amqp_uri, "billing")
    with running(BillingService, config):
        deliver(amqp_uri, "billing", events)
        eventually(lambda: database["inbox"].count_documents({}) == len(events), timeout=30)
    known = fingerprints(database, repository.PROJECTIONS)
    books = fingerprints(database, BOOKS)
    assert database["invoices"].count_documents({}) == 10

    database["clients"].update_one({"_id": "cli_1"}, {"$set": {"view.name": "?", "junk": 1}})
    database["locations"].delete_many({})
    database["treatments"].insert_one({"_id": "trt_0", "seq": 1, "view": {}})
    with producers(database, config, events), hands_of(BillingService, config) as hands:
        for _ in range(2):
            steps = list(rebuild(BillingService, config, hands))
            assert steps[-1].handed_over == len(events)
            assert fingerprints(database, repository.PROJECTIONS) == known
    assert fingerprints(database, BOOKS) == books
    assert database["parked"].count_documents({}) == 0
    assert database["inbox"].count_documents({}) == len(events)
