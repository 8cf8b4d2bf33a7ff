"""One feed over the journals of several services: what the API's ``/v1/events`` and a replay read.

A cursor is the position reached in each journal; it is opaque to whoever keeps it. Where a journal
is to be begun at an instant, the instant stands in the position's place until that is known.
"""

import base64
import binascii
import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from clinic_contracts.context import CallContext
from clinic_contracts.errors import ClinicError, InternalError, Invalid, ServiceUnavailable
from clinic_contracts.operations import LIST_EVENTS
from clinic_runtime.rpc import RpcClient

Document = dict[str, Any]
Reached = dict[str, int | str]
LARGEST_POSITION = 2**53 - 1


class Row(NamedTuple):
    """An event at its place in a service's journal."""

    service: str
    position: int
    event: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """Events, earliest first as far as their journals' order allows, and what comes after them.

    ``reached`` and ``heads`` are positions per service; of the ``unavailable`` the page has none.
    """

    rows: list[Row]
    reached: Reached
    heads: dict[str, int]
    unavailable: list[str] = field(default_factory=list)

    @property
    def events(self) -> list[Document]:
        """The events alone."""
        return [row.event for row in self.rows]

    @property
    def left(self) -> int:
        """How many positions lie ahead."""
        return left(self.reached, self.heads)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Reads the journals of ``services``, each by asking its service."""

    rpc: RpcClient
    services: Sequence[str]
    context: CallContext

    def page(
        self,
        reached: Mapping[str, int | str],
        *,
        types: Sequence[str] = (),
        limit: int,
    ) -> FeedPage:
        """Return up to ``limit`` events after what is reached; ``{}`` is where all began."""
        which = {"types": list(types), "limit": limit}
        questions = [
            (LIST_EVENTS.of(service), {**_after(reached.get(service, 0)), **which})
            for service in self.services
        ]
        pages: dict[str, Document] = {}
        absent = []
        answers = self.rpc.call_all(questions, self.context)
        for service, answer in zip(self.services, answers, strict=True):
            if is_absent(answer):
                absent.append(service)
            else:
                pages[service] = answered(answer)
        rows, positions = _merged(pages, limit)
        return FeedPage(
            rows=rows,
            reached={**reached, **positions},
            heads={service: page["head"] for service, page in pages.items()},
            unavailable=absent,
        )


def begin(services: Iterable[str], since: datetime) -> Reached:
    """Return what stands for the first events of an instant or later."""
    return dict.fromkeys(services, since.isoformat())


def left(reached: Mapping[str, int | str], heads: Mapping[str, int]) -> int:
    """Return how many positions lie between what is reached and the heads."""
    found = ((head, reached[service]) for service, head in heads.items())
    return sum(max(0, head - at) for head, at in found if isinstance(at, int))


def encode(reached: Mapping[str, Any]) -> str:
    """Return the cursor of what was reached in each service."""
    text = json.dumps(dict(sorted(reached.items())), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str) -> Reached:
    """Return what was reached in each service; raises Invalid for a cursor that is none."""
    return unpacked(cursor, "after", _may_be_reached)


def unpacked(cursor: str, name: str, fits: Callable[[Any], bool]) -> dict[str, Any]:
    """Return a cursor's part for each service; Invalid names the field where one does not fit."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(found, dict) and all(map(fits, found.values())):
            return found
    except (binascii.Error, ValueError, RecursionError):
        pass
    detail = "the cursor is not one that this list gave"
    raise Invalid(detail, errors={name: [detail]})


def is_absent(answer: Document | ClinicError) -> bool:
    """Say whether an answer means that its service cannot take part now."""
    return isinstance(answer, (ServiceUnavailable, InternalError))


def answered(answer: Document | ClinicError) -> Document:
    """Return an answer, or raise the refusal it is."""
    if isinstance(answer, ClinicError):
        raise answer
    return answer


def _may_be_reached(value: Any) -> bool:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        return datetime.fromisoformat(value).tzinfo is not None
    return type(value) is int and 0 <= value <= LARGEST_POSITION


def _after(reached: int | str) -> dict[str, int | str]:
    return {"after": reached} if isinstance(reached, int) else {"since": reached}


def _merged(pages: Mapping[str, Document], limit: int) -> tuple[list[Row], dict[str, int]]:
    """Return the earliest ``limit`` events of the pages and the positions then reached.

    A journal's own order stays, also where its times are not in order.
    """
    positions = {service: page["next"] for service, page in pages.items()}
    rows: list[Row] = []
    streams = [_stream(service, page["events"]) for service, page in pages.items()]
    for _time, service, position, event in heapq.merge(*streams, key=lambda each: each[:3]):
        if len(rows) == limit:
            # The first that finds no room: its journal is reached up to the one before.
            positions[service] = min(positions[service], position - 1)
        else:
            rows.append(Row(service, position, event))
    return rows, positions


def _stream(service: str, found: Sequence[Document]) -> Iterator[tuple[str, str, int, Document]]:
    latest = ""
    for each in found:
        latest = max(latest, each["event"]["time"])
        yield latest, service, each["position"], each["event"]
