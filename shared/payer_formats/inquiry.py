"""What is asked of a payer before a visit: whether a policy is in force, and what it gives."""

from dataclasses import dataclass
from datetime import date

from payer_formats.claim import Payer, Person, Provider, Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityInquiry:
    """A question about one person's cover on a day (X12 270, CoverageEligibilityRequest).

    ``trace`` is our number of the question, which the answer repeats, at most 50 characters;
    ``services`` are the payer's service types, 30 for the plan as a whole. ``patient`` is None
    when the subscriber is the patient.
    """

    trace: str
    payer: Payer
    provider: Provider
    subscriber: Subscriber
    day: date
    patient: Person | None = None
    services: tuple[str, ...] = ("30",)
