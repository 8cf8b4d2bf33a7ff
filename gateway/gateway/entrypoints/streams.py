"""The feed of all events: page by page, and as they happen."""

from clinic_contracts.context import CallContext
from clinic_contracts.schemas import load
from clinic_runtime import feed
from clinic_runtime.config import Setting
from clinic_runtime.ids import ulid
from clinic_runtime.passing import Passing
from gateway.entrypoints.base import Entrypoints
from gateway.forwarding import context_of
from gateway.http import requests
from gateway.http.answers import json_answer
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.identity import callers
from gateway.identity.access import Actor, authorise
from gateway.operating import answers
from gateway.operating.answers import SERVICES
from gateway.operating.calls import EVENTS, STREAM, FollowFeed
from gateway.routing import OwnCall
from gateway.streaming.blocks import MEDIA_TYPE
from gateway.streaming.live import Live
from gateway.streaming.sight import Sight, sight_of
from gateway.streaming.stream import EventStream, Journals

HEADERS = {"Content-Type": MEDIA_TYPE, "X-Accel-Buffering": "no"}
"""The second keeps nginx from collecting a stream before it hands it on."""
EVERYBODY = CallContext(actor="system:gateway", correlation_id="stream", operation_id="stream")


class Streams(Entrypoints):
    """What programs follow."""

    live = Passing(lambda: Live(SERVICES), *SERVICES)
    most_streams = Setting("most_streams", 1_000)
    streams_a_caller = Setting("streams_a_caller", 500)
    heartbeat_seconds = Setting("heartbeat_seconds", 15)

    @endpoint(EVENTS)
    def list_events(self, request: Request, call: OwnCall) -> Response:
        """Answer a page of the feed; degrades by part."""

        def ask(actor: Actor) -> Response:
            context = context_of(request, actor, ulid())
            page = answers.list_events(requests.query(request), self.rpc, context, actor)
            return json_answer(page)

        return self._signed_in(request, call, ask)

    @endpoint(STREAM)
    def follow_events(self, request: Request, call: OwnCall) -> Response:
        """Open an event stream."""
        return self._signed_in(request, call, lambda actor: self._follow(request, call, actor))

    def _follow(self, request: Request, call: OwnCall, actor: Actor) -> Response:
        asked: dict[str, str] = requests.query(request)
        if request.headers.get("last-event-id"):
            asked["after"] = request.headers["last-event-id"]
        wanted = load(FollowFeed, asked, lenient=True)
        after = None if wanted.after is None else feed.decode(wanted.after)
        token = callers.token(request)

        def sight_now() -> Sight:
            return sight_of(authorise(self.accounts.who(token), call.action), wanted.types)

        self.live.admit(actor.id, int(self.most_streams), int(self.streams_a_caller))
        stream = EventStream(
            self.live,
            caller=actor.id,
            sight=sight_of(actor, wanted.types),
            after=after,
            everything=Journals(self.rpc, EVERYBODY),
            own=Journals(self.rpc, EVERYBODY, wanted.types),
            sight_now=sight_now,
            heartbeat=float(self.heartbeat_seconds),
        )
        return Response(200, HEADERS, stream=stream)
