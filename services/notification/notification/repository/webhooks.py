"""Webhook endpoints and deliveries in MongoDB; secrets are sealed."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_contracts.notification.webhooks import ListWebhookDeliveries, WebhookDeliveryView
from clinic_runtime import grouped, paging
from clinic_runtime.sealing import Sealer
from notification.webhooks.domain import KEPT, Delivery, Endpoint, Secret

Document = dict[str, Any]
LEASE = timedelta(seconds=60)
"""A delivery whose sender died is taken up again after this time: longer than an answer takes."""
OPEN = ("scheduled", "sending")
NEWEST_FIRST = [("created_at", DESCENDING), ("_id", DESCENDING)]


def ensure(database: Database[Document]) -> None:
    """Make every index."""
    deliveries = database["webhook_deliveries"]
    deliveries.create_index([("state", ASCENDING), ("due_at", ASCENDING)])
    deliveries.create_index([("endpoint_id", ASCENDING), *NEWEST_FIRST])
    deliveries.create_index([("kept_until", ASCENDING)], expireAfterSeconds=0)


def counts(database: Database[Document], due_by: datetime) -> dict[str, int]:
    """Return how many deliveries failed, and are due by an instant."""
    deliveries = database["webhook_deliveries"]
    due = {"state": {"$in": list(OPEN)}, "due_at": {"$lte": due_by}}
    return {
        "webhooks_failed": deliveries.count_documents({"state": "failed"}),
        "webhooks_due": deliveries.count_documents(due),
    }


class MongoEndpoints:
    """Endpoints, each a document; a secret can be opened as its own endpoint's alone."""

    def __init__(self, database: Database[Document], sealer: Sealer) -> None:
        self.collection = database["webhook_endpoints"]
        self.sealer = sealer

    def add(self, endpoint: Endpoint) -> bool:
        """Keep a new endpoint; say whether there was none by its id."""
        document = {
            "_id": endpoint.id,
            "url": endpoint.url,
            "event_types": list(endpoint.event_types),
            "location_ids": None if endpoint.location_ids is None else list(endpoint.location_ids),
            "status": endpoint.status,
            "created_at": endpoint.created_at,
            "secrets": self._sealed(endpoint),
        }
        try:
            self.collection.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    def get(self, id_: str) -> Endpoint | None:
        """Return an endpoint."""
        found = self.collection.find_one({"_id": id_})
        return None if found is None else self._endpoint(found)

    def every(self) -> Sequence[Endpoint]:
        """Return all endpoints, oldest first."""
        found = self.collection.find().sort([("created_at", ASCENDING), ("_id", ASCENDING)])
        return [self._endpoint(each) for each in found]

    def rotate(self, before: Endpoint, after: Endpoint) -> bool:
        """Keep an endpoint's new secrets, unless it has others than ``before`` by now."""
        held = {"_id": before.id, "secrets.0.operation_id": before.secrets[0].operation_id}
        change = {"$set": {"secrets": self._sealed(after)}}
        return self.collection.update_one(held, change).matched_count == 1

    def disable(self, id_: str) -> None:
        """Have an endpoint be told no more."""
        self.collection.update_one({"_id": id_}, {"$set": {"status": "disabled"}})

    def remove(self, id_: str) -> None:
        """Forget an endpoint."""
        self.collection.delete_one({"_id": id_})

    def _sealed(self, endpoint: Endpoint) -> list[Document]:
        return [
            {
                "sealed": self.sealer.seal(secret.value, _about(endpoint.id)),
                "operation_id": secret.operation_id,
                "fingerprint": secret.fingerprint,
                "until": secret.until,
            }
            for secret in endpoint.secrets
        ]

    def _endpoint(self, found: Document) -> Endpoint:
        locations = found["location_ids"]
        return Endpoint(
            id=found["_id"],
            url=found["url"],
            event_types=tuple(found["event_types"]),
            location_ids=None if locations is None else tuple(locations),
            created_at=found["created_at"],
            status=found["status"],
            secrets=tuple(
                Secret(
                    value=self.sealer.open(each["sealed"], _about(found["_id"])),
                    operation_id=each["operation_id"],
                    fingerprint=each["fingerprint"],
                    until=each["until"],
                )
                for each in found["secrets"]
            ),
        )


class MongoDeliveries:
    """Deliveries, each a document by endpoint and event."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database["webhook_deliveries"]

    def plan(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        """Schedule those deliveries that are not known yet, due at once."""
        documents = [
            {
                "_id": each.id,
                "endpoint_id": each.endpoint_id,
                "event_id": each.event_id,
                "event_type": each.event_type,
                "body": each.body,
                "state": "scheduled",
                "reason": "",
                "attempts": 0,
                "answer": None,
                "created_at": now,
                "due_at": now,
                "kept_until": now + KEPT,
            }
            for each in deliveries
        ]
        grouped.insert_missing(self.collection, documents)

    def take(self, now: datetime, without: Collection[str]) -> Delivery | None:
        """Take the delivery due the longest for the time of a lease, counting the attempt."""
        query: Document = {"state": {"$in": list(OPEN)}, "due_at": {"$lte": now}}
        if without:
            query["endpoint_id"] = {"$nin": sorted(without)}
        found = self.collection.find_one_and_update(
            query,
            {"$set": {"state": "sending", "due_at": now + LEASE}, "$inc": {"attempts": 1}},
            sort=[("due_at", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            return None
        return Delivery(
            id=found["_id"],
            endpoint_id=found["endpoint_id"],
            event_id=found["event_id"],
            event_type=found["event_type"],
            body=found["body"],
            attempts=found["attempts"],
        )

    def ended(
        self, delivery: Delivery, state: str, reason: str, answer: int | None, now: datetime
    ) -> None:
        """Record that a delivery was delivered, failed or skipped, unless another has it by now."""
        fields: Document = {"state": state, "reason": reason, "answer": answer}
        if state == "delivered":
            fields["delivered_at"] = now
        self.collection.update_one(_held(delivery), {"$set": fields})

    def delay(self, delivery: Delivery, until: datetime, reason: str, answer: int | None) -> None:
        """Have a delivery come up again, unless another has it by now."""
        fields = {"state": "scheduled", "due_at": until, "reason": reason, "answer": answer}
        self.collection.update_one(_held(delivery), {"$set": fields})

    def again(self, endpoint_id: str, id_: str, reason: str, now: datetime) -> bool:
        """Have a delivery that is not being sent come up now; say whether there is such a one."""
        idle = {"_id": id_, "endpoint_id": endpoint_id, "state": {"$ne": "sending"}}
        fields = {"state": "scheduled", "due_at": now, "reason": reason, "attempts": 0}
        kept = {"kept_until": now + KEPT}
        found = self.collection.update_one(idle, {"$set": {**fields, **kept}})
        return found.matched_count == 1

    def get(self, endpoint_id: str, id_: str) -> WebhookDeliveryView | None:
        """Return a delivery of an endpoint."""
        found = self.collection.find_one({"_id": id_, "endpoint_id": endpoint_id})
        return None if found is None else _view(found)

    def page(
        self, request: ListWebhookDeliveries
    ) -> tuple[tuple[WebhookDeliveryView, ...], str | None]:
        """Return a page, newest first, and the cursor of the next one; raises Invalid."""
        query: Document = {"endpoint_id": request.endpoint_id}
        after = paging.decode(request.cursor, datetime, str)
        if after is not None:
            at, id_ = after
            query["$or"] = [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": id_}}]
        documents = list(self.collection.find(query).sort(NEWEST_FIRST).limit(request.limit + 1))
        page = documents[: request.limit]
        more = len(documents) > request.limit
        following = paging.encode([page[-1][field] for field, _ in NEWEST_FIRST]) if more else None
        return tuple(map(_view, page)), following


def _about(endpoint_id: str) -> str:
    return f"{endpoint_id} webhook secret"


def _held(delivery: Delivery) -> Document:
    """Match a delivery only as long as nobody took it, or asked for it, after this sender did."""
    return {"_id": delivery.id, "attempts": delivery.attempts, "state": "sending"}


def _view(found: Document) -> WebhookDeliveryView:
    return WebhookDeliveryView(
        id=found["_id"],
        endpoint_id=found["endpoint_id"],
        webhook_id=found["event_id"],
        event_type=found["event_type"],
        state=found["state"],
        reason=found["reason"],
        attempts=found["attempts"],
        answer=found["answer"],
        created_at=found["created_at"],
        # While a sender has it, the document's due_at is the end of the sender's lease.
        due_at=found["due_at"] if found["state"] == "scheduled" else None,
        delivered_at=found.get("delivered_at"),
    )
