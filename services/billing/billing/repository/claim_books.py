"""Claims, payers' files and what they decide, within one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument

from billing.claim_ports import Batch, Changed, Posted
from billing.repository.claims import claim_document, claim_of, sealed, state_of
from billing.repository.collections import Document
from billing.repository.records import view_of
from billing.repository.transaction import Transaction
from clinic_contracts.billing.payer_files import FileView, UnmatchedView
from clinic_contracts.billing.requests import ClaimView, InvoiceView
from clinic_runtime import outbox
from clinic_runtime.clock import now
from clinic_runtime.threads import taking_turns
from payer_formats.answers import Remittance

LOOKED_AT = frozenset({"x12", "fhir"})
"""The formats on which there are second opinions."""


class ClaimBooks(Transaction):
    """What the books have of claims."""

    __slots__ = ()

    def claim(self, id_: str) -> ClaimView | None:
        """Return one with its details, or None."""
        found = self.database["claims"].find_one({"_id": id_}, session=self.session)
        return None if found is None else claim_of(found, self.sealer)

    def is_done(self, claim_id: str, operation_id: str) -> bool:
        """Say whether an operation has changed a claim."""
        query = {"_id": claim_id, "operations": operation_id}
        return self.database["claims"].find_one(query, {"_id": 1}, session=self.session) is not None

    def claims_named(
        self, numbers: Iterable[str], payer_references: Iterable[str]
    ) -> Sequence[ClaimView]:
        """Return, without details, the caller's claims by our numbers or the payers'."""
        named = {
            "state.number": sorted({each for each in numbers if each}),
            "state.payer_reference": sorted({each for each in payer_references if each}),
        }
        found: dict[str, ClaimView] = {}
        for name, values in named.items():
            if values:
                rows = self.database["claims"].find({name: {"$in": values}}, session=self.session)
                found |= {row["_id"]: view_of(ClaimView, row) for row in taking_turns(rows)}
        return self._seen(found.values())

    def claims_of_invoices(self, ids: Iterable[str]) -> Sequence[ClaimView]:
        """Return, without details, every claim of the invoices."""
        query = {"state.invoice_id": {"$in": sorted(set(ids))}}
        rows = self.database["claims"].find(query, session=self.session)
        return tuple(view_of(ClaimView, row) for row in rows)

    def claims_of_batches(self, batch_ids: Iterable[str]) -> Sequence[ClaimView]:
        """Return, without details, the caller's claims that went out in any of the batches."""
        query = {"state.batch_id": {"$in": sorted(batch_ids)}}
        rows = self.database["claims"].find(query, session=self.session)
        return self._seen(view_of(ClaimView, row) for row in rows)

    def batches(self, control: str) -> Sequence[str]:
        """Return the batch of a control number, as a payer repeats it, if there is one."""
        if not (control.isascii() and control.isdigit()):
            return ()
        query = {"control": int(control[:9])}
        rows = self.database["batches"].find(query, {"_id": 1}, session=self.session)
        return tuple(row["_id"] for row in rows)

    def invoices(self, ids: Iterable[str]) -> Mapping[str, InvoiceView]:
        """Return those there are, by id."""
        query = {"_id": {"$in": sorted(set(ids))}}
        rows = self.database["invoices"].find(query, session=self.session)
        return {row["_id"]: view_of(InvoiceView, row) for row in taking_turns(rows)}

    def next_control(self) -> int:
        """Take the next number of a file of claims; given back when the transaction fails."""
        counter: Document = (
            self.database["counters"].find_one_and_update(
                {"_id": "claims_file"},
                {"$inc": {"number": 1}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
                session=self.session,
            )
            or {}
        )
        return int(counter["number"])

    def sequence(self) -> int:
        """Return the number of the next record, in the tongue that numbers them."""
        counters, query = self.database["counters"], {"_id": "records"}
        found = counters.find_one(query, session=self.session)
        return 1 if found is None else int(found["number"])

    def keep_sequence(self, following: int) -> None:
        """Keep the number of the record after those of a file."""
        change = {"$set": {"number": following}}
        counters = self.database["counters"]
        counters.update_one({"_id": "records"}, change, upsert=True, session=self.session)

    def claims(self, ids: Iterable[str]) -> Sequence[ClaimView]:
        """Return those there are, with their details, in the order of their ids."""
        query = {"_id": {"$in": sorted(set(ids))}}
        rows = self.database["claims"].find(query, session=self.session).sort("_id")
        return tuple(claim_of(row, self.sealer) for row in rows)

    def add_batch(self, batch: Batch, *, due: datetime | None) -> None:
        """Insert a batch that is to be sent from ``due`` on; None: by hand."""
        row = {
            "_id": batch.id,
            "control": batch.control,
            "payer_id": batch.payer_id,
            "claim_ids": list(batch.claim_ids),
            "name": batch.file.name,
            "content_type": batch.file.content_type,
            "raw": self.sealer.seal_bytes(batch.file.raw, batch.id),
            "at": now(),
        }
        if due is not None:
            row["due"] = due
        if batch.opinion is not None:
            row["opinion"] = batch.opinion
        self.database["batches"].insert_one(row, session=self.session)

    def end_batch(self, id_: str) -> bool:
        """Note that a batch was sent; False when that is noted already."""
        query, change = {"_id": id_, "due": {"$exists": True}}, {"$unset": {"due": ""}}
        done = self.database["batches"].update_one(query, change, session=self.session)
        return done.modified_count == 1

    def note_opinion(self, id_: str, said: str) -> bool:
        """Note that a batch may go; False when it is not to be sent any more."""
        query, change = {"_id": id_, "due": {"$exists": True}}, {"$set": {"opinion": said}}
        done = self.database["batches"].update_one(query, change, session=self.session)
        return done.matched_count == 1

    def refuse_batch(self, id_: str) -> bool:
        """Note that a batch may not go; False when it may, or is not to be sent any more."""
        query = {"_id": id_, "due": {"$exists": True}, "opinion": {"$exists": False}}
        change = {"$unset": {"due": ""}, "$set": {"refused": True}}
        done = self.database["batches"].update_one(query, change, session=self.session)
        return done.modified_count == 1

    def add_claim(self, claim: ClaimView, event: Any) -> None:  # noqa: ANN401
        """Insert a claim with its event."""
        made = outbox.new(
            claim_document(claim, self.sealer),
            event=event,
            context=self.context,
            at=now(),
            location_id=claim.location_id,
        )
        self.after.append(outbox.insert_together(self.database["claims"], [made], self.session))

    def save_claims(self, changed: Sequence[Changed[ClaimView]]) -> None:
        """Save claims that this transaction read; details that were not read stay as they are."""
        self._save("claims", changed)

    def save_invoices(self, changed: Sequence[Changed[InvoiceView]]) -> None:
        """Save invoices that this transaction read."""
        self._save("invoices", changed)

    def file(self, id_: str) -> FileView | None:
        """Return what became of a file, or None."""
        found = self.database["files"].find_one({"_id": id_}, {"raw": 0}, session=self.session)
        return None if found is None else view_of(FileView, found)

    def add_file(self, file: FileView, raw: bytes) -> None:
        """Keep a payer's file, sealed, with what became of it."""
        row = {
            "_id": file.id,
            "version": 1,
            "at": file.received_at,
            "state": state_of(file),
            "raw": self.sealer.seal_bytes(raw, file.id),
        }
        if file.state == "posted" and file.format in LOOKED_AT:
            row["unlooked"] = file.received_at
        self.database["files"].insert_one(row, session=self.session)

    def save_file(self, file: FileView) -> None:
        """Save what became of a file that was kept aside before."""
        change: Document = {"$set": {"state": state_of(file)}, "$inc": {"version": 1}}
        if file.format in LOOKED_AT:
            change["$set"]["unlooked"] = file.received_at
        self.database["files"].update_one({"_id": file.id}, change, session=self.session)

    def remittances(self, ids: Iterable[str]) -> Mapping[str, Posted]:
        """Return those of the remittances that there are, each by its id and by its body."""
        either = {"$in": sorted(ids)}
        query = {"$or": [{"_id": either}, {"body": either}]}
        rows = self.database["remittances"].find(query, session=self.session)
        found: dict[str, Posted] = {}
        for row in rows:
            one = Posted(row["file_id"], row.get("body", ""))
            found |= {name: one for name in (row["_id"], one.body) if name}
        return found

    def add_remittance(self, id_: str, file_id: str, at: datetime, remittance: Remittance) -> None:
        """Note that a remittance was posted; of two who post it at once one starts over."""
        row = {"_id": id_, "file_id": file_id, "at": at, "paid_minor": remittance.paid_minor}
        if remittance.body:
            row["body"] = remittance.body
        self.database["remittances"].insert_one(row, session=self.session)

    def add_unmatched(self, items: Sequence[UnmatchedView]) -> None:
        """Put decisions into the work-queue."""
        rows = [
            {"_id": each.id, "version": 1, "at": now(), "state": state_of(each)}
            for each in taking_turns(items)
        ]
        if rows:
            self.database["unmatched"].insert_many(rows, session=self.session)

    def unmatched(self, id_: str) -> UnmatchedView | None:
        """Return one of the work-queue, or None."""
        found = self.database["unmatched"].find_one({"_id": id_}, session=self.session)
        return None if found is None else view_of(UnmatchedView, found)

    def save_unmatched(self, item: UnmatchedView) -> None:
        """Save one that this transaction read."""
        change = {"$set": {"state": state_of(item)}, "$inc": {"version": 1}}
        self.database["unmatched"].update_one({"_id": item.id}, change, session=self.session)

    def _seen(self, claims: Iterable[ClaimView]) -> tuple[ClaimView, ...]:
        """Return what the caller sees: what somebody hands in says nothing of other claims."""
        return tuple(claim for claim in claims if self.context.sees(claim.location_id))

    def _save(self, name: str, changed: Sequence[Changed[Any]]) -> None:
        statements = {}
        for view, event in taking_turns(changed):
            values: Document = {"state": state_of(view)}
            details = getattr(view, "details", None)
            if details is not None:
                values["sealed"] = sealed(details, view.id, self.sealer)
            statements[view.id] = outbox.changing(
                view.id,
                view.version,
                {"$set": values},
                event=event,
                context=self.context,
                at=now(),
                location_id=view.location_id,
            )
        if statements:
            collection = self.database[name]
            self.after.append(outbox.upsert_together(collection, statements, self.session))
