"""A user of one clinic, given another's ids of every kind: nothing is shown, changed or hinted at.

Practitioners who work at both clinics are both clinics', and treatments are the chain's.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from pymongo import MongoClient

from clinic_contracts.trusted import wire_name
from clinic_deploy.demo.api import Api
from clinic_runtime.ids import ulid
from gateway.routing import Call, OwnCall, Route, required
from tests.e2e import chain as chains
from tests.e2e import clinics
from tests.e2e.chain import (
    CALLS,
    CHAIN_ALONE,
    CHAINS,
    EVERY,
    NUMBER,
    ROLES,
    STREAM,
    TRACE,
    VERBS,
    Chain,
    parked_of,
)
from tests.e2e.clinics import Row, filled, nobody
from tests.e2e.conftest import House
from tests.e2e.programs import listening
from tests.e2e.references import references

pytestmark = [pytest.mark.spoils, pytest.mark.timeout(1_200)]
"""Fifty of everything take minutes to make on a busy machine."""


@pytest.fixture(scope="module")
def chain(house: House, api: Api) -> Iterator[Chain]:
    events = ["billing.payment_received.v1"]
    with listening() as (url, _heard):
        wanted = {"url": url, "event_types": events}
        endpoints = [api.post("/webhook-endpoints", wanted)["id"] for _ in range(2)]
        made = Chain(house, api)
        chains.add_deliveries(made, endpoints)
        chains.add_files(made)
        chains.add_parked(made)
        chains.add_people(made)
        chains.add_holds(made)
        made.before = made.state()
        yield made
        for each in endpoints:
            api.session.delete(f"{api.address}/v1/webhook-endpoints/{each}", timeout=15)
    with MongoClient[dict[str, Any]](house.environment["MONGO_URI"]) as client:
        client[f"e2e_{house.run}_billing"]["parked"].delete_many({})


@pytest.mark.parametrize("name", CALLS)
def test_each_of_their_ids_is_as_good_as_none(chain: Chain, name: str) -> None:
    call = CALLS[name]
    may = chain.may(call)
    if call.path in CHAINS:
        assert call.method == "GET" or may == ["manager", "owner"]
        return
    none = {role: chain.try_call(name, role, nobody(chain.theirs[0])) for role in ROLES}
    for role, (status, _text) in none.items():
        found = 200 if call.path == TRACE else 404
        assert status == (found if role in may else 403), none[role]
    for number, row in enumerate(chain.theirs):
        role = may[number % len(may)] if may else ROLES[number % len(ROLES)]
        assert chain.try_call(name, role, row) == none[role]
    for role in {*ROLES} - {*may}:
        assert chain.try_call(name, role, chain.theirs[0]) == none[role]


NESTED = [name for name, call in CALLS.items() if call.path.count("<") > 1]


@pytest.mark.parametrize("name", NESTED)
def test_nor_is_it_found_under_one_s_own(chain: Chain, name: str) -> None:
    call = CALLS[name]
    child = re.findall(r"<(\w+)>", call.path)[-1]
    child = "absence_id" if "/absences" in call.path else child
    for role in chain.may(call):
        none = {**chain.mine, child: nobody(chain.mine)[child]}
        expected = chain.try_call(name, role, none)
        assert expected[0] == 404
        for row in chain.theirs[:5]:
            assert chain.try_call(name, role, {**chain.mine, child: row[child]}) == expected


CONDITIONAL = [name for name, call in CALLS.items() if call.method in {"PATCH", "POST"}]


@pytest.mark.parametrize("name", CONDITIONAL)
def test_no_condition_tells_that_it_is_there(chain: Chain, name: str) -> None:
    elsewhere = CALLS[name].path not in {*CHAINS, TRACE}
    for role in chain.may(CALLS[name])[:1] if elsewhere else []:
        for if_match in (None, '"1"', '"77"', '"1", "2"', 'W/"1"'):
            found = [
                chain.try_call(name, role, row, if_match)
                for row in (chain.theirs[0], nobody(chain.theirs[0]))
            ]
            assert found[0] == found[1]
            assert found[0][0] == 404, (if_match, found)


PATHS = sorted({call.path for call in CALLS.values()})


@pytest.mark.parametrize("path", PATHS)
def test_a_verb_the_path_does_not_offer_is_refused_alike_for_all(chain: Chain, path: str) -> None:
    offered = {call.method for call in CALLS.values() if call.path == path}
    if path in CHAINS:
        return
    role = next(iter(chain.may(next(c for c in CALLS.values() if c.path == path))), "manager")
    for verb in VERBS:
        if verb in offered:
            continue
        rows = (chain.theirs[0], nobody(chain.theirs[0]), chain.mine)
        found = [chain.told(chain.ask(role, verb, filled(path, row)), row) for row in rows]
        assert found[0] == found[1]
        if verb == "HEAD" and "GET" in offered:
            continue  # it is GET without the body
        assert found[0] == found[2]
        assert found[0][0] in {405, 501, 204}, (verb, found)


ASKED = {
    "from": str(clinics.PAST),
    "to": str(clinics.TODAY),
    "as_of": str(clinics.TODAY),
    "day": str(clinics.PAST),
    "date": str(clinics.LATER),
    "q": "Beta",
    "limit": "200",
}
LISTS: dict[str, Call] = {
    call.path: call
    for call in EVERY
    if call.method == "GET"
    and "<" not in call.path
    and call.action != "public"
    and call.path != STREAM
}


def fields_of(call: Call) -> list[str]:
    request: Any = call.request if isinstance(call, OwnCall) else call.operation.request
    return [] if request is None else [wire_name(field.name) for field in fields(request)]


@pytest.mark.parametrize("path", LISTS)
def test_no_list_or_report_has_anything_of_theirs(chain: Chain, path: str) -> None:
    call, names = LISTS[path], fields_of(LISTS[path])
    ids = [name for name in names if name.endswith("_id")]
    fixed = {name: ASKED[name] for name in names if name in ASKED}
    mine = {name: chain.mine[name] for name in ids if isinstance(call, Route)
            and required(call.operation, name)}  # fmt: skip
    asked: list[Row] = [{**fixed, **mine}, *({**fixed, **mine, n: chain.theirs[0][n]} for n in ids)]
    forms = ("json", "csv", "svg") if "format" in names else ("",)
    for role in chain.may(call):
        for query in asked:
            for form in forms:
                answer = chain.ask(
                    role, "GET", path, params={**query, **({"format": form} if form else {})}
                )
                assert answer.status_code in {200, 404, 422}, answer.text
                status, text = chain.told(answer, {k: v for k, v in query.items() if k in ids})
                elsewhere = query.get("location_id") == chain.theirs[0]["location_id"]
                assert not (elsewhere and status == 200), text


def test_no_body_reaches_them(chain: Chain) -> None:
    """Each is answered as if what it names did not exist."""
    theirs, different = chain.theirs[0], {}
    asked = references(chain.mine, theirs), references(chain.mine, nobody(theirs))
    for (role, verb, path, body), (_, _, _, none) in zip(*asked, strict=True):
        found = [
            chain.told(chain.ask(role, verb, path, {"If-Match": "*"}, json=each), row)
            for each, row in ((body, theirs), (none, nobody(theirs)))
        ]
        if found[0] != found[1] or found[0][0] not in {200, 403, 404, 409, 422}:
            different[f"{verb} {path} {body}"] = found
    assert different == {}


def test_a_payer_s_file_says_nothing_of_their_claims(chain: Chain) -> None:
    (other,) = (chain.owner.get(f"/claims/{chain.theirs[0]['claim_id']}"),)
    biller = chain.keys["billing"]
    raw = clinics.an_835([other["number"]], f"T{ulid()[-9:]}")
    told = chains.hand_in(chain, biller, "application/edi-x12", raw)
    file = told.json()
    assert (file["state"], file["unmatched"]) == ("posted", 1)
    assert chain.leaked(told.text) == set()
    elsewhere = chains.hand_in(
        chain, biller, "text/plain", f"no file of {chain.theirs[0]['location_id']}".encode()
    )
    assert elsewhere.json()["state"] == "quarantined"
    resource = chain.ask(biller, "GET", f"/v1/remittances/{elsewhere.json()['id']}")
    assert resource.status_code == 404


def test_nothing_of_theirs_has_changed(chain: Chain) -> None:
    after = chain.state()
    assert {path: after[path] for path in after if after[path] != chain.before[path]} == {}
    assert len(parked_of(chain, "owner")) > NUMBER
    for row in chain.theirs:
        path = f"{chain.house.address}/v1/holds/{row['hold_id']}"
        assert chain.owner.session.delete(path, timeout=15).status_code == 200


def test_every_segment_of_every_path_is_known(chain: Chain) -> None:
    """Fail for a new call until it is said here what its ids are."""
    for call in CALLS.values():
        assert "<" not in filled(call.path, chain.mine)


ORDER = ("GET", "PATCH", "POST", "DELETE")


def test_one_s_own_are_there(chain: Chain) -> None:
    """Hold the paths and bodies to be good, so that none is refused for another reason."""
    refused = {}
    for name in sorted(CALLS, key=lambda each: ORDER.index(each.split()[0])):
        may = chain.may(CALLS[name])
        if not may or name.split()[1].startswith((*CHAINS, CHAIN_ALONE)) or name.endswith("/totp"):
            continue
        status, text = chain.try_call(name, may[-1], chain.mine)
        if status not in {200, 201, 202, 204, 409}:
            refused[name] = (status, text)
    assert refused == {}
