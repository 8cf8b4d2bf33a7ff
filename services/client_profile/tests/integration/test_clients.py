"""Clients on a real database: found as one types, sealed where it matters."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import eventlet
import pytest
import structlog

from client_profile.use_cases import clients as use_cases
from clinic_contracts.client_profile import requests as r
from clinic_contracts.errors import (
    AlreadyExists,
    Invalid,
    NotFound,
    ServiceUnavailable,
    StaleVersion,
)

PHN, MASKED = "9698658215", "••••••8215"


@pytest.mark.parametrize(
    "q", ["ada", "sam", "SAMPLE ad", "604555", "5550142", "0142", "ada@", "ada@example.org", PHN]
)
def test_a_client_is_found_as_one_types(office: Any, q: str) -> None:
    office.register(phones=("604-555-0142",), emails=("Ada@Example.org",), health_number=PHN)
    office.register(name="Bo Other")
    expected = [] if q == "0142" else ["Ada Sample"]
    assert office.search(q) == expected


@pytest.mark.parametrize(
    "q",
    [
        *("anne", "anne-marie", "anne-m", "annemarie", "marie", "mari", "anne\u2011marie"),
        *("o'brien", "o\u2019brien", "o'b", "obrien", "brien", "bri", "marie o'brien", "a.o'b"),
    ],
)
def test_a_joined_name_is_found_whole_and_by_its_parts_however_it_is_set(
    office: Any, q: str
) -> None:
    names = {f"Anne{a}Marie O{b}Brien" for a in ("-", "\u2011") for b in ("'", "\u2019")}
    for name in names:
        office.register(name=name, emails=("a.o'brien@example.org",))
    office.register(name="Arie Rienz", emails=("annabel@example.org",))
    assert set(office.search(q)) == names


def test_an_empty_search_lists_all_by_name(office: Any) -> None:
    for name in ("Zoë", "Ada", "émile"):
        office.register(name=name)
    assert office.search("") == ["Ada", "émile", "Zoë"]


@pytest.mark.parametrize("q", ["", "sam"])
def test_pages_hold_each_client_once_also_of_one_name(office: Any, q: str) -> None:
    made = {office.register(name=name).id for name in ["Ada Sample"] * 5 + ["Bo Sample"] * 3}
    page = office.find(q, limit=2)
    seen = [client.id for client in page.items]
    while page.next is not None:
        page = office.find(q, page.next, limit=2)
        seen += [client.id for client in page.items]
    assert sorted(seen) == sorted(made)


def test_the_health_number_is_sealed_and_in_no_event(office: Any) -> None:
    office.register(health_number=PHN)
    assert PHN not in str(list(office.database["clients"].find()))


def test_the_health_number_is_whole_for_those_who_see_it_and_ask_for_one(office: Any) -> None:
    client = office.register(health_number=PHN, sees=True)
    assert client.health_number == PHN
    assert office.get(client.id, sees=True).health_number == PHN
    assert office.get(client.id).health_number == MASKED
    for q in ("ada", PHN):
        assert [found.health_number for found in office.find(q, sees=True).items] == [MASKED]


def test_a_change_shows_the_health_number_only_if_it_gave_it(office: Any) -> None:
    id_ = office.register(health_number="9698658222").id
    changed = office.change(id_, sees=True, name="Ada Changed")
    assert changed.health_number == "••••••8222"
    assert office.change(id_, sees=True, health_number=PHN).health_number == PHN
    assert office.change(id_, sees=False, health_number=PHN).health_number == MASKED
    with pytest.raises(StaleVersion) as refused:
        office.change(id_, sees=True, expected_version=1, health_number=PHN)
    assert refused.value.extra["current"]["health_number"] == MASKED


def test_a_masked_number_that_comes_back_is_refused_and_changes_nothing(office: Any) -> None:
    before = office.register(health_number=PHN)
    assert before.health_number == MASKED
    with pytest.raises(Invalid) as refused:
        office.change(before.id, name="Bo", health_number=before.health_number)
    errors = refused.value.extra["errors"]
    assert errors == {"health_number": ["PHN_INVALID: a BC health number has ten digits"]}
    assert office.get(before.id) == before
    assert office.get(before.id, sees=True).health_number == PHN
    assert office.events("clients") == [1]


def test_one_health_number_is_one_client_also_after_a_rotation(office: Any) -> None:
    office.register(health_number=PHN)
    office.rotate()
    with pytest.raises(AlreadyExists) as refused:
        office.register(name="Bo Other", health_number=PHN)
    assert refused.value.extra["field"] == "health_number"
    assert PHN not in str(refused.value) + str(refused.value.extra)


def test_after_a_rotation_clients_are_found_opened_and_move_to_the_new_key(office: Any) -> None:
    id_ = office.register(health_number=PHN).id
    office.rotate()
    assert office.search(PHN) == ["Ada Sample"]
    assert office.get(id_, sees=True).health_number == PHN
    office.change(id_, name="Ada Changed")
    office.lose_the_old_key()
    assert office.get(id_, sees=True).health_number == PHN


def test_a_number_whose_key_is_missing_is_said_in_the_log(office: Any) -> None:
    client = office.register(health_number=PHN)
    sealed = office.database["clients"].find_one()["number_sealed"]
    office.lose_the_old_key()
    with structlog.testing.capture_logs() as log, pytest.raises(ServiceUnavailable):
        office.change(client.id, name="Bo")
    assert [(line["event"], line["field"], line["record_id"]) for line in log] == [
        ("sealed_field.unopened", "health_number", client.id)
    ]
    assert sealed[:4].hex() in log[0]["error"]
    assert office.database["clients"].find_one()["number_sealed"] == sealed


def test_a_change_keeps_the_rest_and_minds_the_version(office: Any) -> None:
    client = office.register(emails=("ada@example.org",), health_number=PHN)
    changed = office.change(client.id, expected_version=1, name="Ada Changed")
    assert (changed.version, changed.emails) == (2, client.emails)
    assert office.get(client.id) == changed
    with pytest.raises(StaleVersion) as refused:
        office.change(client.id, expected_version=1, name="Ada Late")
    assert refused.value.extra["current"]["name"] == "Ada Changed"
    assert office.events("clients") == [1, 2]


def test_a_health_number_can_be_taken_away(office: Any) -> None:
    client = office.register(health_number=PHN)
    office.change(client.id, health_number=None)
    assert office.get(client.id).health_number is None
    office.register(name="Bo", health_number=PHN)


def test_a_wrong_phone_is_named_by_its_place(office: Any) -> None:
    with pytest.raises(Invalid) as refused:
        office.register(phones=("604-555-0142", "nonsense"))
    assert refused.value.extra["errors"] == {"phones": {"1": ["is not a phone number"]}}


def test_a_birth_date_of_today_is_taken_where_today_has_begun(office: Any) -> None:
    client = office.register()
    request = r.ChangeClient(client_id=client.id, birth_date=date(2026, 11, 25))
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert use_cases.change_client(request, office.desk(at=noon)).birth_date == request.birth_date
    with pytest.raises(Invalid) as refused:
        use_cases.change_client(request, office.desk(at=noon.replace(hour=9)))
    assert refused.value.extra["errors"] == {"birth_date": ["lies in the future"]}


def test_a_registration_delivered_twice_is_one_client_and_one_event(office: Any) -> None:
    first = office.register("same", sees=True, health_number=PHN)
    assert office.register("same", sees=True, health_number=PHN) == first
    assert office.events("clients") == [1]


@pytest.mark.parametrize("expected_version", [1, None])
def test_a_change_delivered_twice_is_one_change(office: Any, expected_version: int | None) -> None:
    id_ = office.register().id
    fields = {"expected_version": expected_version, "sees": True, "health_number": PHN}
    first = office.change(id_, "same", **fields)
    assert office.change(id_, "same", **fields) == first
    assert (first.version, first.health_number) == (2, PHN)
    assert office.events("clients") == [1, 2]


@pytest.mark.parametrize("expected_version", [1, None])
def test_a_change_delivered_at_once_is_one_change(
    office: Any, expected_version: int | None
) -> None:
    id_ = office.register().id

    def deliver(_: int) -> Any:
        return office.change(id_, "same", expected_version=expected_version, name="Ada Changed")

    answers = list(eventlet.GreenPool().imap(deliver, range(8)))
    assert answers == [office.get(id_)] * 8
    assert office.events("clients") == [1, 2]


def test_of_changes_at_once_one_is_made_and_the_others_see_it(office: Any) -> None:
    id_ = office.register().id

    def rename(number: int) -> str:
        try:
            return str(office.change(id_, expected_version=1, name=f"Ada {number}").name)
        except StaleVersion as refused:
            return str(refused.extra["current"]["name"])

    answers = list(eventlet.GreenPool().imap(rename, range(8)))
    assert answers == [office.get(id_).name] * 8
    assert office.events("clients") == [1, 2]


def test_nothing_can_be_added_to_nobody(office: Any) -> None:
    with pytest.raises(NotFound):
        use_cases.list_coverages("cli_nobody", office.desk())


def test_names_are_told_of_those_who_are_known(office: Any) -> None:
    ada, bo = office.register(name="Ada Sample"), office.register(name="Bo Other")
    asked = r.NameClients(ids=(ada.id, "cli_unknown", bo.id, ada.id))
    told = use_cases.name_clients(asked, office.desk())
    assert {each.id: each.name for each in told.items} == {ada.id: "Ada Sample", bo.id: "Bo Other"}


def test_a_name_is_told_to_those_who_see_the_client(office: Any) -> None:
    ada = office.register(name="Ada Sample", location_ids=("loc_a",))
    for scope, names in ((None, ["Ada Sample"]), (("loc_a",), ["Ada Sample"]), (("loc_b",), [])):
        desk = office.desk()
        desk = replace(desk, context=replace(desk.context, location_scope=scope))
        told = use_cases.name_clients(r.NameClients(ids=(ada.id,)), desk)
        assert [each.name for each in told.items] == names
