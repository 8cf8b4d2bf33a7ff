"""Settings as they were at most a second ago: fewer queries, and never an old one of one's own."""

from datetime import timedelta
from typing import Any

from pymongo.database import Database

from booking.repository import MongoSettings, Recent
from booking.testing import TEN, Clinic, context
from clinic_contracts.booking.requests import LocationView
from clinic_runtime.watching import Watch


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def renamed(settings: MongoSettings, view: LocationView, name: str) -> LocationView:
    found = settings.get(LocationView, view.id)
    assert found is not None
    changed = type(found)(**{**_members(found), "name": name})
    assert settings.save(changed, None, context())
    return changed


def _members(view: LocationView) -> dict[str, Any]:
    return {name: getattr(view, name) for name in view.__dataclass_fields__}


def name_known(settings: MongoSettings, view: LocationView) -> str | None:
    known = settings.known(LocationView, view.id)
    return None if known is None else known.name


def test_another_process_is_believed_for_a_second(clinic: Clinic) -> None:
    hands = Hands()
    here = MongoSettings(clinic.database, Recent(hands))
    elsewhere = MongoSettings(clinic.database, Recent(hands))
    assert name_known(here, clinic.location) == "Fernwood"
    renamed(elsewhere, clinic.location, "Fernwood Two")
    assert name_known(here, clinic.location) == "Fernwood"
    hands.at += 1
    assert name_known(here, clinic.location) == "Fernwood Two"


def test_a_change_of_ones_own_is_known_at_once(clinic: Clinic) -> None:
    settings = MongoSettings(clinic.database, Recent(Hands()))
    assert name_known(settings, clinic.location) == "Fernwood"
    renamed(settings, clinic.location, "Fernwood Two")
    assert name_known(settings, clinic.location) == "Fernwood Two"


def test_what_was_looked_up_while_it_changed_is_not_kept() -> None:
    recent = Recent(Hands())

    def slow_look() -> str:
        recent.forget()  # the change, which this look may have missed
        return "old"

    assert recent.read("x", slow_look) == "old"
    assert recent.read("x", lambda: "new") == "new"


def test_it_does_not_grow_without_bound() -> None:
    recent = Recent(Hands())
    for number in range(25_000):
        recent.read(number, lambda: None)
    assert len(recent.kept) <= 10_000


def test_a_visit_that_leaves_no_choice_is_a_look_at_its_client_and_one_write(
    clinic: Clinic, watched: Database[dict[str, Any]], watch: Watch
) -> None:
    chosen: dict[str, Any] = {
        "practitioner_id": clinic.therapists[0].id,
        "room_id": clinic.location.rooms[0].id,
    }
    clinic.database, clinic.recent = watched, Recent(Hands())
    clinic.book(local_start=TEN, **chosen)
    before = len(watch.commands)
    clinic.book(local_start=TEN + timedelta(hours=2), **chosen)
    assert [next(iter(command)) for command in watch.commands[before:]] == ["find", "insert"]
