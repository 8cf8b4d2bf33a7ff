"""Claims to payers."""

from billing.entrypoints.base import Entrypoints
from billing.use_cases import records
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
        return records.get_claim(request.claim_id, self._desk(context))
