"""The notification service. Entrypoints translate; ``domain`` and ``sending`` decide."""

import traceback
from datetime import timedelta
from pathlib import Path

from clinic_contracts.booking.events import OfferClosed, OfferMade
from clinic_contracts.booking.offer_token import offer_token
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_contracts.notification import operations as op
from clinic_contracts.notification import requests as r
from clinic_contracts.notification.letters import AccountLetterSent, SendAccountLetter
from clinic_contracts.operations import Verification, Verify
from clinic_runtime.clock import now
from clinic_runtime.config import Setting
from clinic_runtime.events import handles
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.observability import get_logger
from clinic_runtime.operations import Operable
from clinic_runtime.outbox import Outbox
from clinic_runtime.rpc import command
from clinic_runtime.timers import every
from clinic_runtime.verify import base_counts
from notification import account_letters, domain, repository, use_cases
from notification.channels.email import MailServer
from notification.ports import Channel
from notification.repository import LEASE, MongoMessages, webhooks
from notification.repository.account_letters import SentLetters
from notification.sending import Sender
from notification.webhooks.entrypoints import Webhooks

log = get_logger(__name__)


class NotificationService(Webhooks, Operable):
    """Messages to clients, and webhooks to a clinic's own programs."""

    name = "notification"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)
    projections = repository.PROJECTIONS
    grace_seconds = Setting("grace_seconds")
    lease_seconds = Setting("lease_seconds", LEASE.total_seconds())
    offer_secret = Setting("offer_secret")
    public_url = Setting("public_url")
    mailer = MailServer()

    @handles(*repository.KEPT)
    def keep(self, event: Event) -> None:
        """Keep what other services say of theirs."""
        repository.Known(self.database).keep(event)

    @handles(*domain.STATUS_AFTER)
    def follow_visit(self, event: Event) -> None:
        """Follow a visit, and plan the messages that it asks for."""
        visits = repository.Known(self.database)
        use_cases.follow_visit(event, self._grace(), visits, self._messages())

    @handles(OfferMade, OfferClosed)
    def follow_offer(self, event: Event) -> None:
        """Follow an offer, and plan its letter."""
        use_cases.follow_offer(event, repository.Known(self.database), self._messages())

    @every(0.5)
    def send_due(self) -> None:
        """Send what is due."""
        with self.mailer as channel:
            self._sender(channel).send_due()

    @command(op.LIST_MESSAGES)
    def list_messages(self, request: r.ListMessages, context: CallContext) -> r.MessagePage:
        """Return a page of a client's or an appointment's messages."""
        return use_cases.list_messages(request, context, self._messages())

    @command(op.SEND_ACCOUNT_LETTER)
    def send_account_letter(
        self, request: SendAccountLetter, context: CallContext
    ) -> AccountLetterSent:
        """Send a member of staff the link by which they choose a password."""
        with self.mailer as channel:
            return account_letters.send(
                request, context, SentLetters(self.database), channel, self.public_url
            )

    @command(op.VERIFY)
    def verify(self, _request: Verify, _context: CallContext) -> Verification:
        """Check the service's own books."""
        findings, counts = base_counts(self.database, repository.OUTBOXES)
        counts |= repository.counts(self.database, now() + self._grace())
        counts |= webhooks.counts(self.database, now())
        return Verification(service=self.name, findings=findings, counts=counts)

    def _sender(self, channel: Channel) -> Sender:
        return Sender(
            messages=self._messages(),
            channel=channel,
            clock=now,
            report=_report,
            offer_link=lambda id_: (
                f"{self.public_url}/offers/{offer_token(self.offer_secret, id_)}"
            ),
        )

    def _grace(self) -> timedelta:
        return timedelta(seconds=float(self.grace_seconds))

    def _messages(self) -> MongoMessages:
        return MongoMessages(self.database, timedelta(seconds=float(self.lease_seconds)))


def _report(message_id: str, error: Exception) -> None:
    """Log where an error happened, not what it says: that may quote the client."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    log.error("message.failed", message_id=message_id, error=type(error).__name__, where=where)
