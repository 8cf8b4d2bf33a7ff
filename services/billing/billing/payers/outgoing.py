"""A claim as the tongues write it, made of what billing keeps of it."""

from billing.claim_ports import Leaving
from billing.domain.claim import decision
from billing.payers.profiles import Clinic, Profile
from clinic_contracts.billing.claims import (
    ClaimDetails,
    ClaimLine,
    ClaimPerson,
    ClaimSettlement,
)
from clinic_contracts.billing.requests import ClaimView
from payer_formats import claim as out

AT_MOST = "119"
"""X12 claim adjustment reason: the most that is paid for a time or an occurrence is reached."""


def outgoing(leaving: Leaving, profile: Profile | None) -> out.Claim:
    """Return the claim for its payer; names are those the invoice keeps."""
    claim, invoice = leaving.claim, leaving.invoice
    details = claim.details or ClaimDetails()
    clinic = Clinic() if profile is None else profile.clinic
    parties = invoice.parties
    accident = details.accident
    referring = details.referring
    patient = _person(parties.client_name, ClaimPerson())
    holder = _person(details.person.name or parties.client_name, details.person)
    own = details.person.relationship == "self"
    return out.Claim(
        id=claim.number,
        charge_minor=claim.charge.amount_minor,
        currency=claim.charge.currency,
        payer=out.Payer(id=claim.payer_id, name=claim.carrier),
        billing=out.Provider(
            name=parties.location_name,
            npi=clinic.npi,
            number=clinic.number,
            tax_id=clinic.tax_id,
            taxonomy=clinic.taxonomy,
            address=_location(parties.location_address),
        ),
        # Where providers are told by NPIs, the clinic's own stands for its therapists.
        rendering=None
        if profile is not None and profile.uses_npi
        else _provider(parties.practitioner_name, _number(leaving, profile)),
        subscriber=out.Subscriber(
            person=holder,
            member_id=claim.member_id,
            group_number=claim.group_number,
            relationship=details.person.relationship,
            rank=len(leaving.earlier) + 1,
        ),
        patient=None if own else patient,
        lines=tuple(_line(number, line, claim) for number, line in enumerate(details.lines, 1)),
        frequency=claim.frequency,
        payer_reference=claim.payer_reference if claim.frequency != "original" else "",
        referring=None
        if referring is None
        else out.Provider(
            name=referring.name,
            first_name=referring.first_name,
            npi=referring.number if profile is not None and profile.uses_npi else "",
            number=referring.number,
        ),
        diagnoses=tuple(_diagnosis(code, profile) for code in details.diagnoses),
        place_of_service=details.place_of_service,
        accident=None
        if accident is None
        else out.Accident(
            kind=accident.kind,
            day=accident.day,
            claim_number=accident.claim_number,
            body_part=accident.body_part,
            side=accident.side,
            nature=accident.nature,
        ),
        authorization=details.authorization,
        prior=_priors(leaving, profile, patient),
        note=details.note,
    )


def _diagnosis(code: str, profile: Profile | None) -> out.Diagnosis:
    """Return a diagnosis in the system its payer knows: MSP and WorkSafeBC ICD-9 alone."""
    if profile is not None and profile.tongue == "teleplan":
        return out.Diagnosis(code=code, system="ICD9")
    return out.Diagnosis(code=code)


def _number(leaving: Leaving, profile: Profile | None) -> str:
    """Return the therapist's number as the payer knows it (MSP gives one of its own)."""
    registration = leaving.invoice.parties.registration_number
    if profile is None:
        return registration
    return profile.practitioner(leaving.claim.practitioner_id, registration)


def _priors(
    leaving: Leaving, profile: Profile | None, who: out.Person
) -> tuple[out.PriorPayment, ...]:
    """Return what earlier payers decided; a C02 has no field for it."""
    if profile is not None and profile.tongue == "teleplan":
        return ()
    charge = leaving.claim.charge.amount_minor
    return tuple(
        _prior(each, made, rank, who, charge)
        for rank, each in enumerate(leaving.earlier, 1)
        if (made := decision(each)) is not None
    )


def _prior(
    earlier: ClaimView, made: ClaimSettlement, rank: int, who: out.Person, charge: int
) -> out.PriorPayment:
    # Who was asked for a fee of its own only has paid its most: the rest was never charged to it.
    beyond = charge - earlier.charge.amount_minor
    unasked = (out.Adjustment(group="PR", reason=AT_MOST, minor=beyond),) if beyond > 0 else ()
    return out.PriorPayment(
        payer=out.Payer(id=earlier.payer_id, name=earlier.carrier),
        subscriber=out.Subscriber(
            person=who,
            member_id=earlier.member_id,
            group_number=earlier.group_number,
            rank=rank,
        ),
        paid_minor=made.paid.amount_minor + made.overpaid.amount_minor,
        payer_reference=earlier.payer_reference,
        adjustments=tuple(
            out.Adjustment(group=each.group, reason=each.reason, minor=each.amount.amount_minor)
            for each in made.adjustments
        )
        + unasked,
    )


def _line(number: int, line: ClaimLine, claim: ClaimView) -> out.ServiceLine:
    return out.ServiceLine(
        number=number,
        procedure=line.procedure,
        charge_minor=line.charge.amount_minor,
        units=line.units,
        day=claim.service_date,
        modifiers=line.modifiers,
        pointers=line.pointers,
        minutes=line.minutes,
        reference=f"{claim.number}-{number}",
        description=line.description,
    )


def _person(name: str, said: ClaimPerson) -> out.Person:
    first, last = names(name)
    where = said.address
    return out.Person(
        last_name=last,
        first_name=first,
        birth_date=said.birth_date,
        sex=said.sex,
        address=None
        if where is None
        else out.Address(
            line=where.line,
            city=where.city,
            region=where.region,
            postal_code=where.postal_code,
            country=where.country,
        ),
    )


def _provider(name: str, number: str) -> out.Provider:
    first, last = names(name)
    return out.Provider(name=last, first_name=first, number=number)


def names(name: str) -> tuple[str, str]:
    """Return first and last name of one written in full; one word is a last name."""
    first, _, last = name.rpartition(" ")
    return first, last


def _location(text: str) -> out.Address | None:
    """Return an address written on one line, ``1 Main St, Victoria, BC V8T 1A1``."""
    parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
    if not parts:
        return None
    region, _, postal = parts[2].partition(" ") if len(parts) > 2 else ("", "", "")  # noqa: PLR2004 (line, city, region)
    city = parts[1] if len(parts) > 1 else ""
    return out.Address(line=parts[0], city=city, region=region, postal_code=postal)
