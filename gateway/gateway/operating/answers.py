"""Asks all services at once and puts their answers together; who is away is named, not missed.

``asked`` holds what stands in the query and in the path.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version as version_of
from typing import Any, get_args

from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid, NotFound, ServiceUnavailable
from clinic_contracts.operations import (
    LIST_PARKED,
    LIST_QUEUES,
    RETRY_PARKED,
    Operation,
    RetryParked,
)
from clinic_contracts.schemas import load
from clinic_runtime import feed, parked
from clinic_runtime.clock import now
from clinic_runtime.rpc import RpcClient
from gateway.identity.access import Actor
from gateway.operating import traces
from gateway.operating.calls import (
    PARKED,
    QUEUES,
    RETRY,
    ListEveryParked,
    ReadFeed,
    ServiceName,
)
from gateway.streaming.sight import sight_of

Document = dict[str, Any]
SERVICES: tuple[str, ...] = get_args(ServiceName)
RETRY_AFTER = 2
ENDED = ""
"""In a cursor: this service has no more."""


def list_queues(_asked: Document, rpc: RpcClient, context: CallContext) -> Document:
    """Return what waits in every service's queues."""
    found, absent = _ask(rpc, context, LIST_QUEUES, {service: {} for service in SERVICES})
    items = [{"service": service, **report} for service, report in found.items()]
    return {
        "items": items,
        "next": None,
        "unavailable": absent,
        "at": now().isoformat(),
        "gateway_version": version_of("clinicops-gateway"),
    }


def list_parked(asked: Document, rpc: RpcClient, context: CallContext) -> Document:
    """Return a page of what is parked, in one service or in all of them."""
    wanted = load(ListEveryParked, asked, lenient=True)
    reached: dict[str, str] = {}
    if wanted.cursor is not None:
        reached = feed.unpacked(wanted.cursor, "cursor", lambda part: isinstance(part, str))
    services = [wanted.service] if wanted.service else SERVICES
    questions = {
        service: {"limit": wanted.limit, "cursor": reached.get(service)}
        for service in services
        if reached.get(service) != ENDED
    }
    pages, absent = _ask(rpc, context, LIST_PARKED, questions)
    rows = [(each["at"], service, each) for service, p in pages.items() for each in p["items"]]
    rows.sort(key=lambda row: row[0], reverse=True)
    page = rows[: wanted.limit]
    for service, answer in pages.items():
        taken = [each for _at, of, each in page if of == service]
        if len(taken) == len(answer["items"]):
            reached[service] = answer["next"] or ENDED
        elif taken:
            reached[service] = parked.cursor_after(taken[-1]["at"], taken[-1]["id"])
    more = any(reached.get(service) != ENDED for service in pages)
    return {
        "items": [{**row, "id": f"{of}:{row['id']}", "service": of} for _at, of, row in page],
        "next": feed.encode(reached) if more else None,
        "unavailable": absent,
    }


def retry_parked(asked: Document, rpc: RpcClient, context: CallContext) -> Document:
    """Hand a parked event over once more; its id is ``billing:evt_…``, as the list gives it."""
    id_ = load(RetryParked, asked).parked_id
    service, _, parked_id = id_.partition(":")
    if service not in SERVICES or not parked_id:
        raise NotFound(f"there is no parked event {id_}")
    rpc.call(RETRY_PARKED.of(service), {"parked_id": parked_id}, context)
    return {"id": id_, "service": service}


def list_events(asked: Document, rpc: RpcClient, context: CallContext, actor: Actor) -> Document:
    """Return a page of the feed over every service's journal, as far as the actor may see it."""
    wanted = load(ReadFeed, asked, lenient=True)
    if wanted.after is not None and wanted.since is not None:
        detail = "give after or since, not both"
        raise Invalid(detail, errors={"since": [detail]})
    begin: feed.Reached = {} if wanted.since is None else feed.begin(SERVICES, wanted.since)
    reached = begin if wanted.after is None else feed.decode(wanted.after)
    source = feed.Feed(rpc=rpc, services=SERVICES, context=context)
    page = source.page(reached, types=wanted.types, limit=wanted.limit)
    _refuse_if_all_are_away(page.unavailable, SERVICES)
    sight = sight_of(actor, wanted.types)
    return {
        "events": [event for event in page.events if sight.sees(event)],
        "next": feed.encode(page.reached),
        "more": page.left > 0,
        "unavailable": page.unavailable,
    }


ANSWERS: Mapping[str, Callable[[Document, RpcClient, CallContext], Document]] = {
    QUEUES.name: list_queues,
    PARKED.name: list_parked,
    RETRY.name: retry_parked,
    traces.TRACE.name: partial(traces.read_trace, SERVICES),
}


def _ask(
    rpc: RpcClient, context: CallContext, operation: Operation, questions: Mapping[str, Document]
) -> tuple[dict[str, Document], list[str]]:
    """Return each service's answer, and which of them are away."""
    asked = [(operation.of(service), question) for service, question in questions.items()]
    answers = dict(zip(questions, rpc.call_all(asked, context), strict=True))
    absent = [service for service, answer in answers.items() if feed.is_absent(answer)]
    _refuse_if_all_are_away(absent, tuple(questions))
    there = {service: feed.answered(a) for service, a in answers.items() if service not in absent}
    return there, absent


def _refuse_if_all_are_away(absent: Sequence[str], asked: Sequence[str]) -> None:
    if asked and len(absent) == len(asked):
        raise ServiceUnavailable("no service answers; try again", retry_after=RETRY_AFTER)
