"""Payers' files: kept as they came, then taken in whole or not at all, each once.

A file is known by its bytes, a remittance by its identity, so what comes again changes nothing.
What a file does, to claims, invoices and the ledger, is one transaction with the file itself.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import chain

from billing.claim_ports import Changed
from billing.domain import ledger
from billing.domain.claim import Cause
from billing.domain.ledger import CASH_CLEARING, UNAPPLIED, Posting
from billing.domain.matching import match, suggestions
from billing.domain.settlement import (
    Settled,
    Source,
    Unsettled,
    adjusted,
    every_adjustment,
    settle,
)
from billing.ports import Books, Desk
from billing.use_cases.acknowledging import acknowledge
from clinic_contracts.billing.claims import (
    ClaimAdjustment,
    ClaimFinding,
    FilePosting,
    FileView,
    UnmatchedView,
)
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.errors import TooLarge
from clinic_contracts.money import Money
from payer_formats.answers import Read, Remittance, RemittedClaim
from payer_formats.findings import Finding, has_errors, quoted

LARGEST_FILE = 10 * 1024 * 1024
MOST_DECISIONS = 5_000
WITHHELD = "payer_adjustment"
MOST_FINDINGS = 200
MOST_POSTINGS = 2_000


def take_file(raw: bytes, content_type: str, desk: Desk) -> FileView:
    """Take a payer's file in; the same one again is answered as the first time.

    Raises TooLarge beyond 10 MB, ServiceUnavailable.
    """
    if len(raw) > LARGEST_FILE:
        raise TooLarge(f"a file has at most {LARGEST_FILE} bytes", limit=LARGEST_FILE)
    id_ = desk.derived_id("fil", hashlib.sha256(raw).hexdigest())
    known = desk.claims.file(id_)
    if known is not None:
        return _again(known)
    read = _bounded(desk.read_file(raw, content_type))

    def work(books: Books) -> FileView:
        known = books.file(id_)
        if known is not None:
            return _again(known)
        file = _Taking(id_, read, books, desk).done()
        books.add_file(file, raw)
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
    settled: list[tuple[Settled, Source]] = field(default_factory=list)
    unmatched: list[UnmatchedView] = field(default_factory=list)
    postings: list[FilePosting] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def done(self) -> FileView:
        """Post what is new in it, unless something in it is wrong."""
        everything = [*self.read.findings, *self._inner_findings()]
        if has_errors(everything) or not self._content:
            if not everything:
                everything = [Finding(code="EMPTY", text="there is nothing of a payer in it")]
            return self._view("quarantined", everything)
        paying = [each for each in self.read.remittances if each.is_payment]
        self.findings += [_told_only(each) for each in self.read.remittances if each not in paying]
        first = self.books.remittances([self._remittance_id(each) for each in paying])
        new = [each for each in paying if self._remittance_id(each) not in first]
        for remittance in new:
            self._post(remittance)
        self.findings += acknowledge(self.read.acknowledgements, self.books, self._cause)
        if first and not new and not self.read.acknowledgements:
            return replace(self._view("duplicate", everything), first_id=next(iter(first.values())))
        return self._view("posted", [*everything, *self.findings])

    @property
    def _content(self) -> bool:
        read = self.read
        return bool(read.remittances or read.acknowledgements or read.eligibilities)

    def _inner_findings(self) -> Sequence[Finding]:
        read = self.read
        return [
            *chain.from_iterable(each.findings for each in read.acknowledgements),
            *chain.from_iterable(each.findings for each in read.remittances),
            *chain.from_iterable(each.findings for each in read.eligibilities),
            *(_not_ours(each) for each in read.remittances if not self.desk.is_paid(each)),
        ]

    def _remittance_id(self, remittance: Remittance) -> str:
        return self.desk.derived_id("rem", remittance.identity)

    def _cause(self, word: str, position: int = 0) -> Cause:
        return Cause(
            word=word,
            actor=self.desk.context.actor,
            at=self.desk.now,
            file_id=self.id_,
            position=position,
        )

    def _post(self, remittance: Remittance) -> None:
        """Post one remittance: each decision to its claim, the rest to the work-queue."""
        id_ = self._remittance_id(remittance)
        named = self.books.claims_named(
            [each.reference for each in remittance.claims],
            [each.payer_reference for each in remittance.claims],
        )
        claims = _Claims(named)
        settled: list[tuple[Settled, Source]] = []
        for number, decided in enumerate(remittance.claims):
            cause = self._cause("remittance", decided.position)
            source = Source(remittance_id=id_, currency=remittance.currency, cause=cause)
            why = self._settle(claims, decided, source, settled)
            if why is not None:
                self._queue(remittance, decided, number, why)
        self._save(claims, settled)
        self._book(remittance, id_, settled)
        self.books.add_remittance(id_, self.id_, self.desk.now, remittance.paid_minor)

    def _settle(
        self,
        claims: "_Claims",
        decided: RemittedClaim,
        source: Source,
        settled: list[tuple[Settled, Source]],
    ) -> str | None:
        """Settle a decision, or return why it cannot be."""
        claim = match(decided, claims.named(decided))
        if claim is None:
            return "no claim of that number, charge and day is known"
        try:
            one = settle(claim, decided, source)
        except Unsettled as refusal:
            return str(refusal)
        claims.settle(one)
        settled.append((one, source))
        return None

    def _save(self, claims: "_Claims", settled: Sequence[tuple[Settled, Source]]) -> None:
        self.books.save_claims(claims.changed)
        money = [(one, source) for one, source in settled if one.settlement is not None]
        invoices = dict(self.books.invoices(one.claim.invoice_id for one, _ in money))
        for one, source in money:
            invoice_id = one.claim.invoice_id
            invoices[invoice_id] = adjusted(invoices[invoice_id], [one], source)
        self.books.save_invoices([(invoice, None) for invoice in invoices.values()])

    def _book(
        self, remittance: Remittance, id_: str, settled: Sequence[tuple[Settled, Source]]
    ) -> None:
        """Write the one journal entry of a remittance; it proves itself against what was paid."""
        currency = remittance.currency
        postings = [posting for one, _ in settled for posting in one.postings]
        for one, source in settled:
            self.postings += [
                _told(each, one.claim, currency, source.cause.position) for each in one.postings
            ]
        unknown = sum(
            each.paid.amount_minor for each in self.unmatched if each.remittance_id == id_
        )
        withheld = sum(each.minor for each in remittance.provider_adjustments)
        besides = [
            Posting(CASH_CLEARING, unknown - withheld, payer=remittance.payer_name),
            Posting(UNAPPLIED, -unknown, payer=remittance.payer_name),
            Posting(WITHHELD, withheld, payer=remittance.payer_name),
        ]
        self.postings += [_told(each, None, currency, 0) for each in besides if each.minor]
        entry = ledger.Entry(
            key=f"remittance:{id_}",
            currency=currency,
            postings=_joined([*postings, *besides]),
        )
        cash = sum(each.minor for each in entry.postings if each.account == CASH_CLEARING)
        if cash != remittance.paid_minor:
            message = f"{id_}: {cash} would be posted of {remittance.paid_minor} paid"
            raise ArithmeticError(message)
        self.books.post([entry])

    def _queue(self, remittance: Remittance, decided: RemittedClaim, number: int, why: str) -> None:
        id_ = self._remittance_id(remittance)

        def money(minor: int) -> Money:
            return Money(amount_minor=minor, currency=remittance.currency)

        near = self.desk.claims.near(decided.member_id, decided.day, decided.charge_minor)
        self.unmatched.append(
            UnmatchedView(
                id=self.desk.derived_id("unm", id_, str(number)),
                version=1,
                state="open",
                remittance_id=id_,
                file_id=self.id_,
                position=decided.position,
                reference=decided.reference,
                payer_reference=decided.payer_reference,
                decision=decided.decision,
                charge=money(decided.charge_minor),
                paid=money(decided.paid_minor),
                day=decided.day,
                adjustments=tuple(
                    ClaimAdjustment(group=each.group, reason=each.reason, amount=money(each.minor))
                    for each in every_adjustment(decided)
                ),
                suggestions=suggestions(decided, near),
            )
        )
        self.findings.append(
            Finding(
                code="UNMATCHED",
                text=f"it is in the work-queue: {why}",
                position=decided.position,
                reference=decided.reference,
                severity="warning",
            )
        )

    def _view(self, state: str, findings: Sequence[Finding]) -> FileView:
        if state == "posted":
            self.books.add_unmatched(self.unmatched)
        return FileView(
            id=self.id_,
            state=state,  # type: ignore[arg-type]  # one of the three
            kind=_kind(self.read),
            format=self.read.format,
            received_at=self.desk.now,
            findings=tuple(ClaimFinding(**asdict(each)) for each in findings[:MOST_FINDINGS]),
            postings=tuple(self.postings[:MOST_POSTINGS]),
            unmatched=len(self.unmatched),
        )


class _Claims:
    """The claims a remittance names, as its decisions leave them, one after another."""

    def __init__(self, named: Sequence[ClaimView]) -> None:
        self.now = {claim.id: claim for claim in named}
        self.told: dict[str, Settled] = {}
        self.by_name: defaultdict[str, list[str]] = defaultdict(list)
        for claim in named:
            for name in {claim.number, claim.payer_reference} - {""}:
                self.by_name[name].append(claim.id)

    def named(self, decided: RemittedClaim) -> list[ClaimView]:
        names = (decided.reference, decided.payer_reference)
        ids = {id_ for name in names for id_ in self.by_name.get(name, ())}
        return [self.now[id_] for id_ in sorted(ids)]

    def settle(self, one: Settled) -> None:
        before = self.told.get(one.claim.id)
        if before is not None:
            passed = (*before.event.through, before.event.state, *one.event.through)
            event = replace(one.event, previous=before.event.previous, through=passed)
            one = replace(one, event=event)
        self.now[one.claim.id] = one.claim
        self.told[one.claim.id] = one

    @property
    def changed(self) -> list[Changed[ClaimView]]:
        return [(self.now[id_], one.event) for id_, one in self.told.items()]


def _told(posting: Posting, claim: ClaimView | None, currency: str, position: int) -> FilePosting:
    return FilePosting(
        claim_id=None if claim is None else claim.id,
        invoice_id=posting.invoice_id,
        account=posting.account,
        amount=Money(amount_minor=posting.minor, currency=currency),
        position=position,
    )


def _joined(postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """Return one posting for those that differ in their amounts alone, none of nothing."""
    sums: defaultdict[Posting, int] = defaultdict(int)
    for each in postings:
        sums[replace(each, minor=0)] += each.minor
    return tuple(replace(of, minor=minor) for of, minor in sums.items() if minor)


def _not_ours(remittance: Remittance) -> Finding:
    """Return that a remittance pays somebody else, so that none of its money is ours."""
    return Finding(
        code="PAYEE_UNKNOWN",
        text=f"it pays {quoted(remittance.payee_id)}, which is no number of this clinic's",
        where="N1*PE",
        fix="send it to whom it pays, or add the number to the payer's profile",
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


def _again(known: FileView) -> FileView:
    """Return the answer to a file that came before; what was quarantined stays so."""
    if known.state == "quarantined":
        return known
    return replace(known, state="duplicate", first_id=known.first_id or known.id)


def _bounded(read: Read) -> Read:
    """Return what was read; with more decisions than one transaction takes, with an error."""
    most = max((len(each.claims) for each in read.remittances), default=0)
    total = sum(len(each.claims) for each in read.remittances)
    if total <= MOST_DECISIONS:
        return read
    told = Finding(
        code="TOO_LONG",
        text=f"{max(total, most)} decisions; send at most {MOST_DECISIONS} in a file",
    )
    return replace(read, findings=(*read.findings, told))
