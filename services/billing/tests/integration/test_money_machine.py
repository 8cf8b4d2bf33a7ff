"""Every cent explained, whatever is done in whatever order: random work on the real database.

``MACHINE_EXAMPLES`` runs of ``MACHINE_STEPS`` steps each; after every step the books are proved.
"""

import base64
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bson import json_util
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from billing.domain.claim import outstanding
from billing.testing import decided, remittance, submitted, take, taken_back
from billing.use_cases import claiming, fees, rebilling, stating, unmatched
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing.claims import ActOnClaimBecause
from clinic_contracts.billing.invoices import RebillInvoice, VoidInvoice
from clinic_contracts.billing.requests import ClaimView, InvoiceView
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import ClinicError, ServiceUnavailable
from clinic_contracts.money import Money
from payer_formats.answers import Acknowledgement, ClaimVerdict, Read, RemittedClaim
from payer_formats.claim import Adjustment

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "6"))
STEPS = int(os.environ.get("MACHINE_STEPS", "25"))
MOST_VISITS = 4
WHICH = st.integers(0, 11)
"""One of what there is, by its number in the order in which it was made."""
SHARE = st.sampled_from((50, 100))
KINDS = ("full", "short_pr", "short_co", "short_oa", "denied", "over", "pended", "refused")
DECISION = st.tuples(st.sampled_from((*KINDS, "reversed", "reversed", "stray")), WHICH)
PLAN = CoverageChanged(
    coverage_id="pol_1", client_id="cli_1", kind="extended_health", carrier="Carrier",
    group_number="", member_id="1", percent=80, order=1, benefit_year_start="01-01",
)  # fmt: skip
EXPLAINED = '<tr><th scope="row">Not explained</th><td class="money">$0.00</td></tr>'


def decision(claim: ClaimView, kind: str) -> RemittedClaim:
    """Return what a payer says of a claim; what it does not pay has a reason of some group."""
    due = outstanding(claim).amount_minor
    paid = {"full": due, "over": due + 500}.get(kind, due // 2 if kind.startswith("short") else 0)
    group = {"short_co": "CO", "short_oa": "OA"}.get(kind, "PR")
    rest = claim.charge.amount_minor - paid
    said = replace(
        decided(claim, paid),
        charge_minor=claim.charge.amount_minor,
        adjustments=(Adjustment(group=group, reason="45", minor=rest),),
        payer_reference=claim.payer_reference or f"P-{claim.number}",
    )
    return replace(said, decision=kind) if kind in {"pended", "refused"} else said  # type: ignore[arg-type]


class Machine(RuleBasedStateMachine):
    """A clinic whose staff and payers do what comes into their minds."""

    def __init__(self, office: Any) -> None:
        super().__init__()
        for name in office.database.list_collection_names():
            office.database[name].delete_many({})
        office.learn()
        self.office = office
        self.invoice_ids: list[str] = []
        self.payments: list[Any] = []
        self.said: list[RemittedClaim] = []
        self.files: list[Read] = []
        self.changes = 1

    @initialize(percent=st.sampled_from((50, 80, 100)), maximum=st.sampled_from((None, 15000, 0)))
    def plan(self, percent: int, maximum: int | None) -> None:
        most = None if maximum is None else Money(amount_minor=maximum)
        self.hear(replace(PLAN, percent=percent, annual_maximum=most))
        for which in range(2):
            self.fulfil()
            self.submit(which)

    @rule(percent=st.sampled_from((40, 100)))
    def a_second_plan(self, percent: int) -> None:
        self.hear(replace(PLAN, coverage_id="pol_2", carrier="Second", percent=percent, order=2))

    @rule()
    def fulfil(self) -> None:
        if len(self.invoice_ids) < MOST_VISITS:
            self.invoice_ids.append(self.office.invoice(len(self.invoice_ids) + 1).id)

    @rule(which=WHICH, share=SHARE, card=st.booleans())
    def pay(self, which: int, share: int, *, card: bool) -> None:
        if (invoice := self.invoice(which)) is not None:
            pay = self.office.pay_by_card if card else self.office.pay
            part = self.part(invoice.balance, share)
            made = self.attempt(lambda: pay(invoice, amount=part))
            self.payments += [made] if made else []

    @rule(which=WHICH, share=SHARE)
    def refund(self, which: int, share: int) -> None:
        if self.payments:
            payment = self.payments[which % len(self.payments)]
            part = self.part(payment.amount, share)
            self.attempt(lambda: self.office.refund(payment, amount=part))

    @rule(which=WHICH)
    def submit(self, which: int) -> None:
        if (claim := self.claim(which)) is not None:
            self.attempt(lambda: submitted(self.office, claim))

    @rule(which=WHICH, verdict=st.sampled_from(("accepted", "rejected", "pended")))
    def acknowledge(self, which: int, verdict: Any) -> None:
        if (claim := self.claim(which)) is not None:
            said = (ClaimVerdict(reference=claim.number, verdict=verdict),)
            told = Acknowledgement(kind="277CA", identity=str(len(self.files)), claims=said)
            self.take(Read(format="x12", acknowledgements=(told,)))

    @rule(
        decisions=st.lists(DECISION, min_size=1, max_size=3), withheld=st.sampled_from((0, 0, 700))
    )
    def remit(self, decisions: list[tuple[str, int]], withheld: int) -> None:
        said = [each for kind, which in decisions for each in self.says(kind, which)]
        identity = f"rem-{len(self.files)}"
        self.take(remittance(*said, identity=identity, withheld=withheld))

    @rule(which=WHICH, kind=st.sampled_from(KINDS))
    def reverse_and_correct(self, which: int, kind: str) -> None:
        """The reversal stands after the decision that takes its place, or before it."""
        if (claim := self.claim(which)) is None:
            return
        of = [each for each in self.said if each.reference == claim.number]
        again = [decision(claim, kind)]
        both = [*again, *(taken_back(each) for each in of[-1:])]
        self.said += again
        both = both if which % 2 else both[::-1]
        self.take(remittance(*both, identity=f"rem-{len(self.files)}"))

    @rule(which=WHICH)
    def the_same_again(self, which: int) -> None:
        if self.files:
            self.take(self.files[which % len(self.files)])

    @rule(which=WHICH, to=WHICH)
    def assign(self, which: int, to: int) -> None:
        items = unmatched.list_unmatched(f.ListUnmatched(state="open"), self.office.desk()).items
        claim = self.claim(to)
        if items and claim is not None:
            item = sorted(items, key=lambda each: each.position)[which % len(items)]
            request = f.AssignUnmatched(unmatched_id=item.id, claim_id=claim.id)
            self.attempt(lambda: unmatched.assign(request, self.office.desk()))

    @rule(which=WHICH, act=st.sampled_from(("correct", "void", "appeal", "close")))
    def end(self, which: int, act: str) -> None:
        if (claim := self.claim(which)) is not None:
            request = ActOnClaimBecause(claim_id=claim.id, reason=act)
            do = getattr(claiming, f"{act}_claim")
            self.attempt(lambda: do(request, self.office.desk()))

    @rule(which=WHICH)
    def rebill(self, which: int) -> None:
        if (invoice := self.invoice(which)) is not None:
            request = RebillInvoice(invoice_id=invoice.id)
            self.attempt(lambda: rebilling.rebill_invoice(request, self.office.desk()))

    @rule(which=WHICH)
    def void_invoice(self, which: int) -> None:
        if (invoice := self.invoice(which)) is not None:
            request = VoidInvoice(invoice_id=invoice.id, reason="a mistake")
            self.attempt(lambda: fees.void_invoice(request, self.office.desk()))

    @invariant()
    def the_books_are_in_order(self) -> None:
        found = self.office.findings()
        assert found == dict.fromkeys(found, 0)

    @invariant()
    def every_cent_is_explained(self) -> None:
        for id_ in self.invoice_ids:
            invoice = self.office.reread(id_)
            self.sums(invoice, self.claims_of(invoice))
            page = stating.print_invoice(id_, self.office.desk()).content_base64
            assert EXPLAINED in base64.b64decode(page).decode()

    @invariant()
    def what_is_used_is_what_invoices_say(self) -> None:
        used, visits = Counter[str](), Counter[str]()
        for invoice in map(self.office.reread, self.invoice_ids):
            gone = {each.coverage_id: each for each in invoice.uncounted}
            for part in invoice.split:
                if invoice.status != "void" and part.coverage_id and part.amount.amount_minor:
                    less = gone.get(part.coverage_id)
                    used[part.coverage_id] += (part.amount - part.tax).amount_minor
                    used[part.coverage_id] -= less.amount.amount_minor if less else 0
                    visits[part.coverage_id] += not (less and less.visit)
        for row in self.office.database["benefit_years"].find():
            id_ = row["_id"].partition("|")[0]
            assert (row["used"], row["visits"]) == (used[id_], visits[id_]), id_

    def sums(self, invoice: InvoiceView, claims: list[ClaimView]) -> None:
        """Assert that an invoice and its claims add up, and ask no payer for more than its part."""
        assert invoice.total == invoice.client_portion + invoice.payer_portion + invoice.written_off
        owed = (invoice.client_portion - invoice.paid).amount_minor
        assert invoice.balance.amount_minor == (0 if invoice.status == "void" else owed)
        paid, off, due = (
            (
                sum(money.amount_minor for money in each)
                for each in zip(
                    *((c.paid, c.written_off, outstanding(c)) for c in claims), strict=True
                )
            )
            if claims
            else (0, 0, 0)
        )
        assert (invoice.payer_paid.amount_minor, invoice.written_off.amount_minor) == (paid, off)
        assert invoice.payer_portion.amount_minor == paid + due
        billed = Counter[str]()
        for claim in claims:
            kept = (claim.paid, claim.written_off, outstanding(claim))
            assert min(each.amount_minor for each in kept) >= 0, claim
            billed[claim.coverage_id] += sum(each.amount_minor for each in kept)
        parts = {part.coverage_id: part.amount.amount_minor for part in invoice.split}
        for id_, minor in billed.items():
            assert minor <= parts.get(id_, 0), f"{id_} is asked for more than its part"

    def attempt(self, work: Callable[[], Any]) -> Any:
        """Return what a use case returns; one that refuses in words has changed nothing."""
        before = self.digest()
        try:
            return work()
        except ServiceUnavailable:
            raise  # a duplicate, or a conflict, of which there is none with one at work
        except ClinicError:
            assert self.digest() == before
            return None

    def digest(self) -> dict[str, str]:
        base = self.office.database
        return {
            name: json.dumps(list(base[name].find().sort("_id", 1)), default=json_util.default)
            for name in base.list_collection_names()
        }

    def hear(self, plan: CoverageChanged) -> None:
        self.changes += 1
        self.office.know(plan.coverage_id, plan, seq=self.changes)

    def take(self, read: Read) -> None:
        self.files.append(read)
        raw = f"file {len(self.files)}".encode()
        file = take(self.office, read, raw)
        assert file.state in {"posted", "duplicate"}, file.findings
        before = self.digest()
        take(self.office, read, raw)
        assert self.digest() == before

    def says(self, kind: str, which: int) -> list[RemittedClaim]:
        if kind == "reversed":
            return [taken_back(self.said[which % len(self.said)])] if self.said else []
        if (claim := self.claim(which)) is None:
            return []
        said = decision(claim, "full" if kind == "stray" else kind)
        if kind == "stray":
            said = replace(said, reference="?", payer_reference="?", position=len(self.files))
        self.said.append(said)
        return [said]

    def invoice(self, which: int) -> InvoiceView | None:
        ids = self.invoice_ids
        return self.office.reread(ids[which % len(ids)]) if ids else None

    def claim(self, which: int) -> ClaimView | None:
        known = [c for id_ in self.invoice_ids for c in self.claims_of(self.office.reread(id_))]
        return known[which % len(known)] if known else None

    def claims_of(self, invoice: InvoiceView) -> list[ClaimView]:
        """Return an invoice's claims in the order in which they were made, heirs after theirs."""
        every = {each.id: each for each in self.office.desk().claims.of_invoice(invoice.id)}
        found = []
        for first in invoice.claim_ids:
            id_: str | None = first
            while id_ is not None:
                found.append(every[id_])
                id_ = every[id_].replaced_by
        assert {each.id for each in found} == every.keys()
        return found

    @staticmethod
    def part(of: Money, share: int) -> Money:
        return replace(of, amount_minor=of.amount_minor * share // 100)


def test_every_cent_is_explained_whatever_is_done(office: Any) -> None:
    class Here(Machine):
        def __init__(self) -> None:
            super().__init__(office)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
