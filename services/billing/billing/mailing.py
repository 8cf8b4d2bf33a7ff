"""The timer's work for claims: batches made and sent, payers' mail fetched."""

from collections.abc import Callable

from billing.claim_ports import Carrier
from billing.eligibility_ports import Asking
from billing.ports import Desk
from billing.use_cases import eligibility, looking, sending
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ServiceUnavailable
from clinic_runtime.ids import ulid
from clinic_runtime.observability import get_logger

log = get_logger(__name__)
ACTOR = "system:billing"


def send_claims(desk_of: Callable[[CallContext], Desk], carrier: Carrier) -> None:
    """Put what is queued into batches and send what is due."""
    sending.make_batches(desk_of(_context()), carrier)
    sending.send_batches(desk_of(_context()), carrier)


def ask_again(desk_of: Callable[[CallContext], Desk], payers: Asking) -> None:
    """Ask about eligibility what nobody is known to have heard."""
    eligibility.ask_again(desk_of(_context()), payers)


def fetch_mail(desk_of: Callable[[CallContext], Desk], carrier: Carrier) -> None:
    """Take in what payers have for us; the cursor is kept after it, so that nothing is missed."""
    desk = desk_of(_context())
    cursor = desk.claims.mail_cursor()
    try:
        following = sending.fetch_answers(cursor, desk, carrier)
    except ServiceUnavailable as error:
        log.warning("payer.mail_not_fetched", error=error.detail)
        return
    if following != cursor:
        desk.claims.keep_mail_cursor(following)


def look_at_files(desk_of: Callable[[CallContext], Desk]) -> None:
    """Have a second opinion on payers' files that were taken in since."""
    looking.look_at_files(desk_of(_context()))


def _context() -> CallContext:
    return CallContext(actor=ACTOR, correlation_id=ulid(), operation_id=ulid())
