"""Clients, their coverages and consents: one function per command or question."""

from dataclasses import fields, replace
from datetime import datetime

from client_profile.domain import clients as domain
from client_profile.domain import places
from client_profile.domain.invalid import check_number
from client_profile.ports import Desk, HealthNumberKnownError
from clinic_contracts.client_profile import requests as r
from clinic_contracts.client_profile.events import ConsentChanged
from clinic_contracts.errors import AlreadyExists, Invalid, NotFound, RetryLater, StaleVersion
from clinic_contracts.trusted import dump


def register_client(request: r.RegisterClient, desk: Desk) -> r.ClientView:
    """Register a client, or return what a first try registered."""
    domain.check_past("birth_date", request.birth_date, desk.now)
    client = domain.Client(
        id=desk.derived_id("cli", desk.context.operation_id),
        version=1,
        name=request.name,
        birth_date=request.birth_date,
        phones=_phones(request.phones, desk),
        emails=request.emails,
        health_number=domain.health_number(request.health_number),
        preferred_channel=request.preferred_channel,
        language=request.language,
        address=request.address,
        location_ids=places.first(request.location_ids, desk.context),
    )
    try:
        kept = desk.clients.add(client, domain.changed_event(client), desk.context)
    except HealthNumberKnownError as error:
        raise _known_number() from error
    return kept.shown_to(desk.context, whole=request.health_number is not None)


def change_client(request: r.ChangeClient, desk: Desk) -> r.ClientView:
    """Change what is given, keep the rest; or return what a first try changed."""
    current = existing(request.client_id, desk)
    gave_number = isinstance(request.health_number, str)
    if not _done(current, desk):
        if request.expected_version in {None, current.version}:
            changed = _changed(current, request, desk)
            if _saved(changed, desk):
                saved = replace(changed, version=current.version + 1)
                return saved.shown_to(desk.context, whole=gave_number)
            current = existing(current.id, desk)
        if not _done(current, desk):
            shown = dump(current.shown_to(desk.context))
            raise StaleVersion("the client changed meanwhile", current=shown)
    return current.shown_to(desk.context, whole=gave_number)


def get_client(id_: str, desk: Desk) -> r.ClientView:
    """Return a client; raises NotFound."""
    return existing(id_, desk).shown_to(desk.context, whole=True)


def search_clients(request: r.SearchClients, desk: Desk) -> r.ClientPage:
    """Return a page of the clients found, by name."""
    try:
        number = domain.health_number(request.q) if request.q else None
    except Invalid:
        number = None
    found, following = desk.clients.search(
        domain.words(request.q), number, request.cursor, request.limit, desk.context.location_scope
    )
    seen = [each for each in found if desk.context.sees_client_of(each.location_ids)]
    items = tuple(client.shown_to(desk.context) for client in seen)
    return r.ClientPage(items=items, next=following)


def name_clients(request: r.NameClients, desk: Desk) -> r.ClientNames:
    """Return what clients are called whom the caller sees."""
    found = desk.clients.names(request.ids)
    seen = [name for name, places in found if desk.context.sees_client_of(places)]
    return r.ClientNames(items=tuple(seen))


def follow_visit(client_id: str, location_id: str, booked_at: datetime, desk: Desk) -> None:
    """Make a client who has a visit at a location one of its; raises RetryLater.

    Twice is as good as once, and so is a visit booked before the location was taken from them.
    """
    client = desk.clients.get_plain(client_id)
    if client is None:
        return  # booked while nobody could say that there is no such client
    changed = client.visiting(location_id, booked_at)
    if changed is None:
        return
    if not desk.clients.place(changed, domain.changed_event(changed), desk.context):
        raise RetryLater(f"{client_id} changed meanwhile")


def add_coverage(request: r.AddCoverage, desk: Desk) -> r.CoverageView:
    """Add a coverage to a client, or return what a first try added; 50 are the most.

    Coverages added in the same instant may pass the limit by as many as they are.
    """
    id_ = desk.derived_id("pol", desk.context.operation_id)
    existing(request.client_id, desk)
    known = {coverage.id for coverage in desk.clients.coverages(request.client_id)}
    if id_ not in known:
        check_number(len(known), domain.COVERAGES_MAX, "coverages")
    domain.check_coverage(request)
    domain.check_past("accident_date", request.accident_date, desk.now)
    given = {f.name: getattr(request, f.name) for f in fields(request)}
    if request.percent is None:
        given["percent"] = domain.WHOLE_FEE
    coverage = r.CoverageView(id=id_, version=1, **given)
    return desk.clients.add_coverage(coverage, domain.coverage_event(coverage), desk.context)


def get_coverage(request: r.GetCoverage, desk: Desk) -> r.CoverageView:
    """Return a coverage; raises NotFound."""
    return _coverage(request, desk)[0]


def change_coverage(request: r.ChangeCoverage, desk: Desk) -> r.CoverageView:
    """Change what is given, keep the rest; or return what a first try changed."""
    current, done = _coverage(request, desk)
    if not done:
        if request.expected_version in {None, current.version}:
            changed = domain.changed_coverage(current, request)
            domain.check_past("accident_date", changed.accident_date, desk.now)
            if desk.clients.save_coverage(changed, domain.coverage_event(changed), desk.context):
                return replace(changed, version=current.version + 1)
            current, done = _coverage(request, desk)
        if not done:
            raise StaleVersion("the coverage changed meanwhile", current=dump(current))
    return current


def list_coverages(client_id: str, desk: Desk) -> r.CoverageList:
    """Return a client's coverages in order of payment."""
    existing(client_id, desk)
    return r.CoverageList(items=tuple(desk.clients.coverages(client_id)))


def record_consent(request: r.RecordConsent, desk: Desk) -> r.ConsentView:
    """Record a consent granted or withdrawn, with its evidence."""
    existing(request.client_id, desk)
    consent = r.ConsentView(
        id=desk.derived_id("con", request.client_id, request.purpose, request.channel),
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
    existing(client_id, desk)
    return r.ConsentList(items=tuple(desk.clients.consents(client_id)))


def existing(id_: str, desk: Desk) -> domain.Client:
    """Return a client the caller sees; raises NotFound."""
    found = desk.clients.get(id_)
    if found is None or not desk.context.sees_client_of(found.location_ids):
        raise NotFound(f"there is no client {id_}")
    return found


def _coverage(request: r.GetCoverage | r.ChangeCoverage, desk: Desk) -> tuple[r.CoverageView, bool]:
    """Return one as it is, and whether this very operation made it so; raises NotFound."""
    existing(request.client_id, desk)
    found = desk.clients.coverage(request.coverage_id, desk.context.operation_id)
    if found is None or found[0].client_id != request.client_id:
        raise NotFound(f"there is no coverage {request.coverage_id}")
    return found


def _saved(changed: domain.Client, desk: Desk) -> bool:
    try:
        return desk.clients.save(changed, domain.changed_event(changed), desk.context)
    except HealthNumberKnownError as error:
        raise _known_number() from error


def _done(client: domain.Client, desk: Desk) -> bool:
    return desk.context.operation_id in client.operations


def _changed(current: domain.Client, request: r.ChangeClient, desk: Desk) -> domain.Client:
    changed = current.changed(request, desk.context, desk.now)
    domain.check_past("birth_date", changed.birth_date, desk.now)
    return replace(
        changed,
        phones=_phones(changed.phones, desk),
        health_number=domain.health_number(changed.health_number),
    )


def _phones(given: tuple[str, ...], desk: Desk) -> tuple[str, ...]:
    normal = [desk.normal_phone(phone) for phone in given]
    wrong = {str(at): ["is not a phone number"] for at, phone in enumerate(normal) if phone is None}
    if wrong:
        raise Invalid("phones: not a phone number", errors={"phones": wrong})
    return tuple(phone for phone in normal if phone is not None)


def _known_number() -> AlreadyExists:
    return AlreadyExists("another client has this health number", field="health_number")
