"""Payments and refunds by card whose process ended before it recorded the processor's answer."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from billing import repository
from billing.ports import Desk
from billing.use_cases import selling
from billing.use_cases.paying import resume_payment
from billing.use_cases.refunding import resume_refund
from clinic_contracts.context import CallContext
from clinic_runtime.observability import get_logger

log = get_logger(__name__)
LEFT_AFTER = timedelta(minutes=1)
EVERYWHERE = timedelta(hours=12)
"""How much longer than in UTC a day lasts where it ends last."""
EXPIRED_AT_ONCE = 500


def resume_payments(
    database: Database[dict[str, Any]], desk_of: Callable[[CallContext], Desk], now: datetime
) -> None:
    """Ask the processor again, by the same id, about each payment left longer than a minute."""
    while left := repository.take_left_payment(database, now - LEFT_AFTER, now):
        try:
            resume_payment(left.payment, left.token, desk_of(left.context))
        except Exception:  # one payment's trouble must not hold up the others
            log.exception("payment.still_processing", payment_id=left.payment.id)


def resume_refunds(
    database: Database[dict[str, Any]], desk_of: Callable[[CallContext], Desk], now: datetime
) -> None:
    """Ask the processor again, by the same id, about each refund left longer than a minute."""
    while left := repository.take_left_refund(database, now - LEFT_AFTER, now):
        try:
            resume_refund(left.refund, desk_of(left.context))
        except Exception:  # one refund's trouble must not hold up the others
            log.exception("refund.still_processing", refund_id=left.refund.id)


def expire(
    database: Database[dict[str, Any]], desk_of: Callable[[CallContext], Desk], now: datetime
) -> None:
    """Take what is left of packages whose last day is over everywhere."""
    for prepaid_id in repository.expired(database, (now - EVERYWHERE).date(), EXPIRED_AT_ONCE):
        context = CallContext(
            actor="system:billing", correlation_id=prepaid_id, operation_id=f"expire:{prepaid_id}"
        )
        try:
            selling.expire(prepaid_id, desk_of(context))
        except Exception:  # one's trouble must not hold up the others
            log.exception("prepaid.not_expired", prepaid_id=prepaid_id)
