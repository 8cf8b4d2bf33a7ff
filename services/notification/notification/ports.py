"""What sending and the use cases need of the outside, said by them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from clinic_contracts.booking.events import OfferMade, Visit
from clinic_contracts.context import CallContext
from clinic_contracts.notification.requests import ListMessages, MessageView
from notification.domain import Letter, Message, Planned, Situation
from notification.offers import Offered


class NotDeliveredError(Exception):
    """The channel did not take the message; trying again may help."""


class UndeliverableError(Exception):
    """The channel will never take the message."""


class TakenOverError(Exception):
    """Another sender has the message, because this one was too slow."""


class AlreadyRemindedError(Exception):
    """Another message reminds of this very schedule."""


class Visits(Protocol):
    """The visits and offers as their events left them."""

    def keep_offer(self, offer_id: str, seq: int, status: str) -> None:
        """Keep what an offer is, unless a later event was there first."""

    def keep_visit(self, visit: Visit, version: int, status: str) -> None:
        """Keep a visit as it is at ``version``, unless a later version was there first."""


class Messages(Protocol):
    """The messages, and what is true of the visits they are about."""

    def plan(
        self, visit: Visit, version: int, planned: Sequence[Planned], context: CallContext
    ) -> None:
        """Schedule messages; one per appointment, version and kind, whatever is redelivered."""

    def plan_offer(self, offer: OfferMade, at: datetime, context: CallContext) -> None:
        """Schedule the letter of an offer, due at once; one per offer."""

    def page(
        self, request: ListMessages, location_ids: Sequence[str] | None
    ) -> tuple[tuple[MessageView, ...], str | None]:
        """Return a page, newest first, and the cursor of the next one, if there is one.

        ``location_ids`` None means of every location. Raises Invalid for a cursor that is none.
        """

    def take(self, now: datetime) -> Message | None:
        """Take the message that is due the longest, for a while and counting the attempt."""

    def situation(self, message: Message) -> Situation:
        """Return what is true of a message's visit and client now."""

    def offered(self, message: Message) -> Offered:
        """Return what is true of a message's offer and client now."""

    def hand_over(self, message: Message, visit: Visit | None, version: int, now: datetime) -> None:
        """Record that the client may know of ``visit``, as of ``version``, from now on.

        Of an offer there is no visit yet.

        Raises TakenOverError, AlreadyRemindedError.
        """

    def sent(self, message: Message, reason: str, now: datetime) -> None:
        """Record that a message went out."""

    def ended(self, message: Message, state: str, reason: str, now: datetime) -> None:
        """Record that a message was skipped, or failed, and why."""

    def delay(self, message: Message, until: datetime, reason: str, *, attempts: int) -> None:
        """Have a message come up again, having been tried ``attempts`` times."""


class Channel(Protocol):
    """A way for letters to leave."""

    def send(self, letter: Letter, hand_over: Callable[[], None]) -> None:
        """Send a letter, calling ``hand_over`` right before it may reach the client.

        Raises NotDeliveredError, UndeliverableError, and what ``hand_over`` raises.
        """
