"""Clients on a real database: found as one types, sealed where it matters."""

import base64
import os
import time
from typing import Any

import pytest
from pymongo.database import Database

from client_profile import repository, use_cases
from client_profile.ports import Desk
from client_profile.sealing import Sealer
from client_profile.service import normal_phone
from clinic_contracts.client_profile import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.errors import AlreadyExists, Invalid, NotFound, StaleVersion
from clinic_contracts.money import Money
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id, ulid

SEALER = Sealer(base64.b64encode(os.urandom(32)).decode())
PHN = "9698658215"


class Office:
    def __init__(self, database: Database[dict[str, Any]]) -> None:
        repository.ensure(database)
        self.database = database

    def desk(self, operation_id: str | None = None) -> Desk:
        context = CallContext(
            actor="staff:test", correlation_id=ulid(), operation_id=operation_id or ulid()
        )
        clients = repository.MongoClients(self.database, SEALER)
        return Desk(clients, context, now(), now().date(), normal_phone)

    def register(self, operation_id: str | None = None, **fields: Any) -> r.ClientView:
        desk = self.desk(operation_id)
        request = r.RegisterClient(**{"name": "Ada Sample", **fields})
        return use_cases.register_client(
            request, derived_id("cli", desk.context.operation_id), desk
        )

    def search(self, q: str) -> list[str]:
        found = use_cases.search_clients(r.SearchClients(q=q), None, self.desk())
        return [client.name for client in found]


@pytest.fixture
def office(database: Database[dict[str, Any]]) -> Office:
    return Office(database)


def test_a_retry_of_one_request_is_one_client(office: Office) -> None:
    assert office.register("same") == office.register("same")
    assert office.database["clients"].count_documents({}) == 1


@pytest.mark.parametrize(
    "q", ["ada", "sam", "SAMPLE ad", "604555", "5550142", "0142", "ada@", "ada@example.org", PHN]
)
def test_a_client_is_found_as_one_types(office: Office, q: str) -> None:
    office.register(phones=("604-555-0142",), emails=("Ada@Example.org",), health_number=PHN)
    office.register(name="Bo Other")
    expected = [] if q == "0142" else ["Ada Sample"]
    assert office.search(q) == expected


def test_an_empty_search_lists_all_by_name(office: Office) -> None:
    for name in ("Zoë", "Ada", "émile"):
        office.register(name=name)
    assert office.search("") == ["Ada", "émile", "Zoë"]


def test_the_health_number_is_sealed_and_in_no_event(office: Office) -> None:
    client = office.register(health_number=PHN)
    stored = office.database["clients"].find_one({"_id": client.id})
    assert PHN not in str(stored)
    assert use_cases.get_client(client.id, office.desk()).health_number == PHN


def test_one_health_number_is_one_client(office: Office) -> None:
    office.register(health_number=PHN)
    with pytest.raises(AlreadyExists) as refused:
        office.register(name="Bo Other", health_number=PHN)
    assert refused.value.extra["field"] == "health_number"


def test_a_change_keeps_the_rest_and_minds_the_version(office: Office) -> None:
    client = office.register(emails=("ada@example.org",), health_number=PHN)
    request = r.ChangeClient(client_id=client.id, expected_version=1, name="Ada Changed")
    changed = use_cases.change_client(request, office.desk())
    assert (changed.version, changed.emails, changed.health_number) == (2, client.emails, PHN)
    assert use_cases.get_client(client.id, office.desk()) == changed
    with pytest.raises(StaleVersion) as refused:
        use_cases.change_client(request, office.desk())
    assert refused.value.extra["current"]["name"] == "Ada Changed"


def test_a_health_number_can_be_taken_away(office: Office) -> None:
    client = office.register(health_number=PHN)
    request = r.ChangeClient(client_id=client.id, health_number=None)
    use_cases.change_client(request, office.desk())
    assert use_cases.get_client(client.id, office.desk()).health_number is None
    office.register(name="Bo", health_number=PHN)


def test_a_wrong_phone_is_named_by_its_place(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.register(phones=("604-555-0142", "nonsense"))
    assert refused.value.extra["errors"] == {"phones": {"1": ["is not a phone number"]}}


def test_coverages_come_in_order_of_payment(office: Office) -> None:
    client = office.register()
    for order in (2, 1):
        request = r.AddCoverage(
            client_id=client.id,
            carrier=f"Carrier {order}",
            member_id="1",
            percent=80,
            order=order,
            annual_maximum=Money(amount_minor=60000),
        )
        use_cases.add_coverage(request, derived_id("pol", ulid()), office.desk())
    listed = use_cases.list_coverages(client.id, office.desk()).items
    assert [coverage.carrier for coverage in listed] == ["Carrier 1", "Carrier 2"]


def test_the_latest_consent_is_in_force_and_the_evidence_stays(office: Office) -> None:
    client = office.register()
    for granted in (True, False):
        request = r.RecordConsent(client_id=client.id, channel="email", granted=granted)
        id_ = derived_id("con", client.id, request.purpose, request.channel)
        use_cases.record_consent(request, id_, office.desk())
    listed = use_cases.list_consents(client.id, office.desk()).items
    assert [consent.granted for consent in listed] == [False, True]
    stored = office.database["consents"].find_one({"client_id": client.id})
    assert stored is not None
    assert stored["evidence"][-1]["granted"] is False
    assert [entry["event"]["sequence"] for entry in stored["outbox"]] == [1, 2]


def test_nothing_can_be_added_to_nobody(office: Office) -> None:
    with pytest.raises(NotFound):
        use_cases.list_coverages("cli_nobody", office.desk())


def test_a_search_among_many_uses_its_index_and_is_fast(office: Office) -> None:
    names = [f"Client{number:05d} Family{number % 97}" for number in range(5_000)]
    office.database["clients"].insert_many(
        {
            "_id": f"cli_{number}",
            "version": 1,
            "operations": [],
            "outbox": [],
            "name_key": name.casefold(),
            "tokens": name.casefold().split(),
            "state": {
                "name": name,
                "birth_date": None,
                "phones": [],
                "emails": [],
                "preferred_channel": "email",
                "language": "en",
                "address": "",
            },
        }
        for number, name in enumerate(names)
    )
    began = time.perf_counter()
    assert office.search("client04242") == ["Client04242 Family71"]
    assert time.perf_counter() - began < 0.15
    query = repository.search_document(["client04242"], None)
    plan = office.database["clients"].find(query).sort([("name_key", 1), ("_id", 1)]).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
