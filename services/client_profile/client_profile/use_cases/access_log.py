"""Every look at a client's record is recorded before it is answered, and can be asked about."""

from collections.abc import Callable
from typing import TypeVar

from client_profile.ports import AccessLog, Desk
from client_profile.use_cases.clients import existing
from clinic_contracts.client_profile.access_log import AccessPage, ReadAccessLog, Viewed

T = TypeVar("T")
OWN_WORK = "system:"
"""Actors that are the system itself: that a client is there, asked before booking, is no look."""


def viewed(
    client_id: str, what: Viewed, look: Callable[[Desk], T], desk: Desk, access_log: AccessLog
) -> T:
    """Return what is seen once it is recorded who saw it; what is refused was not seen."""
    seen = look(desk)
    if not desk.context.actor.startswith(OWN_WORK):
        access_log.record(client_id, what, desk.context, desk.now)
    return seen


def read_access_log(request: ReadAccessLog, desk: Desk, access_log: AccessLog) -> AccessPage:
    """Return who looked at a client's record; raises NotFound."""
    existing(request.client_id, desk)
    return access_log.page(request)
