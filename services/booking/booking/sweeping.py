"""What comes round: rounds whose time is over, and entries whose last day is."""

from collections.abc import Callable

from booking.ports import Desk
from booking.use_cases import rounds, waitlist
from clinic_contracts.context import CallContext
from clinic_runtime.ids import ulid
from clinic_runtime.observability import get_logger

log = get_logger(__name__)
ROUNDS_AT_ONCE = 100


def advance_rounds(desk_of: Callable[[CallContext], Desk]) -> None:
    """Take on each round that is due; of several replicas, each takes others."""
    for _ in range(ROUNDS_AT_ONCE):
        desk = desk_of(_ours())
        due = desk.waitlist.take_due(desk.now)
        if due is None:
            return
        try:
            rounds.advance(due, desk)
        except Exception:  # one round's trouble must not hold up the others; it is due again soon
            log.exception("waitlist.round_not_advanced", round_id=due.id)


def expire_entries(desk_of: Callable[[CallContext], Desk]) -> None:
    """Take off the list whose last day is over."""
    waitlist.expire_past(desk_of(_ours()))


def _ours() -> CallContext:
    id_ = ulid()
    return CallContext(actor="system:waitlist", correlation_id=id_, operation_id=id_)
