"""A FHIR R4B Claim, read into the model: what a payer is sent with ``$submit``."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from payer_formats.answers import RemittedClaim
from payer_formats.claim import (
    Accident,
    Claim,
    Diagnosis,
    Frequency,
    Payer,
    PriorLine,
    PriorPayment,
    Provider,
)
from payer_formats.fhir import systems
from payer_formats.fhir.element import Element, Notes
from payer_formats.fhir.eligibilities import payor_of
from payer_formats.fhir.items import charge_of, read_lines
from payer_formats.fhir.modifiers import refuse_modifiers
from payer_formats.fhir.people import (
    read_payer,
    read_person,
    read_provider,
    read_subscriber,
    resolved,
)
from payer_formats.fhir.references import Directory, directory, tail
from payer_formats.fhir.responses import read_response
from payer_formats.fhir.syntax import parse
from payer_formats.findings import Finding, has_errors

KINDS: dict[str, Literal["auto", "work", "other"]] = {"MVA": "auto", "WPA": "work"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadClaim:
    """A claim as sent, None when an error keeps it from being one; and what is wrong with it."""

    claim: Claim | None
    findings: tuple[Finding, ...] = ()


def read_claim(raw: bytes) -> ReadClaim:
    """Read a Claim, alone or in a Bundle with what it refers to; never raises."""
    notes = Notes()
    root = parse(raw, notes)
    resource = _claim_of(root)
    if root and not resource:
        notes.add("RESOURCE_TYPE", "the file holds no single Claim", f"{root.path}.resourceType")
    refuse_modifiers(resource)
    claim = _claim(resource, directory(root).within(resource)) if resource else None
    failed = has_errors(notes.findings)
    return ReadClaim(claim=None if failed else claim, findings=tuple(notes.findings))


def _claim_of(root: Element) -> Element:
    if root.path == "Bundle":
        resources = [each.one("resource") for each in root.many("entry")]
        claims = [each for each in resources if each.values.get("resourceType") == "Claim"]
        return claims[0] if len(claims) == 1 else Element({}, root.path, root.notes)
    return root if root.path == "Claim" else Element({}, root.path, root.notes)


def _claim(resource: Element, known: Directory) -> Claim:
    notes = resource.notes
    notes.reference = resource.identifier() or resource.text("id")
    if not notes.reference:
        resource.missing("identifier")
    status = _envelope(resource)
    focal = _focal(resource)
    lines = read_lines(resource)
    charge = charge_of(resource, lines)
    prior = _priors(resource, known)
    currency = notes.currency(resource.where("total"))
    subscriber = read_subscriber(focal, known)
    treated = resolved(resource, "patient", known)
    patient = read_person(treated, tail(resource, "patient"))
    if not subscriber.person.last_name:
        subscriber = replace(subscriber, person=patient)
    payer_reference = _replaced(resource)
    pre_authorised = focal.texts("preAuthRef")
    return Claim(
        id=notes.reference,
        charge_minor=charge,
        currency=currency,
        payer=_payer(resource, focal, known),
        billing=read_provider(resource, "provider", known),
        subscriber=subscriber,
        lines=tuple(lines),
        frequency=_frequency(status, payer_reference),
        payer_reference=payer_reference,
        patient=None if patient == subscriber.person else patient,
        rendering=_of_team(resource, known, ("rendering", "primary")),
        referring=_of_team(resource, known, ("referring",)),
        diagnoses=_diagnoses(resource),
        place_of_service=_place(resource),
        accident=_accident(resource, focal),
        authorization=pre_authorised[0] if pre_authorised else "",
        prior=prior,
        note=_note(resource),
    )


def _envelope(resource: Element) -> str:
    status = resource.code("status", systems.STATUSES, required=True)
    if status in {"draft", "entered-in-error"}:
        text = f"a claim that is {status} is not to be decided"
        resource.notes.add("STATUS", text, resource.where("status"))
    use = resource.code("use", systems.USES, required=True)
    if use and use != "claim":
        text = f"this is a {use}, not a claim"
        resource.notes.add("USE", text, resource.where("use"))
    resource.one("type", required=True)
    resource.one("priority", required=True)
    resource.day("created", required=True)
    return status


def _focal(resource: Element) -> Element:
    """Return the insurance that is asked; exactly one is focal (Claim.insurance.focal)."""
    insurances = resource.many("insurance", required=True)
    for each in insurances:
        each.whole("sequence", required=True)
    focal = [each for each in insurances if each.flag("focal")]
    if insurances and len(focal) != 1:
        text = f"{len(focal)} insurances are focal; exactly one must be"
        resource.notes.add("FOCAL", text, resource.where("insurance"))
    return (focal or insurances or [Element({}, resource.where("insurance"), resource.notes)])[0]


def _payer(resource: Element, focal: Element, known: Directory) -> Payer:
    """Return who is asked: the insurer, else the payor of the focal policy."""
    payer = read_payer(resource, "insurer", known)
    if not payer.id and not payer.name:
        payer = read_payer(*payor_of(known.find(focal, "coverage")), known)
    if not payer.id and not payer.name:
        resource.missing("insurer")
    return payer


def _frequency(status: str, payer_reference: str) -> Frequency:
    if status == "cancelled":
        return "void"
    return "corrected" if payer_reference else "original"


def _replaced(resource: Element) -> str:
    """Return the payer's number of the claim before this one (Claim.related, prior)."""
    for each in resource.many("related"):
        if each.concept("relationship") in {"prior", "replaces"}:
            return each.one("claim").one("identifier").text("value") or tail(each, "claim")
    return ""


def _of_team(resource: Element, known: Directory, roles: tuple[str, ...]) -> Provider | None:
    for each in resource.many("careTeam"):
        if each.concept("role") in roles:
            return read_provider(each, "provider", known)
    return None


def _diagnoses(resource: Element) -> tuple[Diagnosis, ...]:
    found = []
    # Items point at sequences, our lines at places.
    for each in sorted(resource.many("diagnosis"), key=lambda one: one.whole("sequence") or 0):
        code = each.concept("diagnosisCodeableConcept")
        if not code:
            each.missing("diagnosisCodeableConcept")
        ninth = each.system("diagnosisCodeableConcept") == systems.ICD9
        found.append(Diagnosis(code=code.replace(".", ""), system="ICD9" if ninth else "ICD10"))
    return tuple(found)


def _place(resource: Element) -> str:
    for each in resource.many("item"):
        place = each.concept("locationCodeableConcept", systems.PLACE)
        if place:
            return place
    return "11"


def _accident(resource: Element, focal: Element) -> Accident | None:
    accident = resource.one("accident")
    if not accident:
        return None
    day = accident.day("date", required=True)
    return Accident(
        kind=KINDS.get(accident.concept("type"), "other"),
        day=day or date.min,
        claim_number=focal.one("identifier").text("value"),
        region=accident.one("locationAddress").text("state"),
    )


def _priors(resource: Element, known: Directory) -> tuple[PriorPayment, ...]:
    """Return what earlier payers paid, of those whose ClaimResponse is in the file."""
    priors = []
    for each in resource.many("insurance"):
        found = known.find(each, "claimResponse")
        if found and not each.flag("focal"):
            response = read_response(Element(found.values, found.path, Notes()), known)
            resource.notes.take(response.notes)
            if response.claim:
                priors.append(_prior(each, known, response.payment.day, response.claim))
    return tuple(priors)


def _prior(
    insurance: Element, known: Directory, paid_on: date | None, paid: RemittedClaim
) -> PriorPayment:
    return PriorPayment(
        payer=read_payer(*payor_of(known.find(insurance, "coverage")), known),
        subscriber=read_subscriber(insurance, known),
        paid_minor=paid.paid_minor,
        paid_on=paid_on,
        payer_reference=paid.payer_reference,
        adjustments=paid.adjustments,
        lines=tuple(
            PriorLine(
                number=int(line.reference or 0),
                paid_minor=line.paid_minor,
                adjustments=line.adjustments,
                procedure=line.procedure,
            )
            for line in paid.lines
        ),
    )


def _note(resource: Element) -> str:
    for each in resource.many("supportingInfo"):
        if each.concept("category") == "info":
            return each.text("valueString")
    return ""
