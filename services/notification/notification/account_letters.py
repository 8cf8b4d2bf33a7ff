"""Letters to members of staff about their accounts: sent at once, and nothing of them kept.

Their link is as good as a password, so it does not wait in a database for a timer.
"""

from datetime import datetime
from typing import Protocol

from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid, ServiceUnavailable
from clinic_contracts.notification.letters import AccountLetterSent, SendAccountLetter
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id
from notification import wording
from notification.ports import Channel, NotDeliveredError, UndeliverableError

PAGE = "/console/reset"
RETRY_SECONDS = 30


class Sent(Protocol):
    """Which letters went out."""

    def has(self, message_id: str) -> bool:
        """Say whether a letter went out."""

    def keep(self, message_id: str, at: datetime) -> None:
        """Record that a letter went out."""


def send(
    request: SendAccountLetter, context: CallContext, sent: Sent, channel: Channel, public_url: str
) -> AccountLetterSent:
    """Send the letter unless the same operation sent it before.

    Raises ServiceUnavailable when the mail server does not take it now, Invalid when it never will.
    """
    id_ = derived_id("msg", "account letter", context.operation_id)
    if not sent.has(id_):
        link = f"{public_url}{PAGE}?token={request.token}"
        try:
            channel.send(wording.write_account(id_, request, link), lambda: None)
        except UndeliverableError as error:
            detail = "is not an address that mail reaches"
            raise Invalid("not accepted: to", errors={"to": [detail]}) from error
        except NotDeliveredError as error:
            detail = "the mail server did not take the letter"
            raise ServiceUnavailable(detail, retry_after=RETRY_SECONDS) from error
        sent.keep(id_, now())
    return AccountLetterSent(message_id=id_)
