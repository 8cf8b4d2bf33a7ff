"""Sending what is due: decide from what is true now, then send, then record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic_contracts.booking.events import Visit
from notification import offers, wording
from notification.domain import Fail, Letter, Message, Send, Skip, Wait, decide
from notification.offers import Tell
from notification.ports import (
    AlreadyRemindedError,
    Channel,
    Messages,
    NotDeliveredError,
    TakenOverError,
    UndeliverableError,
)

BATCH = 100
TRIES = 10
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends what is due; ``report`` is told of errors of ours, by message id.

    ``offer_link`` makes the link by which an offer is answered, from its id.
    """

    messages: Messages
    channel: Channel
    clock: Callable[[], datetime]
    report: Callable[[str, Exception], None]
    offer_link: Callable[[str], str]

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
        now = self.clock()
        if message.attempts > TRIES:
            reason = f"given up: {TRIES} senders ended while they had it"
            self.messages.ended(message, "failed", reason, now)
            return
        match self._decided(message, now):
            case Send() as send:
                letter = wording.write(message.id, send, now)
                self._send(message, letter, send.visit, send.version, send.reason)
            case Tell() as tell:
                link = self.offer_link(tell.offer.offer_id)
                letter = wording.write_offer(message.id, tell, link)
                self._send(message, letter, None, 0, "due")
            case Skip(reason):
                self.messages.ended(message, "skipped", reason, now)
            case Fail(reason):
                self.messages.ended(message, "failed", reason, now)
            case Wait(until, reason):
                self.messages.delay(message, until, reason, attempts=message.attempts - 1)

    def _decided(self, message: Message, now: datetime) -> Send | Tell | Skip | Fail | Wait:
        if message.kind == "offer":
            return offers.decide(self.messages.offered(message), now)
        situation = self.messages.situation(message)
        return decide(message.kind, situation, message.first_taken_at, now)

    def _send(
        self, message: Message, letter: Letter, visit: Visit | None, version: int, reason: str
    ) -> None:
        now = self.clock()
        try:
            self.channel.send(
                letter,
                lambda: self.messages.hand_over(message, visit, version, self.clock()),
            )
        except TakenOverError:
            return
        except AlreadyRemindedError:
            already = "the client has been reminded of this already"
            self.messages.ended(message, "skipped", already, now)
        except UndeliverableError as error:
            self.messages.ended(message, "failed", str(error), now)
        except NotDeliveredError as error:
            self._try_again(message, f"the mail server did not take it: {error}")
        else:
            self.messages.sent(message, reason, now)

    def _try_again(self, message: Message, reason: str) -> None:
        now = self.clock()
        if message.attempts >= TRIES:
            self.messages.ended(message, "failed", reason, now)
        else:
            pause = min(FIRST_DELAY * 4 ** (message.attempts - 1), LONGEST_DELAY)
            self.messages.delay(message, now + pause, reason, attempts=message.attempts)
