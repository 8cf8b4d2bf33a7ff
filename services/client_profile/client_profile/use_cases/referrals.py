"""Referrals: one function per command or question."""

from dataclasses import fields

from client_profile.domain import referrals
from client_profile.domain.invalid import check_number
from client_profile.ports import Desk
from client_profile.use_cases.clients import existing
from clinic_contracts.client_profile import referrals as f
from clinic_contracts.client_profile.requests import ListOfClient


def add_referral(request: f.AddReferral, desk: Desk) -> f.ReferralView:
    """Add a referral to a client, or return what a first try added; 100 are the most.

    Referrals added in the same instant may pass the limit by as many as they are.
    """
    id_ = desk.derived_id("ref", desk.context.operation_id)
    existing(request.client_id, desk)
    known = {referral.id for referral in desk.charts.of(f.ReferralView, request.client_id)}
    if id_ not in known:
        check_number(len(known), referrals.REFERRALS_MAX, "referrals")
    given = {each.name: getattr(request, each.name) for each in fields(request)}
    referral = f.ReferralView(id=id_, version=1, **given)
    return desk.charts.add(referral, referrals.check(referral), desk.context)


def list_referrals(request: ListOfClient, desk: Desk) -> f.ReferralList:
    """Return a client's referrals, the latest issued first."""
    existing(request.client_id, desk)
    found = desk.charts.of(f.ReferralView, request.client_id)
    return f.ReferralList(items=tuple(sorted(found, key=lambda one: one.issued, reverse=True)))
