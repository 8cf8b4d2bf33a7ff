"""What the card processor tells by itself: the payment or refund it is about goes on at once.

An event is believed that there is something to ask, and no more: the processor is asked by the id
of the payment, as the sweep would ask it, so that events out of order or late do no harm.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pymongo.database import Database

from billing import repository
from billing.ports import Desk
from billing.stripe_events import CardEvent
from billing.use_cases.paying import resume_payment
from billing.use_cases.refunding import resume_refund
from clinic_contracts.billing.card_events import CardEventTaken
from clinic_contracts.context import CallContext

DeskOf = Callable[[CallContext], Desk]


def take(
    event: CardEvent, database: Database[dict[str, Any]], desk_of: DeskOf, now: datetime
) -> CardEventTaken:
    """Go on with what an event is about, once for each event.

    Raises ServiceUnavailable while the outcome is not known; the processor sends it again then.
    """
    if repository.is_card_event_taken(database, event.id):
        return CardEventTaken(id=event.id, type=event.type, state="repeated")
    taken = _went_on(event, database, desk_of)
    repository.keep_card_event(database, event.id, now)
    return CardEventTaken(id=event.id, type=event.type, state="taken" if taken else "ignored")


def _went_on(event: CardEvent, database: Database[dict[str, Any]], desk_of: DeskOf) -> bool:
    if event.payment_id:
        payment = repository.payment_under_way(database, event.payment_id)
        if payment is not None:
            resume_payment(payment.payment, payment.token, desk_of(payment.context))
            return True
    if event.refund_id:
        refund = repository.refund_under_way(database, event.refund_id)
        if refund is not None:
            resume_refund(refund.refund, desk_of(refund.context))
            return True
    return False
