"""The calls that the gateway answers by itself, and the shapes of what they take and give."""

from dataclasses import dataclass

from gateway import access_logs, card_events
from gateway.calendars import OPEN_FEED, READ_FEED
from gateway.console.calls import CONSOLE
from gateway.fhir import FHIR
from gateway.histories import READ_HISTORY
from gateway.identity_calls import IDENTITY
from gateway.offer_calls import OFFERS
from gateway.operating.calls import EVENTS, OPERATING, STREAM
from gateway.papers import PAPERS
from gateway.payer_files import READ, TAKING
from gateway.routing import OwnCall
from gateway.wall_clock import READ_CLOCK

HTML = "text/html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Findings of all services, each 0 when all is well, some services adding more of them.

    ``counts`` say how much there is; ``unavailable`` names the services that did not answer.
    """

    overlaps: int
    ledger_imbalance_minor: int
    unpublished_events: int
    parked: int
    counts: dict[str, int]
    unavailable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """The process runs."""

    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What the process needs, and whether it is there; 503 when some of it is not."""

    rabbitmq: bool
    mongodb: bool


PRINT_RECEIPT = OwnCall(
    method="GET",
    path="/v1/receipts/<receipt_id>.pdf",
    name="print_receipt",
    summary="A receipt to print.",
    tag="Billing",
    action="read",
    answer="application/pdf",
    refusals=(404, 422, 503),
)
SHOW_RECEIPT = OwnCall(
    method="GET",
    path="/v1/receipts/<receipt_id>.html",
    name="show_receipt",
    summary="A receipt as a page to print.",
    tag="Billing",
    action="read",
    answer=HTML,
    refusals=(404, 422, 503),
)
VERIFY = OwnCall(
    method="GET",
    path="/v1/operations/verify",
    name="verify",
    summary="Have every service check its books.",
    tag="Operations",
    action="operate",
    answer=Verified,
    refusals=(503,),
    costs_much=True,
)
HEALTHZ = OwnCall(
    method="GET",
    path="/healthz",
    name="healthz",
    summary="Whether the process runs.",
    tag="Operations",
    action="public",
    answer=Alive,
    limited=False,
)
READYZ = OwnCall(
    method="GET",
    path="/readyz",
    name="readyz",
    summary="Whether broker and database are there.",
    tag="Operations",
    action="public",
    answer=Ready,
    limited=False,
)
METRICS = OwnCall(
    method="GET",
    path="/metrics",
    name="metrics",
    summary="Figures for Prometheus.",
    tag="Operations",
    action="public",
    answer="text/plain",
    limited=False,
)
HOME = OwnCall(
    method="GET",
    path="/status",
    name="home",
    summary="What runs, for people.",
    tag="Pages",
    action="public",
    answer=HTML,
)
DOCS = OwnCall(
    method="GET",
    path="/docs",
    name="docs",
    summary="This documentation.",
    tag="Pages",
    action="public",
    answer=HTML,
)
DOCS_EVENTS = OwnCall(
    method="GET",
    path="/docs/events",
    name="docs_events",
    summary="The documentation of events, for programs that are told of them.",
    tag="Pages",
    action="public",
    answer=HTML,
)
STYLE = OwnCall(
    method="GET",
    path="/style.css",
    name="style",
    summary="The look of the pages.",
    tag="Pages",
    action="public",
    answer="text/css",
)
OPENAPI = OwnCall(
    method="GET",
    path="/openapi.json",
    name="openapi",
    summary="This documentation as OpenAPI 3.1.",
    tag="Pages",
    action="public",
    answer="application/json",
)

OWN_CALLS = (
    *IDENTITY,
    PRINT_RECEIPT,
    SHOW_RECEIPT,
    *PAPERS,
    OPEN_FEED,
    READ_FEED,
    *OFFERS,
    *TAKING,
    *READ,
    card_events.TAKE,
    *FHIR,
    VERIFY,
    *OPERATING,
    EVENTS,
    STREAM,
    HEALTHZ,
    READYZ,
    METRICS,
    READ_HISTORY,
    access_logs.READ,
    READ_CLOCK,
    *CONSOLE,
    HOME,
    DOCS,
    DOCS_EVENTS,
    STYLE,
    OPENAPI,
)
