"""Claims that wait too long: for a payer's word, for its decision, or for us to send them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from billing.domain.claim import insisted, outstanding
from clinic_contracts.billing.claims import ClaimAlarm
from clinic_contracts.billing.requests import ClaimView

WITHOUT_ACKNOWLEDGEMENT = timedelta(hours=24)
WITHOUT_DECISION = timedelta(days=30)
PENDED = timedelta(days=14)
BEFORE_THE_LAST_DAY = timedelta(days=14)
NOT_SENT = frozenset({"draft", "validated", "rejected"})
WAITING = ("submitted", "received", "accepted", "pended", *sorted(NOT_SENT))
"""States in which a claim can wait too long."""


def alarms(claim: ClaimView, now: datetime) -> Iterator[ClaimAlarm]:
    """Yield what is to be looked at; by hand no acknowledgement is waited for."""
    since = claim.history[-1].at if claim.history else claim.created_at
    waited = now - since

    def told(code: str, text: str) -> ClaimAlarm:
        return ClaimAlarm(
            claim_id=claim.id,
            invoice_id=claim.invoice_id,
            location_id=claim.location_id,
            carrier=claim.carrier,
            state=claim.state,
            code=code,  # type: ignore[arg-type]  # one of the contract's
            text=text,
            since=since,
            outstanding=outstanding(claim),
            client_id=claim.client_id,
            service_date=claim.service_date,
            file_by=claim.file_by,
        )

    by_hand = claim.tongue == "portal"
    if claim.state == "submitted" and not by_hand and waited > WITHOUT_ACKNOWLEDGEMENT:
        yield told("no_acknowledgement", "sent, and not acknowledged for more than 24 hours")
    if claim.state in {"received", "accepted"} and waited > WITHOUT_DECISION:
        yield told("not_decided", f"not decided for {waited.days} days")
    if claim.state == "pended" and waited > PENDED:
        yield told("pended_long", f"held by the payer for {waited.days} days")
    if claim.state == "rejected":
        why = f" ({claim.findings[-1].text})" if claim.findings else ""
        yield told("rejected", f"refused on its way in{why}: mend and submit it")
    if claim.state == "validated" and (found := insisted(claim)):
        yield told("held", f"not sent, for what a second opinion finds: {found[0].text}")
    if claim.state in NOT_SENT and claim.file_by is not None:
        left = (claim.file_by - now.date()).days
        if left < 0:
            yield told("filed_too_late", f"the payer took it until {claim.file_by}")
        elif left <= BEFORE_THE_LAST_DAY.days:
            yield told("file_soon", f"the payer takes it for {left} more days")
