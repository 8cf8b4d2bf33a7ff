"""Sending what is due: decide from what is true now, then send, then record."""

from collections.abc import Callable
from datetime import datetime, timedelta

from notification import wording
from notification.channels.email import NotDeliveredError
from notification.domain import Send, Skip, decide
from notification.repository import Message, MongoMessages
from notification.wording import Letter

BATCH = 100
TRIES = 5
FIRST_DELAY = timedelta(seconds=5)


def send_due(
    messages: MongoMessages, send: Callable[[Letter], None], clock: Callable[[], datetime]
) -> int:
    """Deal with up to a hundred due messages; return how many there were."""
    for count in range(BATCH):
        message = messages.take(clock())
        if message is None:
            return count
        _deal(message, messages, send, clock())
    return BATCH


def _deal(
    message: Message, messages: MongoMessages, send: Callable[[Letter], None], at: datetime
) -> None:
    situation = messages.situation(message)
    decision = decide(message.kind, message.visit, message.planned_at, situation, at)
    if isinstance(decision, Skip):
        messages.skipped(message, decision.reason, at)
    elif isinstance(decision, Send):
        contact = situation.contact
        if contact is None or contact.email is None:
            messages.skipped(message, "the client has no e-mail address", at)
            return
        letter = wording.write(
            message_id=message.id,
            kind=decision.kind,
            visit=message.visit,
            version=message.appointment_version,
            to=contact.email,
            name=contact.name,
            place=messages.place(message.visit),
            at=at,
        )
        try:
            send(letter)
        except NotDeliveredError as error:
            _try_again(message, messages, str(error), at)
        else:
            messages.sent(message, decision.reason, at)
    else:
        messages.delay(message, decision.until, decision.reason, message.attempts)


def _try_again(message: Message, messages: MongoMessages, error: str, at: datetime) -> None:
    attempts = message.attempts + 1
    if attempts >= TRIES:
        messages.skipped(message, f"the mail server did not take it: {error}", at, state="failed")
    else:
        until = at + FIRST_DELAY * 4 ** (attempts - 1)
        messages.delay(message, until, f"the mail server did not take it: {error}", attempts)
