"""What the trail answers, to those who may look over others' shoulders."""

from dataclasses import dataclass
from typing import Annotated

from clinic_contracts.constraints import Cursor, Instant, Limit, Text
from clinic_contracts.trusted import dump
from gateway.http.answers import json_answer
from gateway.http.messages import Response
from gateway.identity.audit import Kind, Sought
from gateway.identity.names import names_of
from gateway.identity_calls.asking import Asked
from gateway.routing import OwnCall


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAudit:
    """Rows, the newest first; ``to`` is not included. ``actor`` is such as ``staff:usr_…``."""

    actor: Annotated[str, Text(max=80)] | None = None
    kind: Kind | None = None
    from_: Instant | None = None
    to: Instant | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """Something that happened, by whom, and what it was about.

    ``actor`` is ``nobody:…`` where somebody was not known; equal ones gave the same name.
    ``location_ids`` are of whom it concerns, null being every one. ``count`` repeats of a refusal
    within a minute stand in one row.
    """

    id: str
    at: Instant
    kind: Kind
    actor: str
    actor_name: str
    about: str | None
    reason: str | None
    location_ids: tuple[str, ...] | None
    network: str
    request_id: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """A page of the trail."""

    items: tuple[AuditRow, ...]
    next: str | None = None


LIST = OwnCall(
    method="GET",
    path="/v1/audit",
    name="list_audit",
    summary="Sign-ins, refusals, and changes of who may what.",
    tag="Audit",
    action="audit",
    request=ListAudit,
    answer=AuditPage,
    refusals=(503,),
)


def list_audit(asked: Asked) -> Response:
    """Answer a page of the trail."""
    wanted = asked.query(ListAudit)
    sought = Sought(
        scope=asked.actor.location_ids,
        actor=wanted.actor,
        kind=wanted.kind,
        since=wanted.from_,
        until=wanted.to,
        before=asked.reached(wanted.cursor),
    )
    found = asked.accounts.audit.page(sought, wanted.limit + 1)
    page = found[: wanted.limit]
    names = names_of(asked.accounts.database, (row.actor for row in page))
    items = tuple(
        AuditRow(
            id=row.id,
            at=row.at,
            kind=row.kind,
            actor=row.actor,
            actor_name=names[row.actor],
            about=row.about,
            reason=row.reason,
            location_ids=row.location_ids,
            network=row.network,
            request_id=row.request_id,
            count=row.count,
        )
        for row in page
    )
    more = asked.following(page[-1].id) if len(found) > len(page) else None
    return json_answer(dump(AuditPage(items=items, next=more)))


ANSWERS = {LIST: list_audit}
