"""Growth: appointments copied in bulk from one that was written through the API."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING, WriteConcern
from pymongo.collection import Collection

from tests.load import visits
from tests.load.contenders import Contender, Stage
from tests.load.slots import Plan

BATCH = 1_000
CLAIMS = ("claims", ASCENDING)
Document = dict[str, Any]
Step = Callable[[int], None]
FOLLOWERS = (("booking", "journal", "subject"), ("notification", "visits", "_id"))
PLANNED = ("notification", "messages", "appointment_id")


def grow_ours(stage: Stage, contender: Contender, plan: Plan, to: int, step: Step) -> None:
    """Grow to ``to`` appointments, each with the journal entry and projection that it leaves."""
    template = contender.appointments.find_one({"claims": {"$exists": True}, "version": 1})
    assert template is not None
    _check(template)
    made = []

    def copies() -> Iterator[Document]:
        for number in _missing(contender, to):
            id_ = _id("apt", number)
            made.append(id_)
            changed = {**visits.document(plan.body(number)), "_id": id_, "operations": [id_]}
            yield {**template, **changed, "tzdata_version": template["tzdata_version"]}

    with _claims_built_after(contender.appointments):
        _insert(contender.appointments, copies(), step)
    for database, name, field in FOLLOWERS:
        _follow(stage.admin[database][name], field, template["_id"], made)
    database, name, field = PLANNED
    _follow(stage.admin[database][name], field, template["_id"], made)


def grow_baseline(contender: Contender, plan: Plan, to: int, step: Step) -> None:
    """Grow a baseline to ``to`` appointments."""

    def copies() -> Iterator[Document]:
        for number in _missing(contender, to):
            yield {**visits.document(plan.body(number)), "_id": _id("apt", number)}

    with _claims_built_after(contender.appointments):
        _insert(contender.appointments, copies(), step)


def fill_day(contender: Contender, day: Plan) -> None:
    """Give a baseline the day of 300 visits."""
    documents = (
        {**visits.document(day.body(number)), "_id": _id("apd", number)}
        for number in range(len(day))
    )
    _insert(contender.appointments, documents, lambda _: None)


def _missing(contender: Contender, to: int) -> range:
    first = contender.taken
    contender.taken += max(0, to - contender.appointments.estimated_document_count())
    return range(first, contender.taken)


@contextmanager
def _claims_built_after(collection: Collection[Document]) -> Iterator[None]:
    """Have the index on claims built at once afterwards: thirty keys a document, a third the time.

    Nobody books meanwhile; a copy that overlaps another fails the build.
    """
    name = next(
        name for name, index in collection.index_information().items() if CLAIMS in index["key"]
    )
    collection.drop_index(name)
    try:
        yield
    finally:
        collection.create_index([CLAIMS], name=name, **visits.UNIQUE_CLAIMS)


def _insert(collection: Collection[Any], documents: Iterator[Any], step: Step) -> None:
    unsafe = collection.with_options(write_concern=WriteConcern(1))
    while batch := list(islice(documents, BATCH)):
        unsafe.insert_many(batch, ordered=False)
        step(len(batch))


def _follow(collection: Collection[Document], field: str, of: str, ids: list[str]) -> None:
    """Copy what one appointment left in a collection to all others, byte for byte but for ids."""
    # A position in the journal is one event's; a row without one is in every other index.
    left = list(collection.find({field: of}, {"position": 0}))
    for letter, found in zip("STUV", left, strict=False):
        template, own = bson.encode(found), str(found["_id"])
        prefix = own.partition("_")[0]

        def copies(
            template: bytes = template, own: str = own, start: str = f"{prefix}_{letter}"
        ) -> Iterator[RawBSONDocument]:
            for id_ in ids:
                copy = template.replace(of.encode(), id_.encode())
                if own != of:
                    copy = copy.replace(own.encode(), (start + id_[len("apt_S") :]).encode())
                yield RawBSONDocument(copy)

        _insert(collection, copies(), lambda _: None)


def _id(prefix: str, number: int) -> str:
    """Return an id as long as those of the services."""
    return f"{prefix}_S{number:025d}"


def _check(template: Document) -> None:
    """Stop when a baseline's document is no longer what booking writes."""
    body = {name: str(template[name]) for name in ("location_id", "practitioner_id", "room_id")}
    body |= {name: str(template[name]) for name in ("client_id", "treatment_id", "local_start")}
    ours = visits.document(body)
    other = {name for name in ours if name != "tzdata_version" and ours[name] != template.get(name)}
    if other:
        raise SystemExit(f"booking writes {', '.join(sorted(other))} otherwise than the baselines")
