"""Each question asks an index that has the answer in order: what it sent, explained."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from pymongo.database import Database

from client_profile.domain import clients as domain
from client_profile.domain import places
from client_profile.use_cases import alerts, referrals
from client_profile.use_cases import clients as use_cases
from clinic_contracts.client_profile.alerts import GetAlert, RaiseAlert
from clinic_contracts.client_profile.referrals import AddReferral
from clinic_contracts.client_profile.requests import ListOfClient
from clinic_runtime import paging
from clinic_runtime.ids import derived_id
from clinic_runtime.watching import Watch

PHN = "9698658215"
SECOND_PAGE = paging.encode(["client01200 family36", "cli_01200"])
PAGE_READ = 52
"""A page of fifty, one to see whether there are more, and the last of the page before."""
LIST = ListOfClient(client_id="cli_01200")
ONE_ALERT = GetAlert(client_id="cli_01200", alert_id=derived_id("alert", "known"))
ALERT = RaiseAlert(client_id="cli_01200", level="caution", kind="pregnant")
REFERRAL = AddReferral(
    client_id="cli_01200", referrer="Dr. Ray", issued=date(2026, 1, 1), expires=date(2026, 2, 1)
)
QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "a rare word": lambda office: office.find("client0124"),
    "a word": lambda office: office.find("client01"),
    "a letter": lambda office: office.find("f"),
    "two words": lambda office: office.find("fam client"),
    "a rare and a common word": lambda office: office.find("fam client0124"),
    "a word, second page": lambda office: office.find("family", SECOND_PAGE),
    "no word": lambda office: office.find(""),
    "no word, second page": lambda office: office.find("", SECOND_PAGE),
    "a health number": lambda office: office.find(PHN),
    "one client": lambda office: office.get("cli_01200"),
    "a change": lambda office: office.change("cli_01200", language="fr"),
    "coverages": lambda office: use_cases.list_coverages("cli_01200", office.desk()),
    "a coverage": lambda office: office.cover("cli_01200"),
    "consents": lambda office: use_cases.list_consents("cli_01200", office.desk()),
    "a consent": lambda office: office.consent("cli_01200"),
    "alerts": lambda office: alerts.list_alerts(LIST, office.desk()),
    "one alert": lambda office: alerts.get_alert(ONE_ALERT, office.desk()),
    "an alert": lambda office: alerts.raise_alert(ALERT, office.desk()),
    "referrals": lambda office: referrals.list_referrals(LIST, office.desk()),
    "a referral": lambda office: referrals.add_referral(REFERRAL, office.desk()),
}


def seen(ask: Callable[[Any], Any], office: Any) -> Any:
    return ask(office.seeing("loc_1"))


WORDS = [name for name in QUESTIONS if "word" in name or name.startswith("a letter")]
QUESTIONS |= {f"{name}, of those seen": partial(seen, QUESTIONS[name]) for name in WORDS}
QUESTIONS |= {
    "a visit": lambda office: office.visit("cli_01200", "loc_1"),
    "a first visit": lambda office: office.visit("cli_01200", "loc_2"),
}


def row(number: int) -> dict[str, Any]:
    client = domain.Client(
        id=f"cli_{number:05d}",
        version=1,
        name=f"Client{number:05d} Family{number % 97}",
        birth_date=None,
        phones=(),
        emails=(),
        health_number=None,
        preferred_channel="email",
        language="en",
        address="",
    )
    names = ("name", "birth_date", "phones", "emails", "preferred_channel", "language", "address")
    there = ("loc_1",) if number % 10 == 0 else ("loc_2", "loc_3")  # few of many
    return {
        "_id": client.id,
        "version": 1,
        "operations": [],
        "outbox": [],
        "name_key": client.name.casefold(),
        "tokens": places.placed(domain.tokens(client), there),
        "places": len(there),
        "state": {name: getattr(client, name) for name in names} | {"location_ids": there},
    }


@pytest.fixture
def full(office: Any, watched: Database[dict[str, Any]]) -> Any:
    office.database["clients"].insert_many(row(number) for number in range(1_000, 1_400))
    owner = office.register(name="Ada Sample", health_number=PHN)
    for id_ in ("cli_01200", owner.id):
        office.cover(id_)
        office.consent(id_)
        alerts.raise_alert(
            replace(ALERT, client_id=id_), office.desk("known" if id_ == "cli_01200" else None)
        )
        referrals.add_referral(replace(REFERRAL, client_id=id_), office.desk())
    office.ask_through(watched)
    return office


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_walks_an_index_in_its_order(full: Any, watch: Watch, question: str) -> None:
    watch.commands.clear()
    QUESTIONS[question](full)
    for figures in watch.explained(full.database):
        assert figures["totalDocsExamined"] <= PAGE_READ


COMMANDS: dict[str, tuple[Callable[[Any], Any], list[str]]] = {
    "register": (lambda office: office.register(name="Bo"), ["insert"]),
    "change": (lambda office: office.change("cli_01200", language="fr"), ["find", "update"]),
    "search": (lambda office: office.find("client01"), ["find"]),
    "get": (lambda office: office.get("cli_01200"), ["find"]),
    "a visit": (lambda office: office.visit("cli_01200", "loc_1"), ["find"]),
    "a first visit": (lambda office: office.visit("cli_01200", "loc_2"), ["find", "update"]),
}


@pytest.mark.parametrize("operation", COMMANDS)
def test_each_operation_sends_the_commands_it_needs(
    full: Any, watch: Watch, operation: str
) -> None:
    call, commands = COMMANDS[operation]
    watch.commands.clear()
    call(full)
    assert [next(iter(command)) for command in watch.commands] == commands
