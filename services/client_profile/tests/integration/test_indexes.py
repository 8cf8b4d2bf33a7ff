"""Each question asks an index that has the answer in order: what it sent, explained."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database

from client_profile.domain import clients as domain
from client_profile.use_cases import clients as use_cases
from clinic_runtime import paging
from clinic_runtime.watching import Watch

PHN = "9698658215"
SECOND_PAGE = paging.encode(["client01200 family36", "cli_01200"])
PAGE_READ = 51
"""A page of fifty, and one to see whether there are more."""
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
    return {
        "_id": client.id,
        "version": 1,
        "operations": [],
        "outbox": [],
        "name_key": client.name.casefold(),
        "tokens": domain.tokens(client),
        "state": {name: getattr(client, name) for name in names},
    }


@pytest.fixture
def full(office: Any, watched: Database[dict[str, Any]]) -> Any:
    office.database["clients"].insert_many(row(number) for number in range(1_000, 1_400))
    owner = office.register(name="Ada Sample", health_number=PHN)
    for id_ in ("cli_01200", owner.id):
        office.cover(id_)
        office.consent(id_)
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
}


@pytest.mark.parametrize("operation", COMMANDS)
def test_each_operation_sends_the_commands_it_needs(
    full: Any, watch: Watch, operation: str
) -> None:
    call, commands = COMMANDS[operation]
    watch.commands.clear()
    call(full)
    assert [next(iter(command)) for command in watch.commands] == commands
