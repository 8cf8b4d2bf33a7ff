"""What a referral must be to make sense, and what is told of it."""

from client_profile.domain.invalid import check_limits, invalid
from clinic_contracts.client_profile.events import ReferralChanged
from clinic_contracts.client_profile.referrals import ReferralView

REFERRALS_MAX = 100


def check(referral: ReferralView) -> ReferralChanged:
    """Return the event that tells of a sound referral, not who gave it; raises Invalid otherwise.

    Who refers a client tells of their health: an oncologist, say.
    """
    if referral.expires < referral.issued:
        raise invalid("expires", "lies before issued")
    check_limits({"maximum_amount": referral.maximum_amount})
    return ReferralChanged(
        referral_id=referral.id,
        client_id=referral.client_id,
        issued=referral.issued,
        expires=referral.expires,
        maximum_visits=referral.maximum_visits,
        maximum_amount=referral.maximum_amount,
        disciplines=referral.disciplines,
        no_shows_count=referral.no_shows_count,
    )
