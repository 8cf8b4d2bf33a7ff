"""Claims to payers."""

from functools import cached_property

from billing import mailing
from billing.entrypoints.base import Entrypoints
from billing.payers.carrier import HttpCarrier
from billing.use_cases import claiming, drafting, records
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import requests as r
from clinic_contracts.context import CallContext
from clinic_runtime.config import Setting
from clinic_runtime.rpc import command
from clinic_runtime.timers import every

SEND_SECONDS = 2.0
FETCH_SECONDS = 3.0


class Claims(Entrypoints):
    """What payers are asked for."""

    payer_url = Setting("payer_url", "")

    @cached_property
    def carrier(self) -> HttpCarrier:
        """The way to payers."""
        return HttpCarrier(str(self.payer_url or ""), self.payers)

    @every(SEND_SECONDS)
    def send_claims(self) -> None:
        """Send what is queued."""
        mailing.send_claims(self._desk, self.carrier)

    @every(FETCH_SECONDS)
    def fetch_mail(self) -> None:
        """Fetch what payers have for us, where they are reached at all."""
        if self.payer_url:
            mailing.fetch_mail(self._desk, self.carrier)

    @command(op.LIST_CLAIMS)
    def list_claims(self, request: r.ListClaims, context: CallContext) -> r.ClaimPage:
        """Return a page of claims."""
        return records.list_claims(request, self._desk(context))

    @command(op.DRAFT_CLAIM)
    def draft_claim(self, request: c.DraftClaim, context: CallContext) -> r.ClaimView:
        """Return the draft of a claim, with what is given of it."""
        return drafting.draft_claim(request, self._desk(context))

    @command(op.GET_CLAIM)
    def get_claim(self, request: r.GetClaim, context: CallContext) -> r.ClaimView:
        """Return a claim."""
        return claiming.get_claim(request.claim_id, self._desk(context))

    @command(op.LIST_ALARMS)
    def list_alarms(self, request: c.ListAlarms, context: CallContext) -> c.AlarmList:
        """Return claims that wait too long."""
        return claiming.list_alarms(request, self._desk(context))

    @command(op.COUNT_WORK)
    def count_work(self, request: c.CountWork, context: CallContext) -> c.WorkCounts:
        """Return how much waits for somebody who bills."""
        return claiming.count_work(request, self._desk(context))

    @command(op.GET_CLAIM_FILE)
    def get_claim_file(self, request: c.GetClaimFile, context: CallContext) -> c.ClaimFile:
        """Return a claim as its payer gets it."""
        return claiming.claim_file(request.claim_id, self._desk(context))

    @command(op.CHANGE_CLAIM)
    def change_claim(self, request: c.ChangeClaim, context: CallContext) -> r.ClaimView:
        """Change what a claim says."""
        return claiming.change_claim(request, self._desk(context))

    @command(op.VALIDATE_CLAIM)
    def validate_claim(self, request: c.ActOnClaim, context: CallContext) -> r.ClaimView:
        """Have the scrubber look at a claim."""
        return claiming.validate_claim(request, self._desk(context))

    @command(op.SUBMIT_CLAIM)
    def submit_claim(self, request: c.ActOnClaim, context: CallContext) -> r.ClaimView:
        """Put a claim among those that go out next."""
        return claiming.submit_claim(request, self._desk(context))

    @command(op.VOID_CLAIM)
    def void_claim(self, request: c.ActOnClaimBecause, context: CallContext) -> r.ClaimView:
        """Take a claim back."""
        return claiming.void_claim(request, self._desk(context))

    @command(op.CORRECT_CLAIM)
    def correct_claim(self, request: c.ActOnClaimBecause, context: CallContext) -> r.ClaimView:
        """Draft the claim that takes a decided one's place."""
        return claiming.correct_claim(request, self._desk(context))

    @command(op.APPEAL_CLAIM)
    def appeal_claim(self, request: c.ActOnClaimBecause, context: CallContext) -> r.ClaimView:
        """Record that a decision is appealed."""
        return claiming.appeal_claim(request, self._desk(context))

    @command(op.CLOSE_CLAIM)
    def close_claim(self, request: c.ActOnClaimBecause, context: CallContext) -> r.ClaimView:
        """End a decided claim."""
        return claiming.close_claim(request, self._desk(context))
