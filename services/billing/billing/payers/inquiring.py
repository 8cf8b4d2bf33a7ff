"""A question about a coverage in its payer's tongue: X12 270, FHIR CoverageEligibilityRequest."""

from collections.abc import Mapping

from billing.claim_ports import File
from billing.eligibility_ports import Inquired
from billing.payers.outgoing import names
from billing.payers.profiles import Profile, Profiles
from clinic_contracts.errors import Invalid, NotSupported
from payer_formats.claim import Payer, Person, Provider, Relationship, Subscriber
from payer_formats.fhir.requests import EligibilityAsked, eligibility_bytes
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.x12.inquiring import write_270
from payer_formats.x12.writing import Envelope

PLAN = "30"
"""X12 element 1365: health benefit plan coverage, the plan as a whole."""
LONGEST_SERVICE = 2
RELATIONSHIPS: Mapping[str, Relationship] = {"self": "self", "spouse": "spouse", "child": "child"}


def question_of(inquired: Inquired, profiles: Profiles) -> tuple[str, File]:
    """Return the payer's id and the question.

    Raises NotSupported for a payer whose tongue has none, Invalid.
    """
    profile = profiles.of(inquired.policy.coverage)
    if profile is None or profile.tongue not in {"x12", "fhir"}:
        carrier = inquired.policy.coverage.carrier
        raise NotSupported(f"{carrier} answers no question of eligibility in this way")
    write = _x12 if profile.tongue == "x12" else _fhir
    return profile.id, write(inquired, profile)


def _x12(inquired: Inquired, profile: Profile) -> File:
    service = inquired.service or PLAN
    if len(service) > LONGEST_SERVICE:
        detail = "is no type of service: X12 has codes of one or two characters (element 1365)"
        raise Invalid(f"service {detail}", errors={"service": [detail]})
    envelope = Envelope(
        sender=profile.clinic.submitter,
        receiver=profile.clinic.receiver,
        control=inquired.control,
        at=inquired.at.replace(tzinfo=None),
        usage=profile.usage,
    )
    subscriber, patient = _people(inquired)
    inquiry = EligibilityInquiry(
        trace=inquired.trace,
        payer=Payer(id=profile.id, name=profile.name),
        provider=_provider(inquired, profile),
        subscriber=subscriber,
        patient=patient,
        day=inquired.day,
        services=(service,),
    )
    raw = write_270(envelope, [inquiry])
    name = f"{profile.id}-{inquired.control:09}.270"
    return File(name=name, content_type="application/edi-x12", raw=raw)


def _fhir(inquired: Inquired, profile: Profile) -> File:
    subscriber, patient = _people(inquired)
    asked = EligibilityAsked(
        id=inquired.trace,
        payer=Payer(id=profile.id, name=profile.name),
        provider=_provider(inquired, profile),
        subscriber=subscriber,
        patient=patient,
        day=inquired.day,
        services=() if inquired.service is None else (inquired.service,),
    )
    raw = eligibility_bytes(asked, created=inquired.at.date())
    name = f"{profile.id}-{inquired.control:09}.json"
    return File(name=name, content_type="application/fhir+json", raw=raw)


def _people(inquired: Inquired) -> tuple[Subscriber, Person | None]:
    """Return whose the policy is, and the client where that is another."""
    kept = inquired.policy.coverage
    first, last = names(inquired.policy.client.name)
    client = Person(last_name=last, first_name=first, birth_date=inquired.birth_date)
    own = kept.relationship == "self"
    # Of a holder who is not the client billing knows no last name; a family has one, mostly.
    holder = Person(
        last_name=last, first_name=kept.holder_first_name, birth_date=kept.holder_birth_date
    )
    subscriber = Subscriber(
        person=client if own else holder,
        member_id=kept.member_id,
        group_number=kept.group_number,
        rank=kept.order,
        relationship=RELATIONSHIPS.get(kept.relationship, "other"),
    )
    return subscriber, None if own else client


def _provider(inquired: Inquired, profile: Profile) -> Provider:
    clinic = profile.clinic
    return Provider(
        name=inquired.location.name,
        npi=clinic.npi,
        number=clinic.number,
        tax_id=clinic.tax_id,
        taxonomy=clinic.taxonomy,
    )
