import inspect
import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from gateway.calls import OWN_CALLS
from gateway.http.server import Endpoint
from gateway.identity.access import ALLOWED
from gateway.openapi import SIGNED_IN, specification, template
from gateway.routes import ROUTES
from gateway.routing import Call
from gateway.service import GatewayService

VERBS = {"get", "post", "patch", "delete", "put"}


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
            assert ("content" in answer) is not bodiless, (path, verb, status)


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
