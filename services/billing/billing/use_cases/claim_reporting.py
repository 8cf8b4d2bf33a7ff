"""Reports of claims for visits of a period, at the locations that the caller may see."""

from billing.domain.claim_report import denial_reasons, turnaround
from billing.ports import Desk
from billing.use_cases.reporting import scope_of
from clinic_contracts.billing import reports as c


def claim_turnaround(request: c.GetClaimTurnaround, desk: Desk) -> c.ClaimTurnaround:
    """Return how long each payer takes, and what it does; raises NotFound, Invalid."""
    dealt = desk.reports.dealt(scope_of(request, desk))
    return c.ClaimTurnaround(from_=request.from_, to=request.to, items=turnaround(dealt))


def denials(request: c.GetDenialReasons, desk: Desk) -> c.DenialReasons:
    """Return why payers denied claims; raises NotFound, Invalid."""
    rows = denial_reasons(desk.reports.dealt(scope_of(request, desk)), request.currency)
    return c.DenialReasons(from_=request.from_, to=request.to, items=rows)
