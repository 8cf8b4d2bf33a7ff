"""A claim, written as FHIR R4B's Claim: professional, self-contained, ``use`` is "claim".

Everybody and everything that it speaks of is contained, so that a payer needs nothing else. The
payer asked is the focal insurance; earlier payers stand beside it with what they paid.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from payer_formats.answers import RemittedClaim, RemittedLine
from payer_formats.claim import Accident, Claim, Diagnosis, PriorPayment, ServiceLine
from payer_formats.fhir import systems
from payer_formats.fhir.answering import claim_response
from payer_formats.fhir.building import (
    Json,
    concept,
    coverage,
    identifier,
    iso,
    money,
    patient,
    payer,
    provider,
    reference,
)
from payer_formats.fhir.element import decimal_of
from payer_formats.fhir.syntax import written

ACCIDENTS = {"auto": "MVA", "work": "WPA"}
"""Value set v3 ActIncidentCode; it has no code for any other accident."""
DIAGNOSES = {"ICD10": systems.ICD10, "ICD9": systems.ICD9}


def claim_bytes(claim: Claim, *, created: date, procedures: str = systems.CPT) -> bytes:
    """Return a claim as the JSON of a Claim.

    A void claim has the status ``cancelled``, and it and a corrected one relate to the payer's
    number of the claim before. ``procedures`` is the code system of the lines' procedures.
    Minutes and references of lines have no place in FHIR and are left out.
    """
    resource: Json = {
        "resourceType": "Claim",
        "contained": _contained(claim, created),
        "identifier": [identifier(claim.id)],
        "status": "cancelled" if claim.frequency == "void" else "active",
        "type": concept("professional", systems.CLAIM_TYPE),
        "use": "claim",
        "patient": reference(_treated(claim)),
        "created": iso(created),
        "insurer": reference("payer"),
        "provider": reference("billing"),
        "priority": concept("normal", systems.PRIORITY),
        "related": _related(claim),
        "payee": {"type": concept("provider", systems.PAYEE)},
        "careTeam": _care_team(claim),
        "supportingInfo": _information(claim),
        "diagnosis": [_diagnosis(at, each) for at, each in enumerate(claim.diagnoses, start=1)],
        "insurance": _insurance(claim),
        "accident": _accident(claim.accident),
        "item": [_item(claim, line, procedures) for line in claim.lines],
        "total": money(claim.charge_minor, claim.currency),
    }
    return written(resource)


def _treated(claim: Claim) -> str:
    return "patient" if claim.patient else "subscriber"


def _contained(claim: Claim, created: date) -> list[Json]:
    names = ("subscriber", _treated(claim), "payer")
    contained = [
        patient(claim.subscriber.person, "subscriber"),
        payer(claim.payer, "payer"),
        provider(claim.billing, "billing"),
        coverage(claim.subscriber, "coverage", names),
    ]
    if claim.patient:
        contained.append(patient(claim.patient, "patient"))
    for name in ("rendering", "referring"):
        who = getattr(claim, name)
        if who:
            contained.append(provider(who, name))
    for at, prior in enumerate(claim.prior, start=1):
        holder, insurer = f"prior-subscriber-{at}", f"prior-payer-{at}"
        contained += [
            patient(prior.subscriber.person, holder),
            payer(prior.payer, insurer),
            coverage(prior.subscriber, f"prior-coverage-{at}", (holder, _treated(claim), insurer)),
            _prior_response(claim, prior, created) | {"id": f"prior-response-{at}"},
        ]
    return contained


def _prior_response(claim: Claim, prior: PriorPayment, created: date) -> Json:
    charges: Mapping[int, int] = {line.number: line.charge_minor for line in claim.lines}
    remitted = RemittedClaim(
        reference=claim.id,
        decision="paid",
        charge_minor=claim.charge_minor,
        paid_minor=prior.paid_minor,
        payer_reference=prior.payer_reference,
        adjustments=prior.adjustments,
        lines=tuple(
            RemittedLine(
                procedure=line.procedure,
                charge_minor=charges.get(line.number, 0),
                paid_minor=line.paid_minor,
                adjustments=line.adjustments,
                reference=str(line.number),
            )
            for line in prior.lines
        ),
    )
    day = prior.paid_on or created
    response = claim_response(remitted, prior.payer.id, day, claim.currency)
    paid = {"amount": money(prior.paid_minor, claim.currency), "date": iso(prior.paid_on)}
    return response | {"payment": {"type": concept("complete"), **paid}}


def _related(claim: Claim) -> list[Json]:
    if not claim.payer_reference:
        return []
    before = {"identifier": identifier(claim.payer_reference)}
    return [{"claim": before, "relationship": concept("prior", systems.RELATED_CLAIM)}]


def _care_team(claim: Claim) -> list[Json]:
    """Return who treated, where that is not who bills, and who referred."""
    team = [
        (name, who)
        for name, who in (("rendering", claim.rendering), ("referring", claim.referring))
        if who
    ]
    return [
        {
            "sequence": at,
            "provider": reference(name),
            "role": concept(name, systems.CARE_TEAM),
            "qualification": concept(who.taxonomy, systems.NUCC),
        }
        for at, (name, who) in enumerate(team, start=1)
    ]


def _information(claim: Claim) -> list[Json]:
    if not claim.note:
        return []
    return [
        {
            "sequence": 1,
            "category": concept("info", systems.INFORMATION),
            "valueString": claim.note,
        }
    ]


def _diagnosis(sequence: int, diagnosis: Diagnosis) -> Json:
    code = concept(diagnosis.code, DIAGNOSES[diagnosis.system])
    return {"sequence": sequence, "diagnosisCodeableConcept": code}


def _insurance(claim: Claim) -> list[Json]:
    """Return the earlier payers in order, then the one that is asked."""
    accident = claim.accident
    insurances: list[Json] = [
        {
            "sequence": at,
            "focal": False,
            "coverage": reference(f"prior-coverage-{at}"),
            "claimResponse": reference(f"prior-response-{at}"),
        }
        for at, _ in enumerate(claim.prior, start=1)
    ]
    focal: Json = {
        "sequence": len(insurances) + 1,
        "focal": True,
        "identifier": identifier(accident.claim_number if accident else ""),
        "coverage": reference("coverage"),
        "preAuthRef": [claim.authorization] if claim.authorization else [],
    }
    return [*insurances, focal]


def _accident(accident: Accident | None) -> Json:
    if accident is None:
        return {}
    return {
        "date": iso(accident.day),
        "type": concept(ACCIDENTS.get(accident.kind, ""), systems.ACT_CODE),
        "locationAddress": {"state": accident.region} if accident.region else {},
    }


def _item(claim: Claim, line: ServiceLine, procedures: str) -> Json:
    procedure = concept(line.procedure, procedures)
    return {
        "sequence": line.number,
        "careTeamSequence": [1] if claim.rendering else [],
        "diagnosisSequence": list(line.pointers),
        "productOrService": procedure | {"text": line.description},
        "modifier": [concept(each) for each in line.modifiers],
        "servicedDate": iso(line.day),
        "locationCodeableConcept": concept(claim.place_of_service, systems.PLACE),
        **_price(line, claim.currency),
        "net": money(line.charge_minor, claim.currency),
    }


def _price(line: ServiceLine, currency: str) -> Json:
    """Return quantity and unit price; no price where it would not be of whole cents.

    FHIR R4B wants net = quantity x unitPrice (Claim.item.net).
    """
    if line.units < 1 or line.charge_minor % line.units:
        return {"quantity": {"value": Decimal(line.units)}}
    price = {"value": decimal_of(line.charge_minor // line.units), "currency": currency}
    return {"quantity": {"value": Decimal(line.units)}, "unitPrice": price}
