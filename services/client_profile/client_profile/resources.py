"""A client as a FHIR R4 Patient, as plain JSON."""

from clinic_contracts.client_profile.requests import ClientView
from clinic_contracts.context import CallContext
from clinic_contracts.fhir import resource_id

Json = dict[str, object]
PHN = "https://fhir.infoway-inforoute.ca/NamingSystem/ca-bc-patient-healthcare-id"
"""British Columbia's personal health numbers (Canada Health Infoway, naming systems)."""
IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
LANGUAGES = "urn:ietf:bcp:47"


def patient(client: ClientView, context: CallContext) -> Json:
    """Return a client as the caller is shown it: without the health number if that is masked."""
    telecom = [
        *_reached("phone", client.phones, first=client.preferred_channel in {"phone", "sms"}),
        *_reached("email", client.emails, first=client.preferred_channel == "email"),
    ]
    language = {"coding": [{"system": LANGUAGES, "code": client.language}]}
    whole: Json = {
        "resourceType": "Patient",
        "id": resource_id(client.id),
        "meta": {"versionId": str(client.version)},
        "identifier": _identifiers(client, context),
        "name": [{"text": client.name}],
        "telecom": telecom,
        "birthDate": client.birth_date.isoformat() if client.birth_date else None,
        "address": [{"text": client.address}] if client.address else [],
        "communication": [{"language": language, "preferred": True}],
    }
    # FHIR's JSON has neither nulls nor empty arrays.
    return {name: value for name, value in whole.items() if value not in (None, [])}


def _identifiers(client: ClientView, context: CallContext) -> list[Json]:
    if client.health_number is None or not context.sees_health_numbers:
        return []
    kind = {"coding": [{"system": IDENTIFIER_TYPES, "code": "JHN"}]}
    return [{"type": kind, "system": PHN, "value": client.health_number}]


def _reached(system: str, values: tuple[str, ...], *, first: bool) -> list[Json]:
    """Return ways to reach the client, the first ranked when the client prefers that channel."""
    return [
        {"system": system, "value": value, **({"rank": 1} if first and at == 0 else {})}
        for at, value in enumerate(values)
    ]
