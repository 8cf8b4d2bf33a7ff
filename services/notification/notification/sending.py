"""Sending what is due: decide from what is true now, then send, then record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from clinic_contracts.booking.events import Visit
from notification import wording
from notification.domain import (
    AlreadyRemindedError,
    Fail,
    Message,
    NotDeliveredError,
    Place,
    Send,
    Situation,
    Skip,
    TakenOverError,
    UndeliverableError,
    Wait,
    decide,
)
from notification.wording import Letter

BATCH = 100
TRIES = 10
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)


class Messages(Protocol):
    """The messages and what is known of the visits and people they are about."""

    def take(self, at: datetime) -> Message | None:
        """Take the message that is due the longest, for a while and counting the attempt."""

    def situation(self, message: Message) -> Situation:
        """Return what is true of a message's visit and client now."""

    def place(self, visit: Visit) -> Place:
        """Return where and with whom a visit is."""

    def hand_over(self, message: Message, visit: Visit, at: datetime) -> None:
        """Record that the client may know of ``visit`` from now on.

        Raises TakenOverError, AlreadyRemindedError.
        """

    def sent(self, message: Message, reason: str, at: datetime) -> None:
        """Record that a message went out."""

    def ended(self, message: Message, state: str, reason: str, at: datetime) -> None:
        """Record that a message was skipped, or failed, and why."""

    def delay(self, message: Message, until: datetime, reason: str, *, attempts: int) -> None:
        """Have a message come up again, having been tried ``attempts`` times."""


class Channel(Protocol):
    """A way for letters to leave."""

    def send(self, letter: Letter, hand_over: Callable[[], None]) -> None:
        """Send a letter, calling ``hand_over`` right before it may reach the client.

        Raises NotDeliveredError, UndeliverableError, and what ``hand_over`` raises.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends what is due; ``report`` is told of errors of ours, by message id."""

    messages: Messages
    channel: Channel
    clock: Callable[[], datetime]
    report: Callable[[str, Exception], None]

    def send_due(self) -> int:
        """Deal with up to a hundred due messages; return how many there were."""
        for count in range(BATCH):
            message = self.messages.take(self.clock())
            if message is None:
                return count
            try:
                self._deal(message)
            except Exception as error:  # noqa: BLE001 (one message never holds up the others)
                self.report(message.id, error)
                self._try_again(message, f"an error of ours: {type(error).__name__}")
        return BATCH

    def _deal(self, message: Message) -> None:
        at = self.clock()
        if message.attempts > TRIES:
            reason = f"given up: {TRIES} senders ended while they had it"
            self.messages.ended(message, "failed", reason, at)
            return
        decision = decide(message.kind, self.messages.situation(message), message.since, at)
        match decision:
            case Send():
                self._send(message, decision, at)
            case Skip(reason):
                self.messages.ended(message, "skipped", reason, at)
            case Fail(reason):
                self.messages.ended(message, "failed", reason, at)
            case Wait(until, reason):
                self.messages.delay(message, until, reason, attempts=message.attempts - 1)

    def _send(self, message: Message, decision: Send, at: datetime) -> None:
        letter = wording.write(
            message_id=message.id,
            decision=decision,
            place=self.messages.place(decision.visit),
            at=at,
        )
        try:
            self.channel.send(
                letter, lambda: self.messages.hand_over(message, decision.visit, self.clock())
            )
        except TakenOverError:
            return
        except AlreadyRemindedError:
            reason = "the client has been reminded of this already"
            self.messages.ended(message, "skipped", reason, at)
        except UndeliverableError as error:
            self.messages.ended(message, "failed", str(error), at)
        except NotDeliveredError as error:
            self._try_again(message, f"the mail server did not take it: {error}")
        else:
            self.messages.sent(message, decision.reason, at)

    def _try_again(self, message: Message, reason: str) -> None:
        at = self.clock()
        if message.attempts >= TRIES:
            self.messages.ended(message, "failed", reason, at)
        else:
            pause = min(FIRST_DELAY * 4 ** (message.attempts - 1), LONGEST_DELAY)
            self.messages.delay(message, at + pause, reason, attempts=message.attempts)
