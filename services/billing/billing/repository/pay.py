"""Rates of pay, and what they apply to by the ledger."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from pymongo import DESCENDING
from pymongo.database import Database

from billing.domain.ledger import REVENUE
from billing.domain.pay import Earned
from billing.report_ports import Scope
from billing.repository.claims import state_of
from billing.repository.collections import Document
from billing.repository.records import newest
from billing.repository.report_pipelines import of_days, there, visits
from billing.repository.transaction import Transaction
from clinic_contracts.billing.pay import AddPayRate, ListPayRates, PayRate
from clinic_contracts.trusted import read

COLLECTION = "pay_rates"
NAMES = ("location_id", "practitioner_id", "treatment_id")
Key = tuple[str, str, str, str]


class PayBooks(Transaction):
    """The part of the books that has rates of pay."""

    __slots__ = ()

    def pay_rate(self, id_: str) -> PayRate | None:
        """Return one, or None."""
        found = self._one(COLLECTION, id_)
        return None if found is None else _rate(found)

    def latest_pay_rate(self, request: AddPayRate) -> PayRate | None:
        """Return the latest of that location, practitioner and treatment, or None."""
        found = self.database[COLLECTION].find_one(
            {"of": _of(request)}, sort=[("state.from", DESCENDING)], session=self.session
        )
        return None if found is None else _rate(found)

    def add_pay_rate(self, rate: PayRate) -> None:
        """Insert one; of two from one day that are added at once, one tries again."""
        row = {"_id": rate.id, "at": rate.added_at, "of": _of(rate), "state": state_of(rate)}
        self.database[COLLECTION].insert_one(row, session=self.session)


class PayRecords:
    """Rates of pay and what they apply to, to read."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def page(self, request: ListPayRates) -> tuple[tuple[PayRate, ...], str | None]:
        """Return a page, last added first, and the cursor of the next one, if there is one."""
        query = {"state.location_id": request.location_id}
        page, following = newest(self.database[COLLECTION], query, request.cursor, request.limit)
        return tuple(_rate(row) for row in page), following

    def until(self, scope: Scope) -> Sequence[PayRate]:
        """Return the rates from ``scope.last`` or an earlier day."""
        query: Document = {"state.from": {"$lte": scope.last.isoformat()}}
        if scope.location_ids is not None:
            query["state.location_id"] = {"$in": list(scope.location_ids)}
        return [_rate(row) for row in self.database[COLLECTION].find(query)]

    def earned(self, scope: Scope) -> Sequence[Earned]:
        """Return revenue and visits by day, location, practitioner and treatment."""
        sums: defaultdict[Key, list[int]] = defaultdict(lambda: [0, 0])
        asked = (("ledger", _revenue(scope)), ("invoices", visits(scope)))
        for place, (name, pipeline) in enumerate(asked):
            for key, count in self._summed(name, pipeline):
                sums[key][place] += count
        return [
            Earned(date.fromisoformat(key[0]), *key[1:], minor=-minor, visits=count)
            for key, (minor, count) in sums.items()
            if minor or count
        ]

    def _summed(self, name: str, pipeline: list[Document]) -> Iterator[tuple[Key, int]]:
        for row in self.database[name].aggregate(pipeline):
            of = row["_id"]
            location, practitioner, treatment = (of.get(each) or "" for each in NAMES)
            yield (of["day"], location, practitioner, treatment), int(row["count"])


def _revenue(scope: Scope) -> list[Document]:
    by: dict[str, Any] = {"day": "$day", **{name: f"$postings.{name}" for name in NAMES}}
    return [
        {"$match": of_days(scope)},
        {"$unwind": "$postings"},
        {"$match": {**there(scope), "postings.account": REVENUE}},
        {"$group": {"_id": by, "count": {"$sum": "$postings.minor"}}},
    ]


def _of(rate: AddPayRate | PayRate) -> str:
    """Return what a rate is of, as one text: an index does not sort what is null by its day."""
    return "|".join((rate.location_id, rate.practitioner_id or "", rate.treatment_id or ""))


def _rate(found: Document) -> PayRate:
    return read(PayRate, {**found["state"], "id": found["_id"]})
