"""One request across all services: which events it led to, and what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from clinic_contracts import catalogue
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ServiceUnavailable
from clinic_contracts.schemas import load
from clinic_contracts.tracing import FIND_DELIVERIES, READ_TRACE, ReadTrace, TracedEvent
from clinic_runtime import feed
from clinic_runtime.rpc import RpcClient
from gateway.routing import OwnCall

Document = dict[str, Any]
Answers = Mapping[str, Document]
State = Literal["handled", "parked", "waiting", "unknown"]
RETRY_AFTER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumed:
    """What a service did with an event: ``waiting`` is on its way, ``unknown`` of one away."""

    service: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent(TracedEvent):
    """An event, the service that published it, and what each that hears it did with it."""

    service: str
    consumers: tuple[Consumed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The events of one request, the earliest first; of each service at most 200.

    ``more``: a service has others. ``unavailable`` names the services that did not answer.
    """

    correlation_id: str
    events: tuple[TimelineEvent, ...]
    more: bool
    unavailable: tuple[str, ...]


TRACE = OwnCall(
    method="GET",
    path="/v1/operations/traces/<correlation_id>",
    name="read_trace",
    summary="What one request led to in every service; its id is the answer's X-Request-Id.",
    tag="Operations",
    action="operate",
    answer=Timeline,
    refusals=(422, 503),
)


def read_trace(
    services: tuple[str, ...], asked: Document, rpc: RpcClient, context: CallContext
) -> Document:
    """Return a request's timeline; raises ServiceUnavailable when no service answers."""
    wanted = load(ReadTrace, asked)
    reading = [
        (READ_TRACE.of(service), {"correlation_id": wanted.correlation_id}) for service in services
    ]
    found = _there(services, rpc.call_all(reading, context))
    if not found:
        raise ServiceUnavailable("no service answers; try again", retry_after=RETRY_AFTER)
    rows = [
        (each["at"], service, each) for service, page in found.items() for each in page["events"]
    ]
    rows.sort(key=lambda row: row[:2])
    done = _deliveries(services, [each["id"] for _at, _of, each in rows], rpc, context)
    events = [
        {**each, "service": of, "consumers": _consumers(each, done)} for _at, of, each in rows
    ]
    return {
        "correlation_id": wanted.correlation_id,
        "events": events,
        "more": any(page["more"] for page in found.values()),
        "unavailable": [service for service in services if service not in found],
    }


def _deliveries(
    services: tuple[str, ...], event_ids: list[str], rpc: RpcClient, context: CallContext
) -> Answers:
    if not event_ids:
        return {}
    finding = [(FIND_DELIVERIES.of(service), {"event_ids": event_ids}) for service in services]
    return _there(services, rpc.call_all(finding, context))


def _there(services: tuple[str, ...], answers: list[Any]) -> Answers:
    """Return the answers of the services that gave one."""
    pairs = zip(services, answers, strict=True)
    return {service: feed.answered(a) for service, a in pairs if not feed.is_absent(a)}


def _consumers(event: Document, done: Answers) -> list[Document]:
    heard_by = sorted(catalogue.consumers().get(event["type"], ()))
    return [{"service": each, "state": _state(event["id"], done.get(each))} for each in heard_by]


def _state(event_id: str, found: Document | None) -> State:
    if found is None:
        return "unknown"
    if event_id in found["handled"]:
        return "handled"
    return "parked" if event_id in found["parked"] else "waiting"
