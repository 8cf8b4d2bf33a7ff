"""What the gateway asks of several services at once."""

import json
import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clinic_contracts.billing import operations as billing
from clinic_contracts.booking import operations as booking
from clinic_contracts.client_profile import operations as client_profile
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ClinicError, Invalid, NotFound, ServiceUnavailable
from clinic_contracts.notification import operations as notification
from clinic_contracts.operations import Operation
from clinic_runtime.rpc import RpcClient
from gateway.routing import Route

VERIFICATIONS = (booking.VERIFY, client_profile.VERIFY, notification.VERIFY, billing.VERIFY)
EXPECTED = ("overlaps", "ledger_imbalance_minor", "unpublished_events", "parked")
KNOWN_CLIENTS_KEPT = 100_000
PING_SECONDS = 1.0
PULSE_SECONDS = 2.0
PINGS: list[tuple[Operation, dict[str, Any]]] = [
    (booking.GET_TREATMENT, {"treatment_id": "trt_0"}),
    (client_profile.GET_CLIENT, {"client_id": "cli_0"}),
    (notification.LIST_MESSAGES, {"client_id": "cli_0"}),
    (billing.GET_INVOICE, {"invoice_id": "inv_0"}),
]
FOR_A_CLIENT = (booking.BOOK_APPOINTMENT, booking.BOOK_SERIES, booking.JOIN_WAITLIST)
OF_A_CLIENT = (booking.GET_BOOKING_LIMITS,)
"""What is asked about a client of a service that does not know who may see them."""
SEEN_SECONDS = 60.0
"""A client may be taken from a location; that one is there at all never changes."""
_known_clients: dict[tuple[str, tuple[str, ...] | None], float] = {}
"""Until when each is known to be there for those who see these locations."""


@dataclass
class _Pulse:
    found: dict[str, str] = field(default_factory=dict)
    until: float = 0.0


_pulse = _Pulse()


def verify(rpc: RpcClient, context: CallContext) -> dict[str, Any]:
    """Return the findings of all services summed, their counts, and who did not answer."""
    answers = rpc.call_all([(operation, {}) for operation in VERIFICATIONS], context, timeout=30)
    findings: Counter[str] = Counter(dict.fromkeys(EXPECTED, 0))
    counts: Counter[str] = Counter()
    absent = []
    for operation, answer in zip(VERIFICATIONS, answers, strict=True):
        if isinstance(answer, ClinicError):
            absent.append(operation.service)
            continue
        findings.update(answer["findings"])
        counts.update(answer["counts"])
    return {**findings, "counts": dict(counts), "unavailable": absent}


def before(
    route: Route, body: bytes, carried: Mapping[str, Any], rpc: RpcClient, context: CallContext
) -> None:
    """Refuse to book for a client whom the caller does not see, or to have them wait.

    So it does what is asked about one, as if there were no such client. Who was seen is not asked
    for again: for good by who sees the whole chain (clients are never deleted), for a minute by
    others. While client_profile is away, booking goes on: staff picked the client from a list. A
    body that cannot be read is the service's to refuse.
    """
    if route.operation in FOR_A_CLIENT:
        client_id = _client_id(body)
        if client_id is None:
            return
        try:
            _check_seen(client_id, rpc, context)
        except ServiceUnavailable:
            return
        except (NotFound, Invalid) as error:
            detail = f"there is no client {client_id[:64]}"
            raise Invalid(detail, errors={"client_id": [detail]}) from error
    elif route.operation in OF_A_CLIENT:
        _check_seen(carried["client_id"], rpc, context)


def _check_seen(client_id: str, rpc: RpcClient, context: CallContext) -> None:
    """Raise NotFound, Invalid or ServiceUnavailable unless the caller is known to see a client."""
    about, at = (client_id, context.location_scope), time.monotonic()
    if _known_clients.get(about, 0.0) > at:
        return
    # Nobody looks at the client's record here, so its access log tells of nobody.
    ours = replace(context, actor="system:gateway")
    rpc.call(client_profile.GET_CLIENT, {"client_id": client_id}, ours, timeout=2)
    if len(_known_clients) >= KNOWN_CLIENTS_KEPT:
        _known_clients.clear()
    _known_clients[about] = math.inf if context.location_scope is None else at + SEEN_SECONDS


def _client_id(body: bytes) -> str | None:
    try:
        document = json.loads(body)
        found = document.get("template", document)["client_id"]  # a series has it in its template
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def services(rpc: RpcClient, correlation_id: str) -> dict[str, str]:
    """Return of each service why it does not answer, or nothing if it does.

    Each is asked, in at most a second, for a record that does not exist: any answer will do. What
    was found is kept for two seconds, as everybody may ask.
    """
    at = time.monotonic()
    if at < _pulse.until:
        return _pulse.found
    context = CallContext(actor="system:gateway", correlation_id=correlation_id, operation_id="")
    answers = rpc.call_all(PINGS, context, timeout=PING_SECONDS)
    _pulse.found = {
        operation.service: answer.detail if isinstance(answer, ServiceUnavailable) else ""
        for (operation, _question), answer in zip(PINGS, answers, strict=True)
    }
    _pulse.until = time.monotonic() + PULSE_SECONDS
    return _pulse.found
