"""Records as FHIR resources, and a claim filled in, validated and queued by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from billing.claim_ports import Leaving
from billing.domain import claim as claims
from billing.domain.claim import Cause
from billing.fhir_ports import FhirResources
from billing.ports import Books, Desk
from billing.use_cases.claiming import get_claim
from billing.use_cases.records import get_invoice
from billing.use_cases.sending import leaving_of
from clinic_contracts.billing.claims import ClaimDetails, ClaimFinding
from clinic_contracts.billing.fhir import GetResource, ResourceType
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.errors import ClaimUnfit, NotFound
from clinic_contracts.trusted import dump
from payer_formats.claim import Claim


@dataclass(frozen=True, slots=True)
class Door:
    """What a FHIR question is answered with."""

    desk: Desk
    fhir: FhirResources


def get_resource(request: GetResource, door: Door) -> bytes:
    """Return a record the caller may see as a resource; raises NotFound."""
    return READERS[request.resource_type](record_id(request.resource_id), door)


def record_id(resource_id: str) -> str:
    """Return the id of the record behind a resource's: ours have ``_``, which FHIR's have not."""
    return resource_id.replace("-", "_")


def _claim(id_: str, door: Door) -> bytes:
    get_claim(id_, door.desk)

    def work(books: Books) -> Leaving:
        found = books.claim(id_)
        if found is None:
            raise NotFound(f"there is no {id_}")
        return leaving_of([found], books)[0]

    leaving: Leaving = door.desk.transact(work)
    return door.fhir.claim(leaving)


def _response(id_: str, door: Door) -> bytes:
    response = door.fhir.response(get_claim(id_, door.desk))
    if response is None:
        raise NotFound(f"{id_} was not sent, so nothing is said of it")
    return response


def _coverage(id_: str, door: Door) -> bytes:
    """Return a policy of a client the caller sees."""
    policy = door.desk.claims.policy(id_)
    if policy is None or not door.desk.context.sees_client_of(policy.client.location_ids):
        raise NotFound(f"there is no {id_}")
    return door.fhir.coverage(policy)


def _invoice(id_: str, door: Door) -> bytes:
    return door.fhir.invoice(get_invoice(id_, door.desk))


READERS: Mapping[ResourceType, Callable[[str, Door], bytes]] = {
    "Claim": _claim,
    "ClaimResponse": _response,
    "Coverage": _coverage,
    "Invoice": _invoice,
}


def submit_claim(raw: bytes, door: Door) -> bytes:
    """Fill in the claim that a Claim resource names, by number or id, and put it among those to go.

    All of it or nothing: what the resource says is kept only when the claim can go. Returns the
    ClaimResponse. Raises ClaimUnfit with what is wrong, Invalid, NotFound, IllegalTransition.
    """
    read = door.fhir.handed_in(raw)
    if read.claim is None:
        raise _unfit("this is not a Claim that can be read", read.findings)
    told = read.claim

    def work(books: Books) -> ClaimView:
        claim = _named(told.id, books, door.desk)
        if differing := door.fhir.differences(told, claim):
            raise _unfit("the resource and the claim differ", differing)
        return _queued(claim, told, books, door)

    queued: ClaimView = door.desk.transact(work)
    response = door.fhir.response(queued)
    if response is None:
        raise NotFound(f"nothing is said of {queued.id}")
    return response


def _queued(claim: ClaimView, told: Claim, books: Books, door: Door) -> ClaimView:
    desk = door.desk
    cause = Cause(word="submitted in FHIR", actor=desk.context.actor, at=desk.now)
    details = door.fhir.filled(told, claim.details or ClaimDetails())
    filled, _ = claims.changed(claim, details, cause)
    findings = desk.scrub(leaving_of([filled], books)[0])
    errors = [each for each in findings if each.severity == "error"]
    if errors:
        raise _unfit(f"the claim has {len(errors)} errors: {errors[0].text}", findings)
    validated, _ = claims.validated(filled, findings, cause)
    queued, event = claims.queued(validated, cause)
    books.save_claims([(queued, replace(event, previous=claim.state))])
    return replace(queued, version=claim.version + 1)


def _named(reference: str, books: Books, desk: Desk) -> ClaimView:
    """Return the claim of ours by its number or its id, with its details; raises NotFound."""
    numbered = books.claims_named([reference], [])
    id_ = numbered[0].id if numbered else record_id(reference)
    claim = books.claim(id_)
    if claim is None or not desk.context.sees(claim.location_id):
        raise NotFound(f"there is no claim {reference}")
    return claim


def _unfit(text: str, findings: Sequence[ClaimFinding]) -> ClaimUnfit:
    return ClaimUnfit(text, findings=[dump(each) for each in findings])
