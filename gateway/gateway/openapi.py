"""OpenAPI 3.1 of every call, from the same schemas that read the requests."""

from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import EXCLUDE

from clinic_contracts.schemas import WallTimeField
from clinic_runtime import wire
from gateway.calls import OWN_CALLS
from gateway.routes import ROUTES
from gateway.routing import Call, Route
from gateway.specified.examples import add_examples
from gateway.specified.operations import name_of, operation_of, own_operation_of, template
from gateway.specified.refusals import HEADERS, OUTCOME, PROBLEM, refusals
from gateway.specified.words import attributes, describe, make_portable, without_limits

VERSION = "1.0"
DESCRIPTION = (
    "Every refusal is a problem document (RFC 9457) with a `code`. A record's version stands in "
    "`ETag`; changes name it in `If-Match`. A POST that takes an `Idempotency-Key` and has one is "
    "done once within 24 hours, however often it is sent. `HEAD` is answered wherever `GET` is, "
    "`OPTIONS` everywhere."
)
SERVERS = [{"url": "/", "description": "where this document is"}]
TAGS = {
    "Sessions": "Signing in and out, one's sessions, password and second factor.",
    "API keys": "Keys by which machines are known.",
    "Audit": "Who signed in, was refused, and changed who may what.",
    "Staff": "Who works here, with which roles where.",
    "Appointments": "Free times, holds, visits and the day.",
    "Series": "Visits that recur.",
    "Waitlist": "Who waits for a time, and what was offered.",
    "Offers": "What the link in a letter about a freed time leads to; nobody signs in.",
    "Worklists": "Visits that somebody has to look after.",
    "Clients": "People who come, what is known of them, and what bounds their bookings.",
    "Messages": "What was sent to clients, or why it was not.",
    "Locations": "Clinics, their hours, rooms and equipment.",
    "Practitioners": "Who treats, where and when.",
    "Treatments": "What is offered, for how long and how much.",
    "Closures": "Days on which a location is closed or a practitioner away.",
    "Calendars": "Practitioners' busy times, for their own calendars.",
    "Billing": "Invoices, payments, receipts, what was paid in advance, and days closed.",
    "Payments": "What a card processor tells.",
    "Claims": "Claims, payers' files, and what payers say of coverages.",
    "Reports": "Figures: JSON, rows as CSV, or drawn as SVG.",
    "Webhooks": "Where events are delivered to, and what became of each delivery.",
    "FHIR": "FHIR R4: claims, policies and invoices.",
    "Events": "What happened, page by page and as it happens.",
    "Operations": "Queues, events, and whether all is well.",
    "Pages": "For reading in a browser.",
}
SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A session's token or an API key, as `Authorization: Bearer …`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "clinic_session",
        "description": "The cookie of a session. A write by it needs an `Origin` of this host.",
    },
}


@cache
def specification() -> dict[str, Any]:
    """Return the OpenAPI document of every call."""
    plugin = MarshmallowPlugin(schema_name_resolver=name_of)
    spec = APISpec(
        title="ClinicOps",
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": DESCRIPTION},
    )
    plugin.map_to_openapi_type(WallTimeField, "string", "local-date-time")  # type: ignore[no-untyped-call]
    plugin.converter.add_attribute_function(attributes)  # type: ignore[union-attr]  # set with the document
    spec.components.schema("Problem", PROBLEM)
    spec.components.schema("OperationOutcome", OUTCOME)
    for name, described in HEADERS.items():
        spec.components.header(name, described)
    for name, described in refusals().items():
        spec.components.response(name, described)
    for name, scheme in SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    every: tuple[Call, ...] = (*OWN_CALLS, *ROUTES)
    for call in every:
        operation = operation_of(call) if isinstance(call, Route) else own_operation_of(call)
        spec.path(template(call.path), operations={call.method.lower(): operation})
    result: dict[str, Any] = spec.to_dict()
    result["servers"] = SERVERS
    used = {call.tag for call in every}
    result["tags"] = [{"name": tag, "description": TAGS[tag]} for tag in TAGS if tag in used]
    make_portable(result)
    schemas = result["components"]["schemas"]
    refs: dict[Any, str] = plugin.converter.refs  # type: ignore[union-attr]  # set with the document
    for (schema, *_), name in refs.items():
        describe(schemas[name], getattr(schema, "made_of", None) or object)
        if schema.Meta.unknown == EXCLUDE:
            without_limits(schemas[name])
    add_examples(result)
    return result


@cache
def encoded() -> bytes:
    """Return the document as it is served."""
    return wire.encode(specification())
