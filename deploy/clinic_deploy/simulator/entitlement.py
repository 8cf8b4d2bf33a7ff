"""What the simulated payer says about eligibility: a pure function of the question.

What happens is told by the end of the policy's number, such as ``M-1-INACTIVE``; every other
policy is in force, with 12 visits a year of which 5 are left, and 400.00 left of 500.00.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
X12_LIMIT = Benefit(kind="limit", code="F", in_network=True)
X12_BENEFITS = (
    replace(X12_LIMIT, quantity=12, period="calendar_year"),
    replace(X12_LIMIT, quantity=5, period="remaining"),
    replace(X12_LIMIT, minor=50000, period="calendar_year"),
    replace(X12_LIMIT, minor=40000, period="remaining"),
    Benefit(kind="coinsurance", code="A", percent=20, in_network=True),
)
FHIR_LIMIT = Benefit(kind="limit", code="visit", in_network=True, period="annual")
FHIR_BENEFITS = (
    replace(FHIR_LIMIT, quantity=12),
    replace(FHIR_LIMIT, kind="used", quantity=7),
    replace(FHIR_LIMIT, code="benefit", minor=50000),
    replace(FHIR_LIMIT, code="benefit", kind="used", minor=10000),
    replace(FHIR_LIMIT, code="copay-percent", kind="coinsurance", percent=20),
)


def scenario(inquiry: EligibilityInquiry) -> str:
    """Return what happens to a question; empty for one that asks for nothing."""
    end = inquiry.subscriber.member_id.rpartition("-")[2].casefold()
    return end if end in SCENARIOS else ""


def answer(inquiry: EligibilityInquiry, gives: Sequence[Benefit]) -> Eligibility:
    """Return what is answered; ``gives`` is what a policy in force does, in the tongue's codes."""
    what = scenario(inquiry)
    told = queued(inquiry)
    if what == "unknown":
        return replace(told, rejections=(NOT_FOUND,))
    if what == "inactive":
        over = Benefit(kind="inactive", code="6", services=inquiry.services)
        return replace(told, active=False, benefits=(over,))
    first = Benefit(kind="active", code="1", services=inquiry.services)
    rest = (replace(each, services=inquiry.services) for each in gives)
    return replace(told, active=True, benefits=(first, *rest))


def queued(inquiry: EligibilityInquiry) -> Eligibility:
    """Return that the question arrived, and no answer yet."""
    person = inquiry.subscriber.person
    return Eligibility(
        payer_id=inquiry.payer.id,
        member_id=inquiry.subscriber.member_id,
        active=None,
        subscriber_name=f"{person.first_name} {person.last_name}".strip(),
        group_number=inquiry.subscriber.group_number,
        trace=inquiry.trace,
    )
