"""Collecting the evidence: from the databases, the API, the mail and the broker."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from clinic_contracts import catalogue
from clinic_deploy.local import mongod
from clinic_deploy.local.system import System
from clinic_deploy.provision.accounts import ADMIN
from clinic_runtime.topology import SERVICES
from tests.faults.evidence import Entry, Evidence, Fact, Message, Projection, Visit
from tests.faults.http import Connection, sign_in
from tests.faults.letters import schedule
from tests.faults.load import Tally

Document = dict[str, Any]
Databases = dict[str, Database[Document]]
READERS = 4
TRIES = 20
KEPT = {
    "booking": ("client_facts",),
    "notification": ("locations", "practitioners", "clients", "consents"),
    "billing": ("locations", "practitioners", "treatments", "clients", "coverages"),
}
CONSUMERS = ("booking", "client_profile", "notification", "billing")
SAID = {"client_facts": "said"}
"""Where the event's content lies that is kept under another name than ``view``."""


def collect(system: System, tally: Tally) -> Evidence:
    """Return what there is; the system runs and is at rest."""
    uri = mongod.uri(system.place, ADMIN)
    with MongoClient[Document](uri, tz_aware=True) as client:
        data = {name: client[name] for name in SERVICES}
        stored = tuple(_stored(each) for each in data["booking"]["appointments"].find())
        mails = {path.name for path in system.mail.glob("*.eml")}
        messages = tuple(_message(each, mails) for each in data["notification"]["messages"].find())
        verified = _verified(system)
        return Evidence(
            acknowledged=tuple(tally.acknowledged),
            unknown=tuple(tally.unknown),
            stored=stored,
            answered=_answered(system, [visit.id for visit in stored]),
            journal=tuple(_fact(e) for d in data.values() for e in d["journal"].find()),
            projections=tuple(_projections(data)),
            handled={
                name: frozenset(each["_id"] for each in data[name]["inbox"].find({}, {"_id": 1}))
                for name in CONSUMERS
            },
            parked=tuple(str(e["_id"]) for d in data.values() for e in d["parked"].find()),
            messages=messages,
            stray_mails=tuple(sorted(mails - {_mail(each.id) for each in messages})),
            invoices=tuple(_invoice(each) for each in data["billing"]["invoices"].find()),
            ledger=tuple(_entry(each) for each in data["billing"]["ledger"].find()),
            verified_imbalance_minor=verified["ledger_imbalance_minor"],
            verified_overlaps=verified["overlaps"],
        )


def duplicates(published: Counter[str], journal: tuple[Fact, ...]) -> int:
    """Return how many deliveries beyond the first the broker took: each more than once published.

    Every consumer of such an event got it as often. A delivery repeated because its consumer died
    is not among them (nothing durable counts it), so this is the least that was absorbed.
    """
    consumers = catalogue.consumers()
    number = {fact.id: len(consumers.get(fact.type, ())) for fact in journal}
    return sum((times - 1) * number.get(id_, 0) for id_, times in published.items())


def _verified(system: System) -> Document:
    connection = Connection(system.address, sign_in(system.address, system.sign_in))
    return connection.ask("GET", "/operations/verify").body


def _answered(system: System, ids: list[str]) -> tuple[Visit, ...]:
    token = sign_in(system.address, system.sign_in)

    def some(start: int) -> list[Visit]:
        connection = Connection(system.address, token)
        return [v for id_ in ids[start::READERS] if (v := _read(connection, id_)) is not None]

    with ThreadPoolExecutor(READERS) as threads:
        return tuple(visit for part in threads.map(some, range(READERS)) for visit in part)


def _read(connection: Connection, id_: str) -> Visit | None:
    for _ in range(TRIES):
        answer = connection.ask("GET", f"/appointments/{id_}")
        if answer.status == 200:
            found = answer.body
            return _visit(
                {
                    **found,
                    "_id": found["id"],
                    "start": datetime.fromisoformat(found["start"]),
                    "end": datetime.fromisoformat(found["end"]),
                }
            )
    return None


def _stored(found: Document) -> Visit:
    return _visit(found)


def _visit(found: Document) -> Visit:
    local = found["local_start"]
    return Visit(
        id=found["_id"],
        version=found["version"],
        status=found["status"],
        practitioner_id=found["practitioner_id"],
        room_id=found["room_id"],
        start=found["start"],
        end=found["end"] + timedelta(minutes=found["turnover"]),
        local_start=local.isoformat() if isinstance(local, datetime) else local,
    )


def _fact(found: Document) -> Fact:
    return Fact(
        id=found["_id"],
        type=found["type"],
        subject=found["subject"],
        seq=found["seq"],
        data=found["event"]["data"],
    )


def _projections(data: Databases) -> list[Projection]:
    found = [
        Projection(
            service=service,
            subject=each["_id"],
            seq=each["seq"],
            view=each[SAID.get(name, "view")],
        )
        for service, names in KEPT.items()
        for name in names
        for each in data[service][name].find()
    ]
    for each in data["notification"]["visits"].find():
        view = {"visit": each["visit"], "status": each["status"]}
        found.append(
            Projection(service="notification", subject=each["_id"], seq=each["seq"], view=view)
        )
    return found


def _message(found: Document, mails: set[str]) -> Message:
    return Message(
        id=found["_id"],
        appointment_id=found["appointment_id"],
        version=found["appointment_version"],
        kind=found["kind"],
        state=found["state"],
        schedule=schedule(found["visit"]),
        told_at=found.get("told_at"),
        mail=_mail(found["_id"]) in mails,
    )


def _mail(message_id: str) -> str:
    return str(Path(f"{message_id}_clinicops.eml"))


def _invoice(found: Document) -> tuple[str, str]:
    return found["_id"], found["state"]["appointment_id"]


def _entry(found: Document) -> Entry:
    return Entry(key=found["_id"], minor=tuple(each["minor"] for each in found["postings"]))
