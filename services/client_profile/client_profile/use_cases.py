"""What client_profile does, one function each."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from client_profile import domain
from client_profile.ports import Desk, HealthNumberKnownError
from clinic_contracts.client_profile import requests as r
from clinic_contracts.client_profile.events import ConsentChanged, CoverageChanged
from clinic_contracts.constraints import UNSET
from clinic_contracts.errors import AlreadyExists, Invalid, NotFound, StaleVersion
from clinic_contracts.schemas import dump


def register_client(request: r.RegisterClient, id_: str, desk: Desk) -> r.ClientView:
    """Register a client, or return what a first try registered."""
    domain.check_birth_date(request.birth_date, desk.now)
    client = domain.Client(
        id=id_,
        version=1,
        name=request.name,
        birth_date=request.birth_date,
        phones=_phones(request.phones, desk),
        emails=request.emails,
        health_number=domain.health_number(request.health_number),
        preferred_channel=request.preferred_channel,
        language=request.language,
        address=request.address,
    )
    try:
        kept = desk.clients.add(client, domain.changed_event(client), desk.context)
    except HealthNumberKnownError as error:
        raise _known_number() from error
    return kept.shown_to(desk.context, whole=request.health_number is not None)


def change_client(request: r.ChangeClient, desk: Desk) -> r.ClientView:
    """Change what is given, keep the rest; or return what a first try changed."""
    current = _client(request.client_id, desk)
    gave = isinstance(request.health_number, str)
    fits = request.expected_version in {None, current.version}
    if fits and not desk.clients.done(current.id, desk.context.operation_id):
        changed = _changed(current, request, desk)
        if _saved(changed, desk):
            saved = replace(changed, version=current.version + 1)
            return saved.shown_to(desk.context, whole=gave)
    latest = _client(current.id, desk)
    if desk.clients.done(current.id, desk.context.operation_id):
        return latest.shown_to(desk.context, whole=gave)
    shown = dump(latest.shown_to(desk.context))
    raise StaleVersion("the client changed meanwhile", current=shown)


def get_client(id_: str, desk: Desk) -> r.ClientView:
    """Return a client; raises NotFound."""
    return _client(id_, desk).shown_to(desk.context, whole=True)


def search_clients(
    request: r.SearchClients, after: Sequence[Any] | None, desk: Desk
) -> list[r.ClientView]:
    """Return up to ``limit`` + 1 clients, so that the caller sees whether there are more."""
    words = domain.words(request.q)
    try:
        number = domain.health_number(request.q) if request.q else None
    except Invalid:
        number = None
    found = desk.clients.search(words, number, after, request.limit + 1)
    return [client.shown_to(desk.context) for client in found]


def add_coverage(request: r.AddCoverage, id_: str, desk: Desk) -> r.CoverageView:
    """Add a coverage to a client, or return what a first try added; 50 are the most.

    Coverages added in the same instant may pass the limit by as many as they are.
    """
    _client(request.client_id, desk)
    known = {coverage.id for coverage in desk.clients.coverages(request.client_id)}
    if id_ not in known:
        domain.check_coverages(len(known))
    if request.valid_from and request.valid_to and request.valid_to < request.valid_from:
        detail = "lies before valid_from"
        raise Invalid(f"valid_to {detail}", errors={"valid_to": [detail]})
    for name in ("per_visit_cap", "annual_maximum"):
        money = getattr(request, name)
        if money is not None and (money.amount_minor < 0 or money.currency != domain.CURRENCY):
            detail = f"must be in {domain.CURRENCY} and not negative"
            raise Invalid(f"{name} {detail}", errors={name: [detail]})
    given = {f.name: getattr(request, f.name) for f in fields(request)}
    coverage = r.CoverageView(id=id_, version=1, **given)
    event = CoverageChanged(coverage_id=id_, **given)
    return desk.clients.add_coverage(coverage, event, desk.context)


def list_coverages(client_id: str, desk: Desk) -> r.CoverageList:
    """Return a client's coverages in order of payment."""
    _client(client_id, desk)
    return r.CoverageList(items=tuple(desk.clients.coverages(client_id)))


def record_consent(request: r.RecordConsent, id_: str, desk: Desk) -> r.ConsentView:
    """Record a consent granted or withdrawn, with its evidence."""
    _client(request.client_id, desk)
    consent = r.ConsentView(
        id=id_,
        client_id=request.client_id,
        purpose=request.purpose,
        channel=request.channel,
        granted=request.granted,
        wording=request.wording,
        given_at=desk.now,
        recorded_by=desk.context.actor,
    )
    event = ConsentChanged(
        client_id=consent.client_id,
        purpose=consent.purpose,
        channel=consent.channel,
        granted=consent.granted,
        given_at=consent.given_at,
    )
    return desk.clients.record_consent(consent, event, desk.context)


def list_consents(client_id: str, desk: Desk) -> r.ConsentList:
    """Return a client's consents, newest first."""
    _client(client_id, desk)
    return r.ConsentList(items=tuple(desk.clients.consents(client_id)))


def _client(id_: str, desk: Desk) -> domain.Client:
    found = desk.clients.get(id_)
    if found is None:
        raise NotFound(f"there is no client {id_}")
    return found


def _saved(changed: domain.Client, desk: Desk) -> bool:
    try:
        return desk.clients.save(changed, domain.changed_event(changed), desk.context)
    except HealthNumberKnownError as error:
        raise _known_number() from error


def _changed(current: domain.Client, request: r.ChangeClient, desk: Desk) -> domain.Client:
    names = {f.name for f in fields(current)}
    given = {
        f.name: getattr(request, f.name)
        for f in fields(request)
        if f.name in names and getattr(request, f.name) is not UNSET
    }
    changed = replace(current, **given)
    domain.check_birth_date(changed.birth_date, desk.now)
    phones = _phones(changed.phones, desk)
    return replace(
        changed, phones=phones, health_number=domain.health_number(changed.health_number)
    )


def _phones(given: tuple[str, ...], desk: Desk) -> tuple[str, ...]:
    normal = [desk.normal_phone(phone) for phone in given]
    wrong = {str(at): ["is not a phone number"] for at, phone in enumerate(normal) if phone is None}
    if wrong:
        raise Invalid("phones: not a phone number", errors={"phones": wrong})
    return tuple(phone for phone in normal if phone is not None)


def _known_number() -> AlreadyExists:
    return AlreadyExists("another client has this health number", field="health_number")
