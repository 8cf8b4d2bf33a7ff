"""What other services said of their visits, places and people, in MongoDB."""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

from clinic_contracts.booking.events import (
    LocationChanged,
    OfferMade,
    PractitionerChanged,
    Visit,
)
from clinic_contracts.client_profile.events import ClientChanged, ConsentChanged
from clinic_contracts.envelope import Event
from clinic_contracts.trusted import dump, read
from clinic_runtime.mongo import project
from notification.domain import Contact, Place

Document = dict[str, Any]
KEPT: dict[type, str] = {
    LocationChanged: "locations",
    PractitionerChanged: "practitioners",
    ClientChanged: "clients",
    ConsentChanged: "consents",
}
"""The collection in which the latest event of each kind is kept, by subject."""
PROJECTIONS = (*KEPT.values(), "visits", "offers")
CHANNEL = "email"


def ensure(database: Database[Document]) -> None:
    """Make the index by which a client's consents are found."""
    database["consents"].create_index([("view.client_id", ASCENDING)])


class Known:
    """The latest that each event said of its subject."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def keep(self, event: Event) -> None:
        """Keep what an event of ``KEPT`` says, unless a later one was there first."""
        collection = self.database[KEPT[type(event.data)]]
        project(collection, event.subject, event.seq, {"view": dump(event.data)})

    def keep_visit(self, visit: Visit, version: int, status: str) -> None:
        """Keep a visit as it is at ``version``, unless a later version was there first."""
        fields = {"visit": dump(visit), "status": status}
        project(self.database["visits"], visit.appointment_id, version, fields)

    def keep_offer(self, offer_id: str, seq: int, status: str) -> None:
        """Keep what an offer is, unless a later event was there first."""
        project(self.database["offers"], offer_id, seq, {"status": status})

    def offer_status(self, id_: str) -> str:
        """Return what an offer that a letter was planned for is now."""
        found = self.database["offers"].find_one({"_id": id_}) or {}
        return str(found["status"])

    def visit(self, id_: str) -> tuple[Visit, int, str]:
        """Return a visit that a message was planned for, its version and its status."""
        found = self.database["visits"].find_one({"_id": id_}) or {}
        return read(Visit, found["visit"]), found["seq"], found["status"]

    def contact(self, client_id: str) -> Contact | None:
        """Return where a client can be reached; None as long as the client is not known."""
        client = self._known("clients", client_id)
        if client is None:
            return None
        emails = client["emails"]
        return Contact(
            name=client["name"],
            email=emails[0] if emails else None,
            wants_email=client["preferred_channel"] != "none" and self._consents(client_id),
        )

    def place(self, visit: Visit | OfferMade) -> Place | None:
        """Return where and with whom it is; None as long as the location is not known."""
        location = self._known("locations", visit.location_id)
        if location is None:
            return None
        practitioner = self._known("practitioners", visit.practitioner_id) or {}
        return Place(
            location=location["name"],
            address=location["address"],
            practitioner=practitioner.get("name", ""),
        )

    def _consents(self, client_id: str) -> bool:
        """Say whether the client takes messages about appointments by e-mail: unless refused."""
        purpose = {"view.purpose": "appointments", "view.channel": CHANNEL}
        found = self.database["consents"].find_one({"view.client_id": client_id, **purpose})
        return found is None or bool(found["view"]["granted"])

    def _known(self, name: str, id_: str) -> Document | None:
        found = self.database[name].find_one({"_id": id_})
        return None if found is None else found["view"]
