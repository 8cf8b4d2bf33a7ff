"""One remittance into the books: each decision to its claim, the rest to the work-queue."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

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
)
from billing.domain.succession import settled, taken_back_from
from billing.ports import Books, Desk
from billing.use_cases.counting import recount_decided
from clinic_contracts.billing.claims import ClaimAdjustment
from clinic_contracts.billing.payer_files import FilePosting, UnmatchedView
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.money import Money
from payer_formats.answers import Remittance, RemittedClaim
from payer_formats.findings import Finding

WITHHELD = "payer_adjustment"


@dataclass(slots=True)
class Remitting:
    """A remittance, known by ``id_``, on its way into the books from a file."""

    remittance: Remittance
    id_: str
    cause: Cause
    """That the remittance is taken in; its decisions add where in the file they stand."""
    books: Books
    desk: Desk
    settled: list[tuple[Settled, Source]] = field(default_factory=list)
    unmatched: list[UnmatchedView] = field(default_factory=list)
    postings: list[FilePosting] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def post(self) -> None:
        """Settle what its claims are known of, and write its one journal entry."""
        named = self.books.claims_named(
            [each.reference for each in self.remittance.claims],
            [each.payer_reference for each in self.remittance.claims],
        )
        claims = _Claims(named, heirs(named, self.books))
        # What is taken back goes first, as some payers put a correction before its reversal; once
        # more what was refused, as what is taken back may have been paid in this same remittance.
        ordered = sorted(
            enumerate(self.remittance.claims), key=lambda each: each[1].decision != "reversed"
        )
        refused = [each for each in ordered if self._settle(claims, each[1]) is not None]
        for number, decided in refused:
            why = self._settle(claims, decided)
            if why is not None:
                self._queue(decided, number, why)
        self._save(claims)
        self._book()
        file_id, at = self.cause.file_id or "", self.cause.at
        self.books.add_remittance(self.id_, file_id, at, self.remittance)

    def _settle(self, claims: "_Claims", decided: RemittedClaim) -> str | None:
        """Settle a decision, or return why it cannot be."""
        claim = match(decided, claims.named(decided))
        if claim is None:
            return "no claim of that number, charge and day is known"
        if decided.decision == "reversed":
            claim = taken_back_from(claim, -decided.paid_minor, claims.now)
        source = Source(
            remittance_id=self.id_,
            currency=self.remittance.currency,
            cause=replace(self.cause, position=decided.position),
        )
        try:
            made = settled(claim, decided, claims.heir(claim), source)
        except Unsettled as refusal:
            return str(refusal)
        for each in made:
            claims.settle(each)
            self.settled.append((each, source))
        return None

    def _save(self, claims: "_Claims") -> None:
        self.books.save_claims(claims.changed)
        money = [(one, source) for one, source in self.settled if one.settlement is not None]
        invoices = dict(self.books.invoices(one.claim.invoice_id for one, _ in money))
        for one, source in money:
            invoice_id = one.claim.invoice_id
            invoices[invoice_id] = adjusted(invoices[invoice_id], [one], source)
        for one, _ in money:
            id_ = one.claim.invoice_id
            invoices[id_] = recount_decided([one], invoices[id_], self.books, self.desk)
        self.books.save_invoices([(invoice, None) for invoice in invoices.values()])

    def _book(self) -> None:
        """Write the one journal entry; it proves itself against what was paid."""
        remittance, payer = self.remittance, self.remittance.payer_name
        unknown = sum(each.paid.amount_minor for each in self.unmatched)
        withheld = sum(each.minor for each in remittance.provider_adjustments)
        besides = [
            Posting(CASH_CLEARING, unknown - withheld, payer=payer),
            Posting(UNAPPLIED, -unknown, payer=payer),
            Posting(WITHHELD, withheld, payer=payer),
        ]
        for one, source in self.settled:
            for each in one.postings:
                self.postings.append(self._told(each, one.claim, source.cause.position))
        self.postings += [self._told(each) for each in besides if each.minor]
        postings = [posting for one, _ in self.settled for posting in one.postings]
        entry = ledger.Entry(
            key=f"remittance:{self.id_}",
            currency=remittance.currency,
            postings=_joined([*postings, *besides]),
        )
        cash = sum(each.minor for each in entry.postings if each.account == CASH_CLEARING)
        if cash != remittance.paid_minor:
            message = f"{self.id_}: {cash} would be posted of {remittance.paid_minor} paid"
            raise ArithmeticError(message)
        self.books.post([entry])

    def _queue(self, decided: RemittedClaim, number: int, why: str) -> None:
        near = [
            each
            for each in self.desk.claims.near(decided.member_id, decided.day, decided.charge_minor)
            if self.desk.context.sees(each.location_id)
        ]
        self.unmatched.append(
            UnmatchedView(
                id=self.desk.derived_id("unm", self.id_, str(number)),
                version=1,
                state="open",
                remittance_id=self.id_,
                file_id=self.cause.file_id or "",
                position=decided.position,
                reference=decided.reference,
                payer_reference=decided.payer_reference,
                decision=decided.decision,
                charge=self._money(decided.charge_minor),
                paid=self._money(decided.paid_minor),
                day=decided.day,
                adjustments=tuple(
                    ClaimAdjustment(
                        group=each.group, reason=each.reason, amount=self._money(each.minor)
                    )
                    for each in every_adjustment(decided)
                ),
                suggestions=suggestions(decided, near),
                location_ids=self.desk.context.location_scope,
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

    def _told(
        self, posting: Posting, claim: ClaimView | None = None, position: int = 0
    ) -> FilePosting:
        return FilePosting(
            claim_id=None if claim is None else claim.id,
            invoice_id=posting.invoice_id,
            account=posting.account,
            amount=self._money(posting.minor),
            position=position,
        )

    def _money(self, minor: int) -> Money:
        return Money(amount_minor=minor, currency=self.remittance.currency)


class _Claims:
    """The claims a remittance names, as its decisions leave them, one after another."""

    def __init__(self, named: Sequence[ClaimView], heirs: Sequence[ClaimView] = ()) -> None:
        self.now = {claim.id: claim for claim in (*heirs, *named)}
        self.told: dict[str, Settled] = {}
        self.by_name: defaultdict[str, list[str]] = defaultdict(list)
        for claim in named:
            for name in {claim.number, claim.payer_reference} - {""}:
                self.by_name[name].append(claim.id)

    def named(self, decided: RemittedClaim) -> list[ClaimView]:
        names = (decided.reference, decided.payer_reference)
        ids = {id_ for name in names for id_ in self.by_name.get(name, ())}
        return [self.now[id_] for id_ in sorted(ids)]

    def heir(self, claim: ClaimView) -> ClaimView:
        """Return the latest claim that took a claim's place."""
        while claim.replaced_by is not None:
            claim = self.now[claim.replaced_by]
        return claim

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


def heirs(claims: Sequence[ClaimView], books: Books) -> list[ClaimView]:
    """Return those that took the claims' places, one after another, the latest last."""
    known = {claim.id for claim in claims}
    found: list[ClaimView] = []
    latest = claims
    while ids := {each.replaced_by for each in latest if each.replaced_by} - known:
        latest = books.claims(ids)
        known |= ids
        found += latest
    return found


def _joined(postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """Return one posting for those that differ in their amounts alone, none of nothing."""
    sums: defaultdict[Posting, int] = defaultdict(int)
    for each in postings:
        sums[replace(each, minor=0)] += each.minor
    return tuple(replace(of, minor=minor) for of, minor in sums.items() if minor)
