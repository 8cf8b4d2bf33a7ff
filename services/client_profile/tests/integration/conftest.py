"""An office: the use cases on a real database, each call as a caller of its own."""

import base64
from datetime import datetime
from typing import Any

import pytest
from pymongo.database import Database

from client_profile import repository, use_cases
from client_profile.ports import Desk
from client_profile.sealing import Sealer
from client_profile.service import normal_phone
from clinic_contracts.client_profile import requests as r
from clinic_contracts.context import CallContext
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id, ulid

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


class Office:
    def __init__(self, database: Database[dict[str, Any]]) -> None:
        repository.ensure(database)
        self.database = database
        self.rekey(OLD)

    def ask_through(self, database: Database[dict[str, Any]]) -> None:
        self.database = database
        self.rekey(OLD)

    def rekey(self, keys: str) -> None:
        self.clients = repository.MongoClients(self.database, Sealer(keys))

    def rotate(self) -> None:
        self.rekey(f"{NEW},{OLD}")

    def lose_the_old_key(self) -> None:
        self.rekey(NEW)

    def desk(
        self, operation_id: str | None = None, *, sees: bool = False, at: datetime | None = None
    ) -> Desk:
        context = CallContext(
            actor="staff:test",
            correlation_id=ulid(),
            operation_id=operation_id or ulid(),
            sees_health_numbers=sees,
        )
        return Desk(self.clients, context, at or now(), normal_phone)

    def register(
        self, operation_id: str | None = None, *, sees: bool = False, **fields: Any
    ) -> r.ClientView:
        desk = self.desk(operation_id, sees=sees)
        request = r.RegisterClient(**{"name": "Ada Sample", **fields})
        return use_cases.register_client(
            request, derived_id("cli", desk.context.operation_id), desk
        )

    def change(
        self, id_: str, operation_id: str | None = None, *, sees: bool = False, **fields: Any
    ) -> r.ClientView:
        request = r.ChangeClient(client_id=id_, **fields)
        return use_cases.change_client(request, self.desk(operation_id, sees=sees))

    def cover(self, id_: str, operation_id: str | None = None, **fields: Any) -> r.CoverageView:
        desk = self.desk(operation_id)
        given: dict[str, Any] = {"carrier": "Carrier", "member_id": "1", "percent": 80, **fields}
        request = r.AddCoverage(client_id=id_, **given)
        return use_cases.add_coverage(request, derived_id("pol", desk.context.operation_id), desk)

    def consent(
        self,
        id_: str,
        operation_id: str | None = None,
        *,
        at: datetime | None = None,
        **fields: Any,
    ) -> r.ConsentView:
        given: dict[str, Any] = {"channel": "email", "granted": True, **fields}
        request = r.RecordConsent(client_id=id_, **given)
        consent_id = derived_id("con", id_, request.purpose, request.channel)
        return use_cases.record_consent(request, consent_id, self.desk(operation_id, at=at))

    def get(self, id_: str, *, sees: bool = False) -> r.ClientView:
        return use_cases.get_client(id_, self.desk(sees=sees))

    def find(self, q: str, after: Any = None, *, sees: bool = False, limit: int = 50) -> Any:
        request = r.SearchClients(q=q, limit=limit)
        return use_cases.search_clients(request, after, self.desk(sees=sees))

    def search(self, q: str) -> list[str]:
        return [client.name for client in self.find(q)]

    def events(self, collection: str) -> list[int]:
        """Return the sequence numbers of the events that wait to be sent."""
        waiting = self.database[collection].find().sort("_id", 1)
        return [entry["event"]["sequence"] for row in waiting for entry in row["outbox"]]


@pytest.fixture
def office(database: Database[dict[str, Any]]) -> Office:
    return Office(database)
