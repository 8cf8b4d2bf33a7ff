"""Clients belong to locations: who sees none of them sees neither the client nor what is theirs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from client_profile import repository
from client_profile.domain import clients as domain
from client_profile.use_cases import alerts, referrals
from client_profile.use_cases import clients as use_cases
from clinic_contracts.client_profile import alerts as a
from clinic_contracts.client_profile.referrals import AddReferral
from clinic_contracts.client_profile.requests import ChangeCoverage, ListOfClient
from clinic_contracts.errors import Invalid, NotFound, RetryLater
from clinic_runtime.clock import now

PHN = "9698658215"
DAY = date(2026, 1, 1)


def test_a_new_client_is_of_the_caller_s_locations(office: Any) -> None:
    theirs = office.seeing("loc_1", "loc_2").register()
    assert theirs.location_ids == ("loc_1", "loc_2")
    assert office.register().location_ids == ()
    assert office.seeing("loc_1").register(location_ids=()).location_ids == ()
    assert office.register(location_ids=("loc_9", "loc_9")).location_ids == ("loc_9",)
    for wanted in (("loc_2",), ("loc_1", "loc_2")):
        with pytest.raises(Invalid) as refused:
            office.seeing("loc_1").register(location_ids=wanted)
        assert refused.value.extra["errors"] == {"location_ids": ["there is no location loc_2"]}


@pytest.mark.parametrize("q", ["", "ada", "ada sam", "s", "604555", PHN])
def test_they_are_found_where_they_are_and_before_their_first_visit_everywhere(
    office: Any, q: str
) -> None:
    made = office.register(phones=("604-555-0142",), health_number=PHN)
    one, other, nowhere = office.seeing("loc_1"), office.seeing("loc_2"), office.seeing()
    for everybody in (office, one, other, nowhere):
        assert everybody.search(q) == ["Ada Sample"]
    office.visit(made.id, "loc_1")
    found = [each.search(q) for each in (office, one, other, nowhere)]
    assert found == [["Ada Sample"], ["Ada Sample"], [], []]
    both = office.seeing("loc_1", "loc_2")
    office.visit(made.id, "loc_2")
    assert [each.search(q) for each in (one, other, both)] == [["Ada Sample"]] * 3


@pytest.mark.parametrize("q", ["", "sam", "s sam"])
def test_pages_hold_those_seen_alone_and_each_once(office: Any, q: str) -> None:
    here, both = office.seeing("loc_1"), office.seeing("loc_1", "loc_2")
    mine = {here.register(name=f"{letter} Sample").id for letter in "abcde"}
    theirs = {office.register(name=f"{x} Sample", location_ids=("loc_2",)).id for x in "abcde"}
    shared = office.register(name="a Sample", location_ids=("loc_1", "loc_2")).id
    for user, expected in ((here, mine | {shared}), (both, mine | theirs | {shared})):
        page = user.find(q, limit=2)
        seen = [client.id for client in page.items]
        while page.next is not None:
            page = user.find(q, page.next, limit=2)
            seen += [client.id for client in page.items]
        assert sorted(seen) == sorted(expected)


def everything(office: Any, id_: str) -> dict[str, Callable[[Any], Any]]:
    """Return what can be asked of a client, by somebody."""
    coverage = office.cover(id_)
    alert = alerts.raise_alert(a.RaiseAlert(client_id=id_, level="block", kind="x"), office.desk())
    of, one = ListOfClient(client_id=id_), a.GetAlert(client_id=id_, alert_id=alert.id)
    change = a.ChangeAlert(client_id=id_, alert_id=alert.id, expected_version=77)
    lift = a.LiftAlert(client_id=id_, alert_id=alert.id)
    referral = AddReferral(client_id=id_, referrer="Dr. Ray", issued=DAY, expires=DAY)
    again = ChangeCoverage(client_id=id_, coverage_id=coverage.id, percent=1)
    return {
        "get": lambda who: who.get(id_),
        "change": lambda who: who.change(id_, name="Bo"),
        "stale change": lambda who: who.change(id_, name="Bo", expected_version=77),
        "cover": lambda who: who.cover(id_),
        "change coverage": lambda who: use_cases.change_coverage(again, who.desk()),
        "coverages": lambda who: use_cases.list_coverages(id_, who.desk()),
        "consent": lambda who: who.consent(id_),
        "consents": lambda who: use_cases.list_consents(id_, who.desk()),
        "raise": lambda who: alerts.raise_alert(
            a.RaiseAlert(client_id=id_, level="block", kind="x"), who.desk()
        ),
        "alerts": lambda who: alerts.list_alerts(of, who.desk()),
        "alert": lambda who: alerts.get_alert(one, who.desk()),
        "change alert": lambda who: alerts.change_alert(change, who.desk()),
        "lift": lambda who: alerts.lift_alert(lift, who.desk()),
        "refer": lambda who: referrals.add_referral(referral, who.desk()),
        "referrals": lambda who: referrals.list_referrals(of, who.desk()),
    }


def test_nothing_of_another_location_s_client_is_told_or_changed(office: Any) -> None:
    id_ = office.register(location_ids=("loc_2",)).id
    questions = everything(office, id_)
    before = {name: list(office.database[name].find()) for name in repository.OUTBOXES}
    for ask in questions.values():
        with pytest.raises(NotFound, match=f"there is no client {id_}"):
            ask(office.seeing("loc_1"))
    assert {name: list(office.database[name].find()) for name in repository.OUTBOXES} == before


def test_a_scoped_caller_has_a_say_in_their_own_locations_alone(office: Any) -> None:
    here, elsewhere = office.seeing("loc_1", "loc_3"), office.seeing("loc_2")
    id_ = office.register(location_ids=("loc_1", "loc_2")).id
    assert here.get(id_).location_ids == ("loc_1",)
    with pytest.raises(Invalid):
        here.change(id_, location_ids=("loc_1", "loc_2"))
    assert here.change(id_, location_ids=("loc_3",)).location_ids == ("loc_3",)
    assert office.get(id_).location_ids == ("loc_2", "loc_3")
    assert elsewhere.get(id_).location_ids == ("loc_2",)
    here.change(id_, location_ids=())
    with pytest.raises(NotFound):
        here.get(id_)
    assert office.change(id_, location_ids=("loc_9",)).location_ids == ("loc_9",)
    with pytest.raises(NotFound):
        elsewhere.get(id_)


def test_a_visit_makes_them_one_of_the_location_once_and_says_so(office: Any) -> None:
    id_ = office.register().id
    for _ in range(2):
        office.visit(id_, "loc_1")
    assert office.get(id_).location_ids == ("loc_1",)
    (client,) = office.database["clients"].find()
    told = [entry["event"]["data"]["location_ids"] for entry in client["outbox"]]
    assert told == [[], ["loc_1"]]
    office.visit("cli_unknown", "loc_1")


def test_a_visit_booked_before_its_location_was_taken_away_does_not_bring_it_back(
    office: Any,
) -> None:
    id_, before = office.register(location_ids=("loc_1",)).id, now()
    office.change(id_, location_ids=("loc_2",))
    office.visit(id_, "loc_1", booked_at=before)
    assert office.get(id_).location_ids == ("loc_2",)
    office.visit(id_, "loc_1", booked_at=now() + timedelta(seconds=1))
    assert office.get(id_).location_ids == ("loc_2", "loc_1")


def test_a_visit_told_while_the_client_changes_is_told_again(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = office.register().id
    get = office.clients.get_plain

    def meanwhile(client_id: str) -> domain.Client:
        found = get(client_id)
        office.change(id_, language="fr")
        return found  # type: ignore[no-any-return]

    monkeypatch.setattr(office.clients, "get_plain", meanwhile)
    with pytest.raises(RetryLater):
        office.visit(id_, "loc_1")
    monkeypatch.undo()
    office.visit(id_, "loc_1")
    assert (office.get(id_).language, office.get(id_).location_ids) == ("fr", ("loc_1",))


def test_the_health_number_outlives_a_visit(office: Any) -> None:
    id_ = office.register(health_number=PHN).id
    office.visit(id_, "loc_1")
    assert office.get(id_, sees=True).health_number == PHN


def test_clients_of_before_are_found_everywhere_from_the_next_start_on(office: Any) -> None:
    made = office.register(name="Ada Sample")
    kept = replace(office.clients.get(made.id), location_ids=())
    old = {"$set": {"tokens": domain.tokens(kept)}, "$unset": {"places": ""}}
    office.database["clients"].update_one({}, old)
    office.database["clients"].update_one(
        {}, {"$unset": dict.fromkeys(("state.location_ids", "state.left"), "")}
    )
    here = office.seeing("loc_1")
    assert here.get(made.id).location_ids == ()
    assert here.search("ada") == []
    for _ in range(2):
        repository.ensure(office.database)
        assert [here.search(q) for q in ("ada", "")] == [["Ada Sample"]] * 2
    office.visit(made.id, "loc_2")
    assert [here.search("ada"), office.seeing("loc_2").search("ada")] == [[], ["Ada Sample"]]
