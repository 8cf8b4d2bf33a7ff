"""What billing knows of visits' surroundings, of all of them by one command."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo.database import Database

from billing.domain.invoice import Facts, Surrounded
from billing.repository.collections import KEPT, Document
from clinic_contracts.booking.events import (
    LocationChanged,
    PractitionerChanged,
    TreatmentChanged,
)
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.errors import RetryLater
from clinic_contracts.trusted import read

NAMED_BY = {
    LocationChanged: "location_id",
    PractitionerChanged: "practitioner_id",
    TreatmentChanged: "treatment_id",
    ClientChanged: "client_id",
}
Views = Mapping[type, Mapping[str, Any]]


def facts_of(
    database: Database[Document], visits: Sequence[Surrounded]
) -> list[Facts | RetryLater]:
    """Return what is known of each visit, RetryLater of one when something has not arrived."""
    views: defaultdict[type, dict[str, Any]] = defaultdict(dict)
    coverages: defaultdict[str, list[CoverageChanged]] = defaultdict(list)
    kinds = {name: kind for kind, name in KEPT.items()}
    for row in database["locations"].aggregate(_pipeline(visits)):
        view: Any = read(kinds[row["kind"]], row["view"])
        views[type(view)][row["_id"]] = view
        if isinstance(view, CoverageChanged):
            coverages[view.client_id].append(view)
    return [_facts(visit, views, coverages[visit.client_id]) for visit in visits]


def _pipeline(visits: Sequence[Surrounded]) -> list[Document]:
    """Return the one query that finds them all; it begins at the locations."""
    queries = {
        KEPT[kind]: {"_id": {"$in": sorted({getattr(visit, field) for visit in visits})}}
        for kind, field in NAMED_BY.items()
    }
    clients = sorted({visit.client_id for visit in visits})
    queries[KEPT[CoverageChanged]] = {"view.client_id": {"$in": clients}}
    stages: dict[str, list[Document]] = {
        name: [{"$match": query}, {"$project": {"view": 1, "kind": {"$literal": name}}}]
        for name, query in queries.items()
    }
    others = [
        {"$unionWith": {"coll": name, "pipeline": pipeline}}
        for name, pipeline in stages.items()
        if name != "locations"
    ]
    return [*stages["locations"], *others]


def _facts(
    visit: Surrounded, views: Views, coverages: Iterable[CoverageChanged]
) -> Facts | RetryLater:
    for kind, field in NAMED_BY.items():
        if getattr(visit, field) not in views[kind]:
            return RetryLater(f"{KEPT[kind]}: {getattr(visit, field)} has not arrived yet")
    return Facts(
        location=views[LocationChanged][visit.location_id],
        practitioner=views[PractitionerChanged][visit.practitioner_id],
        treatment=views[TreatmentChanged][visit.treatment_id],
        client=views[ClientChanged][visit.client_id],
        coverages=tuple(coverages),
    )
