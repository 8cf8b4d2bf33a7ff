"""What every group of entrypoints stands on."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

from billing import repository, rules
from billing.cards import SimulatedCards
from billing.claim_ports import Built, Leaving
from billing.payers.inquiring import question_of
from billing.payers.profiles import BUILT_IN, Profiles, profiles
from billing.payers.reading import read_beside
from billing.payers.scrubbing import scrub
from billing.payers.tongues import Numbers, build_file, claims_a_file
from billing.ports import Cards, Desk, InvoicePaper
from billing.second_opinion.client import SecondOpinion
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.claims import ClaimFinding
from clinic_contracts.billing.day_closes import DayCloseView
from clinic_contracts.billing.statements import StatementView
from clinic_contracts.context import CallContext
from clinic_runtime.clock import now
from clinic_runtime.config import Setting
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.observability import get_logger
from clinic_runtime.operations import Operable
from clinic_runtime.outbox import Outbox
from clinic_runtime.sealing import FieldSealer

log = get_logger(__name__)
OPINION_SECONDS = 10
"""With a payer's 35 less than the minute after which a batch is due again."""


class Entrypoints(Operable):
    """The service's database and outbox, and the desk its use cases work at."""

    name = "billing"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)
    projections = repository.PROJECTIONS
    sealer = FieldSealer("file_key", "CLINIC_FILE_KEY")
    payers_file = Setting("payers", "")
    stripe_key = Setting("stripe_key", "")
    stripe_url = Setting("stripe_url", "")
    stripe_webhook_secret = Setting("stripe_webhook_secret", "")

    @cached_property
    def payers(self) -> Profiles:
        """Who pays, and how each is spoken to."""
        return profiles(Path(self.payers_file) if self.payers_file else BUILT_IN)

    @cached_property
    def cards(self) -> Cards:
        """The card processor: Stripe where there is a key, the simulator where there is none."""
        if not self.stripe_key:
            log.warning("cards.simulated", hint="set CLINIC_STRIPE_SECRET_KEY to take real cards")
            return SimulatedCards()
        from billing.stripe_cards import StripeCards  # noqa: PLC0415 (20 MB)

        return StripeCards(self.stripe_key, self.stripe_url)

    @cached_property
    def second_opinion(self) -> SecondOpinion:
        """The worker that is asked about files, which runs only while there are any."""
        return SecondOpinion(seconds=OPINION_SECONDS)

    @cached_property
    def _standing(self) -> Callable[..., Desk]:
        """What makes a desk of what differs from call to call; the rest is made once."""
        return partial(
            Desk,
            records=repository.MongoRecords(self.database),
            prepaid=repository.PrepaidRecords(self.database),
            day_closes=repository.DayCloseRecords(self.database),
            statements=repository.StatementRecords(self.database),
            reports=repository.ReportRecords(self.database),
            pay=repository.PayRecords(self.database),
            claims=repository.MongoClaimRecords(self.database, self.sealer),
            eligibility=repository.EligibilityRecords(self.database, self.sealer),
            inquire=lambda inquired: question_of(inquired, self.payers),
            route=self.payers.route,
            scrub=self._scrub,
            build_file=self._build_file,
            claims_a_file=lambda payer_id: claims_a_file(payer_id, self.payers),
            is_paid=self.payers.is_paid,
            read_file=read_beside,
            second_opinion=self.second_opinion.ask,
            looks_at=self.payers.looks_at,
            rules=rules.current(),
            cards=self.cards,
            receipt_pdf=_receipt_pdf,
            receipt_html=_receipt_html,
            paper_html=_paper_html,
            derived_id=derived_id,
        )

    def _desk(self, context: CallContext) -> Desk:
        return self._standing(
            transact=lambda work: repository.transact(self.database, context, self.sealer, work),
            context=context,
            now=now(),
        )

    def _build_file(
        self, claims: Sequence[Leaving], payer_id: str, control: int, sequence: int
    ) -> Built:
        return build_file(claims, payer_id, Numbers(control, sequence, now()), self.payers)

    def _scrub(self, leaving: Leaving) -> Sequence[ClaimFinding]:
        return scrub(leaving, self.payers.by_id(leaving.claim.payer_id), now().date())


def _receipt_pdf(receipt: r.ReceiptView, *, duplicate: bool) -> bytes:
    # Only here, since its library takes 20 MB that a process which prints nothing can spare.
    from billing import printing  # noqa: PLC0415

    return printing.receipt_pdf(receipt, duplicate=duplicate)


def _receipt_html(receipt: r.ReceiptView, *, duplicate: bool) -> str:
    from billing import pages  # noqa: PLC0415 (as above)

    return pages.receipt_html(receipt, duplicate=duplicate)


def _paper_html(paper: StatementView | DayCloseView | InvoicePaper) -> str:
    from billing import pages  # noqa: PLC0415 (as above)

    return pages.paper_html(paper)
