"""Sums of the ledger's postings, made by the server."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time

from pymongo.database import Database

from billing.domain.claim_report import Dealt
from billing.domain.day_close import ACCOUNTS
from billing.domain.ledger import REVENUE
from billing.domain.reports import Place, Receivable, TaxSum, Till
from billing.report_ports import Scope
from billing.repository.collections import Document
from billing.repository.dealt import FIELDS, dealt_of
from billing.repository.records import view_of
from billing.repository.report_pipelines import (
    days_of,
    of_days,
    owed,
    taxed,
    there,
)
from clinic_contracts.billing.day_closes import DayCloseView

GROUPED_BY: Mapping[str, str] = {
    "day": "$day",
    "location": "$postings.location_id",
    "practitioner": "$postings.practitioner_id",
    "treatment": "$postings.treatment_id",
    "payer": "$postings.payer",
}
NAMED: Mapping[str, str] = {
    "location": "locations",
    "practitioner": "practitioners",
    "treatment": "treatments",
}


class ReportRecords:
    """The ledger and what stands beside it, summed."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database

    def revenue(self, scope: Scope, by: str) -> dict[str, int]:
        """Return credits less debits by what they are of; an entry without a day is in none."""
        rows = self.database["ledger"].aggregate([
            {"$match": of_days(scope)},
            {"$unwind": "$postings"},
            {"$match": {**there(scope), "postings.account": REVENUE}},
            {"$group": {"_id": GROUPED_BY[by], "minor": {"$sum": "$postings.minor"}}},
        ])  # fmt: skip
        return {row["_id"] or "": -int(row["minor"]) for row in rows}

    def names(self, by: str, ids: Collection[str]) -> Mapping[str, str]:
        """Return what locations, practitioners, treatments are called now, of those known."""
        if by not in NAMED:
            return {}
        return {row["_id"]: str(row["view"]["name"]) for row in self._kept(NAMED[by], ids)}

    def places(self, ids: Collection[str]) -> Mapping[str, Place]:
        """Return locations as they are now, of those known."""
        return {
            row["_id"]: Place(str(row["view"]["name"]), str(row["view"]["tax_region"]))
            for row in self._kept("locations", ids)
        }

    def receivables(self, scope: Scope) -> Sequence[Receivable]:
        """Return what was owed at the end of ``scope.last``, by payer and invoice; none of 0."""
        rows = self.database["ledger"].aggregate(
            owed(_by_then(scope), there(scope)), allowDiskUse=True
        )
        return [
            Receivable(
                payer=row["owes"].get("payer"),
                client_id=str(row["client_id"] or ""),
                day=date.fromisoformat(row["issued"] or row["first"]),
                minor=int(row["owes"]["minor"]),
            )
            for row in rows
        ]

    def account(self, scope: Scope, accounts: str) -> int:
        """Return debits less credits of the accounts whose names match, in minor units."""
        rows = self.database["ledger"].aggregate([
            {"$match": _by_then(scope)},
            {"$unwind": "$postings"},
            {"$match": {**there(scope), "postings.account": {"$regex": accounts}}},
            {"$group": {"_id": None, "minor": {"$sum": "$postings.minor"}}},
        ])  # fmt: skip
        return sum(int(row["minor"]) for row in rows)

    def taxes(self, scope: Scope) -> Sequence[TaxSum]:
        """Return what invoices and voided ones add to supplies and taxes."""
        rows = self.database["invoices"].aggregate(taxed(scope))
        return [
            TaxSum(
                location_id=row["_id"]["location_id"],
                tax=row["_id"].get("tax") or "",
                tax_number=row["_id"].get("tax_number") or "",
                supplies=int(row["supplies"]),
                collected=int(row["collected"]),
                reversed=int(row["reversed"]),
            )
            for row in rows
        ]

    def takings(self, scope: Scope) -> Mapping[Till, int]:
        """Return what the ledger says was taken less what was given back, in minor units."""
        till = {"day": "$day", "at": "$postings.location_id", "account": "$postings.account"}
        rows = self.database["ledger"].aggregate([
            {"$match": of_days(scope)},
            {"$unwind": "$postings"},
            {"$match": {**there(scope), "postings.account": {"$in": [*ACCOUNTS]}}},
            {"$group": {"_id": till, "minor": {"$sum": "$postings.minor"}}},
        ])  # fmt: skip
        return {
            Till(
                date.fromisoformat(row["_id"]["day"]),
                row["_id"].get("at", ""),
                "cash" if ACCOUNTS[row["_id"]["account"]] == "cash" else "card",
            ): int(row["minor"])
            for row in rows
        }

    def closed(self, scope: Scope) -> Sequence[DayCloseView]:
        """Return the days that are closed."""
        query: Document = {"state.status": "closed", "state.day": days_of(scope)}
        if scope.location_ids is not None:
            query["state.location_id"] = {"$in": list(scope.location_ids)}
        return [view_of(DayCloseView, row) for row in self.database["day_closes"].find(query)]

    def dealt(self, scope: Scope) -> Sequence[Dealt]:
        """Return the claims for visits of the days."""
        query: Document = {
            "state.service_date": days_of(scope),
            "state.amount.currency": scope.currency,
        }
        if scope.location_ids is not None:
            query["state.location_id"] = {"$in": list(scope.location_ids)}
        return [dealt_of(row) for row in self.database["claims"].find(query, FIELDS)]

    def _kept(self, name: str, ids: Collection[str]) -> list[Document]:
        fields = {"view.name": 1, "view.tax_region": 1}
        return list(self.database[name].find({"_id": {"$in": list(ids)}}, fields))


def _by_then(scope: Scope) -> Document:
    """Return what matches entries of the days, those without a day by their moment, in UTC."""
    first = datetime.combine(scope.first, time(), UTC)
    end = datetime.combine(scope.last, time.max, UTC)
    dated = {"day": days_of(scope)}
    undated = {"day": None, "at": {"$gte": first, "$lte": end}}
    return {**there(scope), "currency": scope.currency, "$or": [dated, undated]}
