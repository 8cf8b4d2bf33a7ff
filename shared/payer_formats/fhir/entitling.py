"""Questions of eligibility read and answered, as a payer does (FHIR R4B).

CoverageEligibilityRequest in, CoverageEligibilityResponse out; kinds of benefit are those of the
example code system benefit-type.
"""

from datetime import date

from payer_formats.answers import Benefit, Eligibility
from payer_formats.fhir.building import Json, concept, identifier, iso, money
from payer_formats.fhir.element import Element, Notes
from payer_formats.fhir.people import read_payer, read_person, read_provider, read_subscriber
from payer_formats.fhir.people import resolved as person_of
from payer_formats.fhir.references import directory, tail
from payer_formats.fhir.syntax import parse, written
from payer_formats.findings import Finding, has_errors
from payer_formats.inquiry import EligibilityInquiry

REQUEST = "CoverageEligibilityRequest"
SAID_BY_INFORCE = frozenset({"active", "inactive"})


def asks(raw: bytes) -> bool:
    """Say whether a document is a question of eligibility."""
    return parse(raw, Notes()).values.get("resourceType") == REQUEST


def read_request(raw: bytes) -> tuple[EligibilityInquiry | None, tuple[Finding, ...]]:
    """Return the question, None when an error keeps it from being one; and what is wrong."""
    notes = Notes()
    root = parse(raw, notes)
    if root and root.path != REQUEST:
        notes.add("RESOURCE_TYPE", f"the file is no {REQUEST}", f"{root.path}.resourceType")
    inquiry = None if notes.failed else _inquiry(root)
    return (None if has_errors(notes.findings) else inquiry), tuple(notes.findings)


def _inquiry(root: Element) -> EligibilityInquiry:
    known = directory(root).within(root)
    trace = root.identifier() or root.text("id")
    if not trace:
        root.missing("identifier")
    day = root.day("servicedDate", required=True)
    insurances = root.many("insurance", required=True)
    policy = insurances[0] if insurances else Element({}, root.where("insurance"), root.notes)
    subscriber = read_subscriber(policy, known)
    patient = read_person(person_of(root, "patient", known), tail(root, "patient"))
    return EligibilityInquiry(
        trace=trace,
        payer=read_payer(root, "insurer", known),
        provider=read_provider(root, "provider", known),
        subscriber=subscriber,
        patient=None if patient == subscriber.person else patient,
        day=day or date.min,
        services=tuple(filter(None, (each.concept("category") for each in root.many("item")))),
    )


def response_bytes(answer: Eligibility, *, created: date, currency: str) -> bytes:
    """Return a CoverageEligibilityResponse; one that tells nothing yet is ``queued``."""
    rejected = [{"code": concept(code)} for code in answer.rejections]
    insurance: Json = {"coverage": {"identifier": identifier(answer.member_id, "MB")}}
    if answer.active is not None:
        insurance["inforce"] = answer.active
    insurance["item"] = [
        _item(each, currency) for each in answer.benefits if each.kind not in SAID_BY_INFORCE
    ]
    told = answer.active is not None or bool(answer.benefits)
    return written(
        {
            "resourceType": "CoverageEligibilityResponse",
            "status": "active",
            "purpose": ["validation", "benefits"],
            "patient": {"display": answer.subscriber_name or answer.member_id},
            "created": iso(created),
            "request": {"identifier": identifier(answer.trace)},
            "outcome": "error" if rejected else "complete" if told else "queued",
            "insurer": {"identifier": identifier(answer.payer_id)},
            "insurance": [insurance] if told else [],
            "error": rejected,
        }
    )


def _item(benefit: Benefit, currency: str) -> Json:
    how = "used" if benefit.kind == "used" else "allowed"
    count = benefit.quantity if benefit.percent is None else benefit.percent
    amount: Json = {"type": concept(benefit.code)}
    if benefit.minor is not None:
        amount[f"{how}Money"] = money(benefit.minor, currency)
    if count is not None:
        amount[f"{how}UnsignedInt"] = count
    network = "" if benefit.in_network is None else "in" if benefit.in_network else "out"
    return {
        "category": concept(benefit.services[0] if benefit.services else ""),
        "network": concept(network),
        "term": concept(benefit.period),
        "benefit": [amount],
    }
