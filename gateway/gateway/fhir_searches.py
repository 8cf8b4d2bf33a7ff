"""What can be searched for in FHIR: the question to booking, and what it found as a Bundle."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import parse_qs, urlencode

from clinic_contracts.booking import operations as op
from clinic_contracts.booking.requests import AppointmentStatus
from clinic_contracts.errors import Invalid
from clinic_contracts.operations import Operation
from clinic_runtime import wire
from gateway.fhir_parameters import (
    Parameter,
    coded,
    only,
    period,
    plain,
    reference,
    schedule,
    wrong,
)
from gateway.http.documents import check_text
from gateway.http.messages import Request
from gateway.identity import callers

BASE = "/fhir/R4"
Query = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Search:
    """A type of resource that is searched for, by which parameters, and the operation behind it.

    Of the parameters named in ``one_of`` one must be given at least.
    """

    resource: str
    operation: Operation
    summary: str
    parameters: tuple[Parameter, ...]
    one_of: tuple[str, ...] = ()


TEXT = {"type": "string", "minLength": 1}
PAGE = {"type": "integer", "minimum": 1, "maximum": 200}
STATUSES = {"type": "string", "enum": list(get_args(AppointmentStatus))}
FORMAT = only("_format", "JSON.", {"json", "application/json", "application/fhir+json"})
PAGING = (
    plain("_count", "number", "How many a page has: 1 to 200; 50 if not said.", "limit", PAGE),
    plain("_cursor", "string", "Where a page begins, as the link to it says.", "cursor", TEXT),
    FORMAT,
)
APPOINTMENTS = Search(
    resource="Appointment",
    operation=op.SEARCH_FHIR_APPOINTMENTS,
    summary="Appointments of a patient, a practitioner or a location, by start.",
    parameters=(
        period("date"),
        reference("patient", "Who comes.", "client_id", "Patient"),
        reference("practitioner", "Who treats.", "practitioner_id", "Practitioner"),
        reference("location", "Where.", "location_id", "Location"),
        plain("status", "token", "One code of AppointmentStatus.", "status", STATUSES),
        *PAGING,
    ),
    one_of=("patient", "practitioner", "location"),
)
SCHEDULES = Search(
    resource="Schedule",
    operation=op.SEARCH_FHIR_SCHEDULES,
    summary="A practitioner's schedules, one for each location.",
    parameters=(
        reference("actor", "Whose.", "practitioner_id", "Practitioner", required=True),
        FORMAT,
    ),
)
SLOTS = Search(
    resource="Slot",
    operation=op.SEARCH_FHIR_SLOTS,
    summary="Free times of a schedule for a treatment, by start.",
    parameters=(
        schedule("schedule", "Whose, and where.", "schedule_id"),
        period("start", required=True),
        coded("service-type", "The treatment; needed where there are several.", "treatment_id"),
        only("status", "Free times alone are told.", {"free"}),
        *PAGING,
    ),
)
SEARCHES = {each.resource: each for each in (APPOINTMENTS, SCHEDULES, SLOTS)}


def asked(search: Search, request: Request) -> dict[str, Any]:
    """Return what booking is asked, as on its wire; raises Invalid in the parameters' names.

    One that is not known is refused: ignored, as FHIR lets servers do, it would widen the answer.
    """
    given = parse_qs(request.query, keep_blank_values=True)
    known = {each.name: each for each in search.parameters}
    found: dict[str, Any] = {}
    for name, values in given.items():
        if name not in known:
            raise wrong(name, "is not searched by here")
        if len(values) > known[name].most:
            raise wrong(name, "is given too often")
        for value in values:
            check_text(name, value)
        found |= known[name].read(name, values)
    for each in search.parameters:
        if each.required and each.name not in given:
            raise wrong(each.name, "is needed")
    if search.one_of and given.keys().isdisjoint(search.one_of):
        raise wrong(search.one_of[0], f"give one of {', '.join(search.one_of)}")
    return found


def in_its_words(search: Search, error: Invalid) -> Invalid:
    """Return booking's refusal with the parameters' names of what it is about."""
    names = {field: each.name for each in search.parameters for field in each.fields}
    told = error.extra.get("errors", {})
    errors = {names.get(field, field): told[field] for field in told}
    return Invalid(error.detail, **{**error.extra, "errors": errors})


def bundle(search: Search, request: Request, found: str, following: str | None) -> bytes:
    """Return what a page has, in base64, as a searchset; ``following`` is the next one's cursor.

    Its addresses are absolute, as a fullUrl must be.
    """
    scheme = "https" if callers.over_tls(request) else "http"
    address = f"{scheme}://{request.headers.get('host', '')}{BASE}/{search.resource}"
    query = parse_qs(request.query)
    links = [_link("self", address, query)]
    if following is not None:
        links.append(_link("next", address, {**query, "_cursor": [following]}))
    entries = [
        {"fullUrl": f"{address}/{each['id']}", "resource": each, "search": {"mode": "match"}}
        for each in wire.decode(base64.b64decode(found))
    ]
    whole: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": links}
    # FHIR's JSON has no empty arrays.
    return wire.encode({**whole, "entry": entries} if entries else whole)


def _link(relation: str, address: str, query: Query) -> dict[str, str]:
    return {"relation": relation, "url": f"{address}?{urlencode(query, doseq=True)}"}
