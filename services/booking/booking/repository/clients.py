"""What other services said of clients, in MongoDB: each a document, found by the client."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

from booking.domain.clients import Heard, Known
from clinic_contracts.billing.events import CoverageUsed
from clinic_contracts.client_profile.events import AlertChanged, ReferralChanged
from clinic_contracts.envelope import Event
from clinic_contracts.trusted import dump, read
from clinic_runtime import grouped
from clinic_runtime.mongo import project

Document = dict[str, Any]
COLLECTION = "client_facts"
KEPT: dict[type, str] = {
    AlertChanged: "alerts",
    ReferralChanged: "referrals",
    CoverageUsed: "coverages",
}
"""The events of which the latest of each subject is kept, and under what it is known.

In one collection, so that all that is known of a client is one query, which each booking asks.
"""
PROJECTIONS = (COLLECTION,)


def ensure(database: Database[Document]) -> None:
    """Make the index by which a client's are found."""
    database[COLLECTION].create_index([("client_id", ASCENDING)])


class MongoClients:
    """What is known of clients."""

    def __init__(self, database: Database[Document]) -> None:
        self.collection = database[COLLECTION]

    def keep(self, event: Event) -> None:
        """Keep what an event of ``KEPT`` says, unless a later one was there first."""
        said: Any = event.data
        fields = {
            "client_id": said.client_id,
            "kind": KEPT[type(said)],
            "said": dump(said),
            "as_of": event.occurred_at,
        }
        project(self.collection, event.subject, event.seq, fields)

    def known(self, client_id: str) -> Known:
        """Return all that was heard of a client."""
        heard: dict[str, list[Any]] = {kind: [] for kind in KEPT.values()}
        classes = {kind: cls for cls, kind in KEPT.items()}
        for found in grouped.find_by(self.collection, "client_id", client_id):
            kind = found["kind"]
            heard[kind].append(Heard(read(classes[kind], found["said"]), found["as_of"]))
        return Known(**{kind: tuple(each) for kind, each in heard.items()})
