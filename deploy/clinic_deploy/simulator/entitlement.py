"""What the simulated payer says about eligibility: a pure function of policy and service.

What happens is told by the end of the policy's number, such as ``M-1-INACTIVE``; every other
policy is in force, with 12 visits a year of which 5 are left, and 400.00 of money.
"""

from collections.abc import Mapping

from payer_formats.answers import Benefit, Eligibility
from payer_formats.inquiry import EligibilityInquiry

SCENARIOS: Mapping[str, str] = {
    "inactive": "the policy is not in force",
    "unknown": "the payer does not find the member (271 AAA03 75)",
    "late": "in force, answered by mail",
}
NOT_FOUND = "75"
LATE = 3.0
"""Seconds until an answer comes by mail."""


def scenario(inquiry: EligibilityInquiry) -> str:
    """Return what happens to a question; empty for one that asks for nothing."""
    end = inquiry.subscriber.member_id.rpartition("-")[2].casefold()
    return end if end in SCENARIOS else ""


def answer(inquiry: EligibilityInquiry) -> Eligibility:
    """Return what is answered."""
    what = scenario(inquiry)
    person = inquiry.subscriber.person
    found = what != "unknown"
    return Eligibility(
        payer_id=inquiry.payer.id,
        member_id=inquiry.subscriber.member_id,
        active=what != "inactive" if found else None,
        benefits=_benefits(inquiry.services, active=what != "inactive") if found else (),
        subscriber_name=f"{person.first_name} {person.last_name}".strip(),
        group_number=inquiry.subscriber.group_number,
        trace=inquiry.trace,
        rejections=() if found else (NOT_FOUND,),
    )


def _benefits(services: tuple[str, ...], *, active: bool) -> tuple[Benefit, ...]:
    if not active:
        return (Benefit(kind="inactive", code="6", services=services),)
    return (
        Benefit(kind="active", code="1", services=services),
        Benefit(
            kind="limit",
            code="F",
            services=services,
            quantity=12,
            in_network=True,
            period="calendar_year",
        ),
        Benefit(
            kind="limit",
            code="F",
            services=services,
            quantity=5,
            in_network=True,
            period="remaining",
        ),
        Benefit(
            kind="limit",
            code="F",
            services=services,
            minor=40000,
            in_network=True,
            period="remaining",
        ),
        Benefit(kind="coinsurance", code="A", services=services, percent=20, in_network=True),
    )
