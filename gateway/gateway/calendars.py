"""Calendar feeds: their addresses, made and answered."""

import hashlib
from dataclasses import dataclass

from clinic_contracts.booking import operations as op
from clinic_contracts.constraints import Instant
from clinic_contracts.context import CallContext
from clinic_runtime.ids import ulid
from clinic_runtime.rpc import RpcClient
from gateway.http import etags
from gateway.http.answers import json_answer, text_answer
from gateway.http.messages import Request, Response
from gateway.identity import callers
from gateway.routing import OwnCall

TAG = "Calendars"
FEEDS = "/v1/practitioners/<practitioner_id>/calendar-feeds"
CREATED = 201
NOT_MODIFIED = 304
MEDIA_TYPE = "text/calendar"
KEPT_BY_READERS = "private, max-age=300"
ANYBODY = "system:calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAddress:
    """A new calendar feed; who has the ``url`` reads it. It is shown this once."""

    id: str
    practitioner_id: str
    url: str
    created_at: Instant


OPEN_FEED = OwnCall(
    method="POST",
    path=FEEDS,
    name="open_calendar_feed",
    summary="Open a calendar feed of a practitioner's busy times, at a secret address.",
    tag=TAG,
    action="manage",
    answer=FeedAddress,
    status=CREATED,
    refusals=(404, 422, 503),
)
READ_FEED = OwnCall(
    method="GET",
    path="/v1/calendars/<secret>.ics",
    name="read_calendar_feed",
    summary="A practitioner's busy times, for a calendar to subscribe to.",
    tag=TAG,
    action="public",
    answer=MEDIA_TYPE,
    refusals=(404, 422, 503),
    tagged=True,
)


def open_feed(request: Request, rpc: RpcClient, context: CallContext) -> Response:
    """Answer a new feed's address: not kept for a repeat, as an Idempotency-Key would have it."""
    made = rpc.call(op.OPEN_FEED, request.path_values, context)
    scheme = "https" if callers.over_tls(request) else "http"
    secret = made.pop("secret")
    url = f"{scheme}://{request.headers.get('host', '')}/v1/calendars/{secret}.ics"
    return json_answer({**made, "url": url}, CREATED)


def read_feed(request: Request, rpc: RpcClient) -> Response:
    """Answer the calendar, or that the reader has it as it is."""
    context = CallContext(
        actor=ANYBODY,
        correlation_id=request.id,
        operation_id=ulid(),
        traceparent=request.traceparent,
    )
    text = rpc.call(op.READ_FEED, request.path_values, context)["text"]
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": KEPT_BY_READERS}
    if etags.unchanged(request.headers.get("if-none-match", ""), etag):
        return Response(NOT_MODIFIED, headers)
    return text_answer(text, MEDIA_TYPE, headers)
