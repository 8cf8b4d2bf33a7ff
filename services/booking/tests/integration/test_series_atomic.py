"""A series is there with all it was to have or not at all, whatever happens meanwhile."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking import repository
from booking.repository import MongoAppointments
from booking.testing import NOW, context, service_on
from booking.testing_series import Course, starts, week
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import series as s
from clinic_contracts.errors import ClinicError, SeriesConflicts
from clinic_runtime.watching import Watch


@pytest.fixture
def clinic(database: Database[dict[str, Any]]) -> Course:
    return Course(database)


class Killed(BaseException):
    """Ends what runs, as a kill does: nobody handles it."""


@contextmanager
def dying() -> Iterator[None]:
    """Have the process end when all is written and nothing committed."""
    write = MongoAppointments.write

    def then_die(self: MongoAppointments, *what: Any) -> Any:
        write(self, *what)
        raise Killed

    with pytest.MonkeyPatch.context() as patch, suppress(Killed):
        patch.setattr(MongoAppointments, "write", then_die)
        yield
        pytest.fail("it wrote nothing")


def test_killed_in_the_middle_there_is_nothing_of_it(clinic: Course) -> None:
    caller = context()
    with dying():
        clinic.book_series(caller)
    assert clinic.stored == 0
    made = clinic.book_series(caller)
    assert len(made.appointments) == 4


def test_killed_in_the_middle_of_a_change_it_is_as_it_was(clinic: Course) -> None:
    made, caller = clinic.book_series(), context()
    with dying():
        clinic.change_series(made, caller, scope="all", local_start="2026-12-01T11:00")
    with dying():
        clinic.cancel_series(made, scope="all")
    assert clinic.look(made) == made
    moved = clinic.change_series(made, caller, scope="all", local_start="2026-12-01T11:00")
    assert starts(moved)[0] == "12-01 11:00"


def test_an_expired_hold_is_in_no_series_way(clinic: Course) -> None:
    clinic.change_location(rooms=[{"name": "Only", "id": clinic.location.rooms[0].id}])
    clinic.hold(local_start=week(1))
    with pytest.raises(SeriesConflicts):
        clinic.book_series()
    made = clinic.book_series(now=NOW + timedelta(minutes=6))
    assert len(made.appointments) == 4


def test_one_operation_many_times_at_once_books_once(clinic: Course) -> None:
    caller = context()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: clinic.book_series(caller), range(8)))
    assert {view.id for view in made} == {made[0].id}
    assert clinic.stored == 5


def test_of_many_series_for_the_same_times_as_many_as_there_are_therapists(clinic: Course) -> None:
    def book(number: int) -> bool:
        try:
            clinic.book_series(template={"client_id": f"cli_{number}"})
        except ClinicError as error:
            assert isinstance(error, SeriesConflicts)  # noqa: PT017 (of another kind it fails)
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        had = sum(pool.map(book, range(8)))
    assert had == 2
    assert clinic.stored == 2 * 5
    assert repository.findings(clinic.database) == {"overlaps": 0}


def test_two_changes_of_one_series_at_once_are_both_made(clinic: Course) -> None:
    made = clinic.book_series()

    def change(hour: int) -> None:
        clinic.change_series(made, scope="all", local_start=f"2026-12-01T{hour}:00")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, (11, 12, 13, 14)))
    found = clinic.look(made)
    assert found.version == 5
    assert len({visit.local_start.hour for visit in found.appointments}) == 1
    assert repository.findings(clinic.database) == {"overlaps": 0}


def test_each_query_is_served_by_an_index(
    clinic: Course, watched: Database[dict[str, Any]], watch: Watch
) -> None:
    service, template = service_on(watched), clinic.book_series().template
    booking = s.BookSeries(template=template, rrule="FREQ=WEEKLY", local_start=week(4), count=3)
    made = service.book_series(booking, context())
    id_ = made.id or ""
    change: dict[str, Any] = {"series_id": id_, "scope": "all", "local_start": week(4)}
    service.change_series(s.ChangeSeries(**change | {"local_start": week(4)}), context())
    service.reflow_series(s.ReflowSeries(series_id=id_), context())
    service.get_series(s.GetSeries(series_id=id_), context())
    for scope in (None, (clinic.location.id,)):
        listed = r.ListAppointments(series_id=id_)
        service.list_appointments(listed, context(location_scope=scope))
    service.cancel_series(s.CancelSeries(series_id=id_, scope="all"), context())
    fetched: Sequence[dict[str, Any]] = watch.explained(clinic.database)
    assert max(figures["totalDocsExamined"] for figures in fetched) <= 7


def test_two_years_of_weekly_visits_take_few_commands(
    clinic: Course, watched: Database[dict[str, Any]], watch: Watch
) -> None:
    booking = s.BookSeries(
        template=clinic.book_series(dry_run=True).template,
        rrule="FREQ=WEEKLY",
        local_start=week(0),
        count=104,
    )
    made = service_on(watched).book_series(booking, context())
    assert len(made.appointments) == 104
    names = [next(iter(command)) for command in watch.commands]
    assert names.count("insert") == 2
    assert len(names) <= 2 * 104 + 12


def test_when_one_of_many_cannot_go_each_is_asked_for_but_once_more(
    clinic: Course, watched: Database[dict[str, Any]], watch: Watch
) -> None:
    clinic.change_location(rooms=[{"name": "Only", "id": clinic.location.rooms[0].id}])
    made = clinic.book_series(template=clinic.robin, count=20)
    clinic.book(local_start=week(20), client_id="cli_9", **clinic.robin)
    change = s.ChangeSeries(
        series_id=made.id or "",
        scope="all",
        local_start=week(1),
        rrule="FREQ=WEEKLY",
        conflicts="book_free",
    )
    watch.commands.clear()
    with pytest.raises(SeriesConflicts) as refused:
        service_on(watched).change_series(change, context())
    assert len(refused.value.extra["conflicts"]) == 20
    looked = [command for command in watch.commands if command.get("find") == "appointments"]
    assert len(looked) <= 20 * 5
