import inspect
import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from openapi_spec_validator import validate

from clinic_contracts.schemas import load
from gateway.calls import OWN_CALLS
from gateway.http.server import Endpoint
from gateway.identity.access import ALLOWED
from gateway.openapi import encoded, specification
from gateway.pages.curl import curl
from gateway.routes import ROUTES
from gateway.routing import Call
from gateway.service import GatewayService
from gateway.specified.by_hand import SENT
from gateway.specified.operations import SIGNED_IN, template

VERBS = {"get", "post", "patch", "delete", "put"}


def whole(part: Any) -> Any:
    """Return a part of the document, or what it refers to."""
    if "$ref" not in part:
        return part
    found: Any = specification()
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, verb, operation)
        for path, found in specification()["paths"].items()
        for verb, operation in found.items()
    ]


@pytest.mark.filterwarnings("error::UserWarning")
def test_the_specification_is_valid_and_no_name_had_to_be_changed() -> None:
    specification.cache_clear()
    validate(specification())
    names = specification()["components"]["schemas"]
    assert not [name for name in names if name[-1].isdigit()]


def test_every_path_of_the_server_is_described_and_no_other() -> None:
    methods = [method for _name, method in inspect.getmembers(GatewayService)]
    entrypoints = [e for m in methods for e in getattr(m, "nameko_entrypoints", ())]
    calls = [e.call for e in entrypoints if isinstance(e, Endpoint)]
    served = {(call.path, call.method.lower()) for call in calls}
    described = {(path, verb) for path, verb, _operation in operations()}
    assert {(template(path), verb) for path, verb in served} == described
    assert all(verb in VERBS for _path, verb in described)


def test_every_operation_has_a_name_of_its_own_and_says_who_may() -> None:
    ids = [operation["operationId"] for _path, _verb, operation in operations()]
    assert len(set(ids)) == len(ids)
    calls: tuple[Call, ...] = (*OWN_CALLS, *ROUTES)
    by_place = {(template(c.path), c.method.lower()): c.action for c in calls}
    for path, verb, operation in operations():
        action = by_place[path, verb]
        assert operation["security"] == ([] if action == "public" else SIGNED_IN)
        roles = [role for role, actions in ALLOWED.items() if action in actions]
        assert operation.get("x-roles", []) == roles
        assert {"401", "403"} <= operation["responses"].keys() or action == "public"


def test_answers_without_a_body_are_described_so() -> None:
    for path, verb, operation in operations():
        for status, answer in operation["responses"].items():
            bodiless = status in {"204", "302", "304"}
            assert ("content" in whole(answer)) is not bodiless, (path, verb, status)


def test_a_parameter_is_described_once_and_where_it_is() -> None:
    for path, verb, operation in operations():
        places = [(p["in"], p["name"]) for p in operation["parameters"]]
        assert len(set(places)) == len(places)
        in_path = {name for place, name in places if place == "path"}
        assert all(f"{{{name}}}" in path for name in in_path)
        assert path.count("{") == len(in_path)
        assert not in_path & {name for place, name in places if place == "query"}
        assert ("requestBody" in operation) <= (verb != "get")


def test_what_is_created_is_where_location_says() -> None:
    paths = specification()["paths"]
    for path, verb, operation in operations():
        for status, answer in operation["responses"].items():
            records = [p for p in paths if re.fullmatch(rf"{re.escape(path)}/{{\w+}}", p)]
            readable = any("get" in paths[record] for record in records)
            of_a_route = verb == "post" and status == "201" and readable
            assert ("Location" in answer.get("headers", {})) is of_a_route, (path, status)


def test_what_text_may_hold_is_described() -> None:
    body = specification()["components"]["schemas"]
    name = body["RegisterClient"]["properties"]["name"]["pattern"]
    reason = body["CancelAppointment"]["properties"]["reason"]["pattern"]
    at = body["BookAppointment"]["properties"]["local_start"]["pattern"]
    paths = specification()["paths"]
    headers = paths["/v1/appointments/{appointment_id}"]["patch"]["parameters"]
    version = next(p["schema"]["pattern"] for p in headers if p["name"] == "If-Match")
    for pattern, good, bad in (
        (version, ['"3"', "*", 'W/"1", "2"'], ["", "3", '"3']),
        (name, ["Ada Sample", "王"], ["", "  ", "a\nb", "a\x00"]),
        (reason, ["unwell", "one\ntwo"], ["", " \n", "a\x00"]),
        (at, ["2026-12-01T10:00"], ["2026-12-01", "2026-12-01T10:00Z"]),
    ):
        assert all(re.search(pattern, text) for text in good), pattern
        assert not any(re.search(pattern, text) for text in bad), pattern


def test_patterns_are_those_of_json_schema() -> None:
    assert r"\A" not in str(specification()).replace("\\\\", "\\")


def test_every_refusal_that_any_call_may_meet_is_described() -> None:
    for path, verb, operation in operations():
        found = operation["responses"].keys()
        assert {"400", "414", "431", "500", "503"} <= found, (path, verb)
        assert "default" not in found
        assert ("429" in found) is (path not in {"/healthz", "/readyz", "/metrics"})


def test_every_body_has_an_example_that_its_schema_allows() -> None:
    document = specification()
    without = {
        (path, verb, media_type)
        for path, verb, operation in operations()
        for media_type, content in bodies(operation)
        if not examples_of(content)
    }
    assert not without
    for path, verb, operation in operations():
        for media_type, content in bodies(operation):
            schema = {**content["schema"], "components": document["components"]}
            check = Draft202012Validator(schema, format_checker=FormatChecker())
            for example in examples_of(content):
                errors = [error.message for error in check.iter_errors(example)]
                assert not errors, (path, verb, media_type, errors)


def bodies(operation: dict[str, Any]) -> list[tuple[str, Any]]:
    answers = [a for status, a in operation["responses"].items() if status[0] == "2"]
    holders = [operation.get("requestBody", {}), *answers]
    return [each for holder in holders for each in holder.get("content", {}).items()]


def examples_of(content: dict[str, Any]) -> list[Any]:
    found = [whole(each)["value"] for each in content.get("examples", {}).values()]
    return [*found, *([content["example"]] if "example" in content else [])]


def test_examples_of_requests_are_read_as_the_requests_are() -> None:
    routes = {f"{r.operation.service}_{r.operation.name}": r for r in ROUTES}
    for _path, _verb, operation in operations():
        route = routes.get(operation["operationId"])
        if route is None or "requestBody" not in operation:
            continue
        elsewhere = {name: 1 if name == "expected_version" else "apt_1" for name in route.carried()}
        (example,) = examples_of(operation["requestBody"]["content"]["application/json"])
        load(route.operation.request, {**example, **elsewhere})


def test_every_tag_is_described_and_fields_are_where_a_docstring_says_something() -> None:
    document = specification()
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert described == {tag for _p, _v, operation in operations() for tag in operation["tags"]}
    payment = document["components"]["schemas"]["PayInvoice"]["properties"]
    assert "simulator" in payment["card_token"]["description"]


def test_the_document_is_encoded_once() -> None:
    assert encoded() is encoded()
    assert json.loads(encoded()) == specification()


def test_every_example_by_hand_is_of_a_call() -> None:
    assert SENT.keys() <= {operation["operationId"] for _path, _verb, operation in operations()}


def test_what_fhir_searches_by_is_described_under_its_own_names() -> None:
    searched = specification()["paths"]["/fhir/R4/Slot"]["get"]["parameters"]
    query = {each["name"]: each for each in searched if each["in"] == "query"}
    needed = [name for name, each in query.items() if each["required"]]
    assert needed == ["schedule", "start"]
    assert query["start"]["schema"]["maxItems"] == 2
    whose, when = (query[name] for name in needed)
    assert re.search(whose["schema"]["pattern"], whose["example"])
    assert re.search(when["schema"]["items"]["pattern"], *when["example"])


def test_fhirs_searches_have_examples_that_run() -> None:
    slots = specification()["paths"]["/fhir/R4/Slot"]["get"]
    command = curl("get", "/fhir/R4/Slot", slots)
    assert "?schedule=$LOCATION_ID.$PRACTITIONER_ID&start=2026-12-01" in command
