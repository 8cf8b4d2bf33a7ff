"""Payers' files: kept as they came, then taken in whole or not at all, each once.

A file is known by its bytes, a remittance by its identity, so what comes again changes nothing.
What a file does, to claims, invoices and the ledger, is one transaction with the file itself.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain

from billing.claim_ports import Posted
from billing.domain.claim import Cause
from billing.domain.matching import match
from billing.ports import Books, Desk
from billing.use_cases.acknowledging import acknowledge
from billing.use_cases.entitling import take_answers
from billing.use_cases.remitting import Remitting
from clinic_contracts.billing.claims import ClaimFinding
from clinic_contracts.billing.payer_files import FilePosting, FileState, FileView
from clinic_contracts.errors import TooLarge
from payer_formats.answers import Read, Remittance
from payer_formats.findings import Finding, has_errors, quoted

LARGEST_FILE = 10 * 1024 * 1024
MOST_DECISIONS = 3_000
"""Of a file: they are one transaction, which the server ends after 5 seconds."""
MOST_FINDINGS = 200
MOST_POSTINGS = 2_000


def take_file(raw: bytes, content_type: str, desk: Desk) -> FileView:
    """Take a payer's file in; the same one again is answered as the first time.

    One that was kept aside is read again: what kept it may have been mended here, such as a payer's
    profile. Raises TooLarge beyond 10 MB, ServiceUnavailable.
    """
    if len(raw) > LARGEST_FILE:
        raise TooLarge(f"a file has at most {LARGEST_FILE} bytes", limit=LARGEST_FILE)
    id_ = desk.derived_id("fil", hashlib.sha256(raw).hexdigest())
    known = desk.claims.file(id_)
    if known is not None and known.state != "quarantined":
        return _again(known, desk)
    read = _bounded(desk.read_file(raw, content_type))

    def work(books: Books) -> FileView:
        known = books.file(id_)
        if known is not None and known.state != "quarantined":
            return _again(known, desk)
        file = _Taking(id_, read, books, desk).done()
        if known is None:
            books.add_file(file, raw)
        elif file.state == "quarantined":
            return known if desk.context.sees_whole(known.location_ids) else file
        else:
            books.save_file(file)
        return file

    file: FileView = desk.transact(work)
    return file


@dataclass(slots=True)
class _Taking:
    """One file on its way into the books."""

    id_: str
    read: Read
    books: Books
    desk: Desk
    postings: list[FilePosting] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    told: list[ClaimFinding] = field(default_factory=list)
    unmatched: int = 0

    def done(self) -> FileView:
        """Post what is new in it, unless something in it is wrong."""
        paying = self._paying()
        known = self.books.remittances([*paying, *(each.body for each in paying.values())])
        self.findings += self._told()
        self.findings += self._reused(paying, known)
        if has_errors(self.findings) or not self._content:
            if not self.findings:
                self.findings.append(
                    Finding(code="EMPTY", text="there is nothing of a payer in it")
                )
            return self._view("quarantined")
        first = {
            id_: known[name].file_id
            for id_, each in paying.items()
            for name in (each.body, id_)
            if name in known
        }
        for id_, remittance in paying.items():
            if id_ not in first:
                self._post(remittance, id_)
        self.findings += acknowledge(self.read.acknowledgements, self.books, self._cause)
        self.told = list(take_answers(self.read.eligibilities, self.id_, self.books, self.desk))
        if first and first.keys() == paying.keys() and not self.read.acknowledgements:
            return replace(self._view("duplicate"), first_id=self._shown(first.values()))
        return self._view("posted")

    def _shown(self, file_ids: Iterable[str]) -> str | None:
        """Return the first of the files that is the caller's to see."""
        found = (self.books.file(id_) for id_ in file_ids)
        sees = self.desk.context.sees_whole
        return next((each.id for each in found if each and sees(each.location_ids)), None)

    def _paying(self) -> Mapping[str, Remittance]:
        """Return the payments in it by id, each once: by its identity, and by all that it says."""
        paying = (each for each in self.read.remittances if each.is_payment)
        once = {each.body or each.identity: each for each in paying}
        return {self.desk.derived_id("rem", each.identity): each for each in once.values()}

    def _reused(
        self, paying: Mapping[str, Remittance], known: Mapping[str, Posted]
    ) -> Iterator[Finding]:
        """Yield what comes under the identity of another payment, which it may not be taken for."""
        for each in self.read.remittances:
            id_ = self.desk.derived_id("rem", each.identity)
            other = known.get(id_) or paying.get(id_)
            if other is None or not (each.is_payment and each.body and other.body):
                continue
            if each.body != other.body and each.body not in known:
                yield _trace_reused(each)

    def _told(self) -> Sequence[Finding]:
        """Return what is wrong, or odd, with the file as it was read."""
        read = self.read
        return [
            *read.findings,
            *chain.from_iterable(each.findings for each in read.acknowledgements),
            *chain.from_iterable(each.findings for each in read.remittances),
            *chain.from_iterable(each.findings for each in read.eligibilities),
            *(
                _not_ours(each, taken=self._decides_ours(each))
                for each in read.remittances
                if not self.desk.is_paid(each)
            ),
            *(_told_only(each) for each in read.remittances if not each.is_payment),
        ]

    def _decides_ours(self, remittance: Remittance) -> bool:
        """Say whether any of its decisions is of a claim of ours."""
        references = [each.reference for each in remittance.claims]
        named = self.books.claims_named(references, [])
        return any(match(each, named) is not None for each in remittance.claims)

    @property
    def _content(self) -> bool:
        read = self.read
        return bool(read.remittances or read.acknowledgements or read.eligibilities)

    def _post(self, remittance: Remittance, id_: str) -> None:
        one = Remitting(remittance, id_, self._cause("remittance"), self.books, self.desk)
        one.post()
        self.books.add_unmatched(one.unmatched)
        self.postings += one.postings
        self.findings += one.findings
        self.unmatched += len(one.unmatched)

    def _cause(self, word: str) -> Cause:
        return Cause(word=word, actor=self.desk.context.actor, at=self.desk.now, file_id=self.id_)

    def _view(self, state: FileState) -> FileView:
        found = (ClaimFinding(**asdict(each)) for each in self.findings)
        return FileView(
            id=self.id_,
            state=state,
            kind=_kind(self.read),
            format=self.read.format,
            received_at=self.desk.now,
            findings=(*found, *self.told)[:MOST_FINDINGS],
            postings=tuple(self.postings[:MOST_POSTINGS]),
            unmatched=self.unmatched,
            location_ids=self.desk.context.location_scope,
        )


def _not_ours(remittance: Remittance, *, taken: bool) -> Finding:
    """Return that a remittance pays somebody else: none of its money is ours, unless claims are."""
    text = f"it pays {quoted(remittance.payee_id)}, which is no number of this clinic's"
    return Finding(
        code="PAYEE_UNKNOWN",
        text=f"{text}, and decides claims that are" if taken else text,
        where="N1*PE",
        fix="send it to whom it pays, or add the number to the payer's profile and send it again",
        severity="warning" if taken else "error",
    )


def _trace_reused(remittance: Remittance) -> Finding:
    return Finding(
        code="TRACE_REUSED",
        text=f"payment {quoted(remittance.trace)} was told before, with other decisions",
        where="TRN02",
        fix="ask the payer which of the two it made, and for the other under a number of its own",
    )


def _told_only(remittance: Remittance) -> Finding:
    """Return that nothing was posted: its payment, which names it again, would be the second."""
    return Finding(
        code="DECISION_ONLY",
        text="it tells a decision; what it pays is posted with its payment (PaymentReconciliation)",
        reference=remittance.claims[0].reference if remittance.claims else "",
        severity="warning",
    )


def _kind(read: Read) -> str:
    kinds: Mapping[str, Callable[[], bool]] = {
        "remittance": lambda: bool(read.remittances),
        "acknowledgement": lambda: bool(read.acknowledgements),
        "eligibility": lambda: bool(read.eligibilities),
    }
    return next((name for name, is_it in kinds.items() if is_it()), "unknown")


def _again(known: FileView, desk: Desk) -> FileView:
    """Return the answer to a file that was taken in before; to others that it was, and no more."""
    again = replace(known, state="duplicate", first_id=known.first_id or known.id)
    if desk.context.sees_whole(known.location_ids):
        return again
    theirs = desk.context.location_scope
    return replace(again, findings=(), postings=(), unmatched=0, first_id=None, location_ids=theirs)


def _bounded(read: Read) -> Read:
    """Return what was read; with more decisions than one transaction takes, with an error."""
    total = sum(len(each.claims) for each in read.remittances)
    if total <= MOST_DECISIONS:
        return read
    told = Finding(
        code="TOO_LONG",
        text=f"{total} decisions; send at most {MOST_DECISIONS} in a file",
    )
    return replace(read, findings=(*read.findings, told))
