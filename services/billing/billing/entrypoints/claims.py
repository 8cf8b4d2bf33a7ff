"""Claims to payers."""

from billing.entrypoints.base import Entrypoints
from billing.use_cases import claiming, records
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import requests as r
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Claims(Entrypoints):
    """What payers are asked for."""

    @command(op.LIST_CLAIMS)
    def list_claims(self, request: r.ListClaims, context: CallContext) -> r.ClaimPage:
        """Return a page of claims."""
        return records.list_claims(request, self._desk(context))

    @command(op.GET_CLAIM)
    def get_claim(self, request: r.GetClaim, context: CallContext) -> r.ClaimView:
        """Return a claim."""
        return claiming.get_claim(request.claim_id, self._desk(context))

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
