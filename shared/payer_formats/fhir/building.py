"""Parts of FHIR resources as they are written: codes, money, people and organisations.

FHIR R4B data types. What is empty is left out when the resource is written.
"""

from collections.abc import Sequence
from datetime import date

from payer_formats.claim import Address, Payer, Person, Provider, Subscriber
from payer_formats.fhir import systems
from payer_formats.fhir.element import decimal_of

Json = dict[str, object]
GENDERS = {"F": "female", "M": "male", "U": "unknown"}


def concept(code: str, system: str = "") -> Json:
    """Return a CodeableConcept, an empty one for no code."""
    return {"coding": [{"system": system, "code": code}]} if code else {}


def money(minor: int, currency: str) -> Json:
    """Return a Money with both decimals."""
    return {"value": decimal_of(minor), "currency": currency}


def identifier(value: str, kind: str = "", system: str = "") -> Json:
    """Return an Identifier, an empty one for no value; ``kind`` is of HL7 v2 table 0203."""
    if not value:
        return {}
    return {"type": concept(kind, systems.IDENTIFIER_TYPE), "system": system, "value": value}


def reference(target: str) -> Json:
    """Return a Reference to a contained resource."""
    return {"reference": f"#{target}"}


def iso(day: date | None) -> str:
    """Return a date as FHIR writes it, empty for none."""
    return day.isoformat() if day else ""


def patient(person: Person, number: str) -> Json:
    """Return a Patient; ``health_number`` is a jurisdictional one (JHN)."""
    return {
        "resourceType": "Patient",
        "id": number,
        "identifier": [identifier(person.health_number, "JHN")],
        "name": [_name(person.last_name, person.first_name, person.middle_name)],
        "gender": GENDERS[person.sex],
        "birthDate": iso(person.birth_date),
        "address": [_address(person.address)],
    }


def provider(who: Provider, number: str) -> Json:
    """Return a Practitioner, or an Organization for a provider that is no person."""
    numbers = [
        identifier(who.npi, "NPI", systems.NPI),
        identifier(who.number, "PRN"),
        identifier(who.tax_id, "TAX"),
    ]
    specialty = concept(who.taxonomy, systems.NUCC)
    if who.is_person:
        return {
            "resourceType": "Practitioner",
            "id": number,
            "identifier": numbers,
            "name": [_name(who.name, who.first_name)],
            "address": [_address(who.address)],
            "qualification": [{"code": specialty}],
        }
    return {
        "resourceType": "Organization",
        "id": number,
        "identifier": numbers,
        "type": [specialty],
        "name": who.name,
        "address": [_address(who.address)],
    }


def payer(who: Payer, number: str) -> Json:
    """Return an insurer."""
    return {
        "resourceType": "Organization",
        "id": number,
        "identifier": [identifier(who.id)],
        "name": who.name,
    }


def coverage(subscriber: Subscriber, number: str, names: Sequence[str]) -> Json:
    """Return a policy; ``names`` are the ids of its subscriber, its beneficiary and its payer."""
    holder, treated, insurer = names
    group = {"type": concept("group", systems.COVERAGE_CLASS), "value": subscriber.group_number}
    return {
        "resourceType": "Coverage",
        "id": number,
        "identifier": [identifier(subscriber.member_id, "MB")],
        "status": "active",
        "subscriber": reference(holder),
        "subscriberId": subscriber.member_id,
        "beneficiary": reference(treated),
        "relationship": concept(subscriber.relationship, systems.RELATIONSHIP),
        "payor": [reference(insurer)],
        "class": [group] if subscriber.group_number else [],
        "order": subscriber.rank,
    }


def _name(family: str, given: str, middle: str = "") -> Json:
    return {"family": family, "given": [each for each in (given, middle) if each]}


def _address(address: Address | None) -> Json:
    if address is None:
        return {}
    return {
        "line": [each for each in (address.line, address.line2) if each],
        "city": address.city,
        "state": address.region,
        "postalCode": address.postal_code,
        "country": address.country,
    }
