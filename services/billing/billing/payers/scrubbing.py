"""What keeps a claim from its payer: what every payer asks for, and this one besides."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

from billing.claim_ports import Leaving
from billing.domain.claim import OVER, decision
from billing.payers.outgoing import outgoing
from billing.payers.profiles import Profile
from billing.payers.tongues import faults
from clinic_contracts.billing.claims import ClaimDetails, ClaimFinding
from clinic_contracts.billing.requests import ClaimView
from payer_formats.claim import Claim
from payer_formats.findings import Finding


def scrub(leaving: Leaving, profile: Profile | None, today: date) -> tuple[ClaimFinding, ...]:
    """Return what is wrong with a claim, the field and the mending of each named."""
    claim = leaving.claim
    sent = outgoing(leaving, profile)
    found = [
        *_everywhere(claim, claim.details or ClaimDetails(), today),
        *_order(leaving),
        *_tongue(sent, profile),
        *faults(sent, profile, today),
    ]
    return tuple(ClaimFinding(**asdict(each)) for each in found)


def _everywhere(claim: ClaimView, details: ClaimDetails, today: date) -> Iterator[Finding]:
    if not claim.member_id:
        yield Finding(
            code="MEMBER_ID",
            text="the coverage has no member number",
            where="member_id",
            fix="enter it at the client's coverage, then invoice anew",
        )
    total = sum(line.charge.amount_minor for line in details.lines)
    if total != claim.charge.amount_minor:
        yield Finding(
            code="CHARGE_SUM",
            text=f"the lines add up to {total}, the claim is for {claim.charge.amount_minor}",
            where="lines",
            fix="have the lines add up to the fee of the invoice",
        )
    if {line.charge.currency for line in details.lines} - {claim.charge.currency}:
        yield Finding(
            code="CURRENCY_MIX",
            text=f"the claim is in {claim.charge.currency}, a line is not",
            where="lines",
            fix=f"give every charge in {claim.charge.currency}",
        )
    if claim.service_date > today:
        yield Finding(
            code="FUTURE_DATE",
            text="the service is still to come",
            where="service_date",
            fix="submit it once it was given",
        )
    if claim.file_by is not None and today > claim.file_by:
        yield Finding(
            code="TIMELY_FILING",
            text=f"the payer took it until {claim.file_by}",
            where="service_date",
            fix="ask the payer to take it late, or close it",
            severity="warning",
        )


def _order(leaving: Leaving) -> Iterator[Finding]:
    for each in leaving.earlier:
        if decision(each) is None and each.state not in OVER:
            yield Finding(
                code="PRIMARY_UNDECIDED",
                text=f"{each.carrier} pays before this payer and has not decided yet",
                where="prior",
                fix=f"wait for what {each.carrier} decides of {each.number}",
            )


def _tongue(sent: Claim, profile: Profile | None) -> Iterator[Finding]:
    if profile is None or profile.tongue == "portal":
        return
    where = sent.billing.address
    if profile.tongue == "x12" and (where is None or not where.city):
        yield Finding(
            code="BILLING_ADDRESS",
            text="the location's address names no city, which X12 asks for (2010AA N401)",
            where="N401",
            fix="write it at the location as 1 Main St, Victoria, BC V8T 1A1 before the next visit",
            severity="warning",
        )
    for line in sent.lines:
        if not line.procedure:
            yield Finding(
                code="PROCEDURE",
                text="the payer has no name for this treatment",
                where="lines.procedure",
                line=line.number,
                fix="enter the payer's code for it",
            )
