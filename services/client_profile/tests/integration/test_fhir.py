"""A client as a FHIR Patient: read by a library of others, the health number for whom it is."""

import base64
from typing import Any

import pytest
from fhir.resources.R4B.patient import Patient
from pymongo.database import Database

from client_profile import resources
from client_profile.service import ClientProfileService
from clinic_contracts.client_profile import operations as op
from clinic_contracts.client_profile.requests import ClientView
from clinic_contracts.context import CallContext
from clinic_contracts.errors import NotFound
from clinic_runtime import wire
from clinic_runtime.ids import ulid
from clinic_runtime.rpc import RpcClient
from clinic_runtime.testing import running

PHN = "9698658215"
WHOLE: dict[str, Any] = {
    "name": "Ada Sample",
    "birth_date": "1970-05-04",
    "phones": ["604 555 0100", "604 555 0101"],
    "emails": ["ada@example.org"],
    "health_number": PHN,
    "preferred_channel": "sms",
    "language": "fr-CA",
    "address": "1 Main Street, Vancouver",
}


class Caller:
    name = "caller"
    rpc = RpcClient()


def context(*, sees: bool, at: str = "loc_1") -> CallContext:
    return CallContext(
        actor="staff:test",
        correlation_id=ulid(),
        operation_id=ulid(),
        sees_health_numbers=sees,
        location_scope=(at,),
    )


def valid(raw: bytes) -> Any:
    """Return a Patient as its JSON is read, once R4B's model has taken it."""
    Patient.model_validate_json(raw)
    return wire.decode(raw)


def test_a_client_is_a_patient_and_another_is_not_there(
    database: Database[dict[str, Any]], mongo_uri: str, amqp_uri: str
) -> None:
    config = {
        "mongo_uri": mongo_uri,
        "amqp_uri": amqp_uri,
        "database": database.name,
        "field_key": base64.b64encode(bytes(32)).decode(),
    }
    with running(ClientProfileService, config), running(Caller, config) as container:
        rpc = next(e for e in container.dependencies if isinstance(e, RpcClient))
        id_ = rpc.call(op.REGISTER_CLIENT, WHOLE, context(sees=True))["id"]

        def read(resource_id: str, *, sees: bool, at: str = "loc_1") -> Any:
            asked = {"resource_type": "Patient", "resource_id": resource_id}
            answer = rpc.call(op.GET_FHIR_RESOURCE, asked, context(sees=sees, at=at))
            return valid(base64.b64decode(answer["content_base64"]))

        told = read(id_.replace("_", "-"), sees=True)
        (seen,) = database["access_log"].find({"client_id": id_})
        assert seen["what"] == "client"
        assert told["id"] == id_.replace("_", "-")
        assert told["name"] == [{"text": "Ada Sample"}]
        assert told["birthDate"] == "1970-05-04"
        assert [(each["system"], each["value"], each.get("rank")) for each in told["telecom"]] == [
            ("phone", "+16045550100", 1),
            ("phone", "+16045550101", None),
            ("email", "ada@example.org", None),
        ]
        assert [each["value"] for each in told["identifier"]] == [PHN]
        assert told["communication"][0]["language"]["coding"][0]["code"] == "fr-CA"
        hidden = read(id_.replace("_", "-"), sees=False)
        assert "identifier" not in hidden
        assert PHN[-4:] not in str(hidden)
        with pytest.raises(NotFound):
            read("cli-9", sees=True)
        with pytest.raises(NotFound):
            read(id_.replace("_", "-"), sees=True, at="loc_2")


def test_what_is_not_known_of_a_client_is_left_out() -> None:
    view = ClientView(
        id="cli_1",
        version=3,
        name="Sam",
        birth_date=None,
        phones=(),
        emails=(),
        health_number=None,
        preferred_channel="none",
        language="en",
        address="",
    )
    told = valid(wire.encode(resources.patient(view, context(sees=True))))
    assert set(told) == {"resourceType", "id", "meta", "name", "communication"}
