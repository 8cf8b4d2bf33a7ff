"""An office: the use cases on a real database, each call as a caller of its own."""

import base64
from copy import copy
from datetime import datetime
from typing import Any

import pytest
from pymongo.database import Database

from client_profile import repository
from client_profile.phones import normal_phone
from client_profile.ports import Desk
from client_profile.use_cases import clients as use_cases
from clinic_contracts.client_profile import requests as r
from clinic_contracts.context import CallContext
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id, ulid
from clinic_runtime.sealing import Sealer

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


class Office:
    scope: tuple[str, ...] | None = None

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        repository.ensure(database)
        self.database = database
        self.rekey(OLD)

    def ask_through(self, database: Database[dict[str, Any]]) -> None:
        self.database = database
        self.rekey(OLD)

    def rekey(self, keys: str) -> None:
        self.clients = repository.MongoClients(self.database, Sealer(keys))
        self.charts = repository.MongoCharts(self.database, Sealer(keys))

    def rotate(self) -> None:
        self.rekey(f"{NEW},{OLD}")

    def lose_the_old_key(self) -> None:
        self.rekey(NEW)

    def seeing(self, *location_ids: str) -> "Office":
        """Return the office as somebody of these locations uses it."""
        theirs = copy(self)
        theirs.scope = location_ids
        return theirs

    def desk(
        self, operation_id: str | None = None, *, sees: bool = False, at: datetime | None = None
    ) -> Desk:
        context = CallContext(
            actor="staff:test",
            correlation_id=ulid(),
            operation_id=operation_id or ulid(),
            sees_health_numbers=sees,
            location_scope=self.scope,
        )
        return Desk(
            clients=self.clients,
            charts=self.charts,
            context=context,
            now=at or now(),
            normal_phone=normal_phone,
            derived_id=derived_id,
        )

    def register(
        self, operation_id: str | None = None, *, sees: bool = False, **fields: Any
    ) -> r.ClientView:
        request = r.RegisterClient(**{"name": "Ada Sample", **fields})
        return use_cases.register_client(request, self.desk(operation_id, sees=sees))

    def change(
        self, id_: str, operation_id: str | None = None, *, sees: bool = False, **fields: Any
    ) -> r.ClientView:
        request = r.ChangeClient(client_id=id_, **fields)
        return use_cases.change_client(request, self.desk(operation_id, sees=sees))

    def cover(self, id_: str, operation_id: str | None = None, **fields: Any) -> r.CoverageView:
        given: dict[str, Any] = {"carrier": "Carrier", "member_id": "1", "percent": 80, **fields}
        request = r.AddCoverage(client_id=id_, **given)
        return use_cases.add_coverage(request, self.desk(operation_id))

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
        return use_cases.record_consent(request, self.desk(operation_id, at=at))

    def get(self, id_: str, *, sees: bool = False) -> r.ClientView:
        return use_cases.get_client(id_, self.desk(sees=sees))

    def find(
        self, q: str, cursor: str | None = None, *, sees: bool = False, limit: int = 50
    ) -> r.ClientPage:
        request = r.SearchClients(q=q, cursor=cursor, limit=limit)
        return use_cases.search_clients(request, self.desk(sees=sees))

    def search(self, q: str) -> list[str]:
        return [client.name for client in self.find(q).items]

    def visit(self, id_: str, location_id: str, *, booked_at: datetime | None = None) -> None:
        use_cases.follow_visit(id_, location_id, booked_at or now(), self.desk())

    def events(self, collection: str) -> list[int]:
        """Return the sequence numbers of the events that wait to be sent."""
        waiting = self.database[collection].find().sort("_id", 1)
        return [entry["event"]["sequence"] for row in waiting for entry in row["outbox"]]


@pytest.fixture
def office(database: Database[dict[str, Any]]) -> Office:
    return Office(database)
