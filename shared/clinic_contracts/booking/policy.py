"""The terms of a visit: what a late cancellation, a missed visit and a deposit cost."""

from dataclasses import dataclass
from typing import Annotated, Literal

from clinic_contracts.constraints import Range
from clinic_contracts.money import Money

Percent = Annotated[int, Range(0, 100)]
Because = Literal["illness", "other"]
"""Why a visit is called off or was missed, as far as the policy asks."""
FeeReason = Literal["late_cancellation", "no_show"]
WaivedBecause = Literal["policy", "discretion"]
"""The policy exempts it, or staff let it go. Events never say illness: that is health data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationPolicy:
    """The terms a visit was booked under: the window in hours, fees in percent of its price.

    Set as a whole: what is left out is as usual. ``illness_exempt``: a client who is ill pays no
    fee. A deposit is a percentage of the price or an amount, not both; never more than the price.
    """

    window_hours: Annotated[int, Range(0, 720)] = 24
    late_fee_percent: Percent = 50
    no_show_fee_percent: Percent = 100
    illness_exempt: bool = True
    deposit_percent: Percent = 0
    deposit_amount: Money | None = None


USUAL_POLICY = CancellationPolicy()
