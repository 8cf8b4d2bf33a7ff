"""Visits booked under 2025b, met by the pinned release: which move, and what becomes of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pymongo.database import Database

from booking import repository
from booking.domain import wall_time
from booking.domain.appointment import Appointment
from booking.ports import Desk
from booking.testing import Clinic, context, service_on
from booking.use_cases import appointments, holds, tzdb
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import tzdb as t
from clinic_contracts.booking.holds import PlaceHold
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid
from clinic_runtime.watching import Watch

Zones = Callable[[str], ZoneInfo]
OLD, NEW = "2025.2", "2026.6"
OCTOBER = datetime(2026, 10, 5, 12, tzinfo=UTC)
EDMONTON, TORONTO = "America/Edmonton", "America/Toronto"


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12)


@dataclass
class Chain:
    """Clinics in three zones, whose visits are booked under 2025b."""

    clinic: Clinic
    zone_2025b: Zones

    def __post_init__(self) -> None:
        self.vancouver = self.clinic.location
        self.edmonton = self.clinic.new_location("Whyte", timezone=EDMONTON)
        self.toronto = self.clinic.new_location("Annex", timezone=TORONTO)
        self.places = {place.id: place for place in (self.vancouver, self.edmonton, self.toronto)}
        self.robin = self.clinic.new_therapist("Robin", list(self.places))

    def desk(
        self, edition: str = NEW, now: datetime = OCTOBER, caller: CallContext | None = None
    ) -> Desk:
        return replace(self.clinic.desk(caller, now), tzdata=edition)

    @contextmanager
    def under_2025b(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(wall_time, "zone", self.zone_2025b)
            yield

    def book(self, local: datetime, place: Any = None, **more: Any) -> Appointment:
        """Book under 2025b, with Robin unless somebody else is named."""
        wanted = {"practitioner_id": self.robin.id, "client_id": "cli_1", **more}
        request = self.clinic.request(
            location_id=(place or self.vancouver).id, local_start=local, **wanted
        )
        with self.under_2025b():
            return self.get(appointments.book_appointment(request, self.desk(OLD)))

    def get(self, visit: Appointment) -> Appointment:
        return appointments.get_appointment(visit.id, self.desk())

    def preview(self, limit: int = 200, **desk: Any) -> list[t.TzdbMove]:
        found: list[t.TzdbMove] = []
        cursor = None
        while True:
            request = t.PreviewTzdb(limit=limit, cursor=cursor)
            page = tzdb.preview(request, self.desk(**desk))
            found += page.items
            if (cursor := page.next) is None:
                return found

    def apply(self, limit: int = 100, **desk: Any) -> list[t.TzdbApplied]:
        pages, cursor = [], None
        while True:
            request = t.ApplyTzdb(limit=limit, cursor=cursor)
            page = tzdb.apply(request, self.desk(**desk))
            pages.append(page)
            if (cursor := page.next) is None:
                return pages

    def told(self, visit: Appointment) -> list[str]:
        found = self.clinic.database["appointments"].find_one({"_id": visit.id})
        assert found is not None
        return [
            f"{entry['event']['type']} {entry['event']['data'].get('cause')}"
            for entry in found["outbox"][1:]
        ]


MOVED = ["booking.appointment_moved.v1 tzdb"]


@pytest.fixture
def chain(clinic: Clinic, zone_2025b: Zones) -> Chain:
    return Chain(clinic, zone_2025b)


def moved(pages: list[t.TzdbApplied]) -> list[str]:
    return [each.id for page in pages for each in page.moved]


def left(pages: list[t.TzdbApplied]) -> list[t.TzdbMove]:
    return [each for page in pages for each in page.left]


def confirmed(pages: list[t.TzdbApplied]) -> int:
    return sum(page.confirmed for page in pages)


def test_the_preview_lists_exactly_what_moves_by_an_hour_and_applying_moves_it_once(
    chain: Chain,
) -> None:
    before_november = chain.book(noon(2026, 10, 30))
    after_november = chain.book(noon(2026, 11, 2))
    winter = chain.book(noon(2027, 1, 12))
    summer = chain.book(noon(2027, 7, 13))
    edmonton = chain.book(noon(2026, 12, 1), chain.edmonton)
    toronto = chain.book(noon(2026, 12, 2), chain.toronto)
    cancelled = chain.clinic.cancel(chain.book(noon(2026, 12, 3)))
    past = chain.book(noon(2026, 1, 13))
    stay = [before_november, summer, toronto]
    move = [after_november, edmonton, winter]

    for limit in (1, 200):
        found = chain.preview(limit)
        assert [each.id for each in found] == [visit.id for visit in move]
        assert {each.minutes for each in found} == {-60}
    first = found[0]
    assert first.was.isoformat() == "2026-11-02T12:00:00-08:00"
    assert first.becomes is not None
    assert first.becomes.isoformat() == "2026-11-02T12:00:00-07:00"
    assert (first.conflicts, first.tzdata_version) == ((), OLD)

    pages = chain.apply(limit=2)
    assert moved(pages) == [visit.id for visit in move]
    assert (left(pages), confirmed(pages)) == ([], 3)
    for visit in move:
        now = chain.get(visit)
        assert now.start == visit.start - timedelta(hours=1)
        assert now.start == wall_time.instant(visit.local_start, visit.timezone)
        assert (now.local_start, now.version, now.tzdata_version) == (visit.local_start, 2, NEW)
        assert chain.told(visit) == MOVED
    for visit in stay:
        assert chain.get(visit) == replace(visit, tzdata_version=NEW)
        assert chain.told(visit) == []
    for visit in (past, cancelled):
        assert chain.get(visit).tzdata_version == OLD

    again = chain.apply()
    assert (moved(again), left(again), confirmed(again)) == ([], [], 0)
    assert chain.preview() == []
    assert repository.findings(chain.clinic.database) == {"overlaps": 0}


def test_a_stamp_is_no_change_of_the_visit(chain: Chain) -> None:
    summer = chain.book(noon(2027, 7, 13))
    chain.apply()
    at = datetime.now(UTC)
    past = appointments.get_appointment_as_of(summer.id, at, chain.desk(now=at))
    assert past == summer
    arrived = r.ChangeStatus(appointment_id=summer.id, expected_version=summer.version)
    assert appointments.change_status(arrived, chain.desk(), Appointment.arrive).version == 2


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_neighbours_make_room_for_each_other_whichever_way_they_move(
    chain: Chain, limit: int
) -> None:
    starts = [datetime(2026, 12, 1, hour, minute) for hour, minute in ((9, 0), (10, 15), (11, 30))]
    row = [chain.book(start) for start in starts]
    assert all(each.conflicts == () for each in chain.preview())
    assert moved(chain.apply(limit)) == [visit.id for visit in row]
    with chain.under_2025b():  # and back: the release is taken back, and all move an hour later
        pages = chain.apply(limit, edition=OLD)
    assert moved(pages) == [visit.id for visit in reversed(row)]
    assert {each.minutes for page in pages for each in page.moved} == {60}
    assert [chain.get(visit).start for visit in row] == [visit.start for visit in row]
    assert [chain.get(visit).version for visit in row] == [3, 3, 3]


def test_a_visit_that_would_be_in_two_places_is_left_and_listed(chain: Chain) -> None:
    vancouver = chain.book(datetime(2026, 12, 1, 10, 30))
    toronto = chain.book(
        noon(2026, 12, 1), chain.toronto
    )  # half past eight in Vancouver's old time
    (found,) = chain.preview()
    assert (found.id, found.conflicts) == (vancouver.id, (toronto.id,))
    here = context(location_scope=(chain.vancouver.id,))
    assert [each.conflicts for each in chain.preview(caller=here)] == [("elsewhere",)]

    pages = chain.apply()
    assert (moved(pages), left(pages)) == ([], [found])
    assert chain.get(vancouver) == vancouver

    chain.clinic.cancel(toronto)
    assert moved(chain.apply()) == [vancouver.id]


def test_a_held_time_is_waited_for_until_the_hold_expires(chain: Chain) -> None:
    visit = chain.book(noon(2028, 12, 5))
    now = datetime(2028, 10, 5, tzinfo=UTC)  # beyond the reach of what sweeps up expired holds
    request = PlaceHold(
        location_id=chain.vancouver.id,
        treatment_id=chain.clinic.treatment.id,
        practitioner_id=chain.robin.id,
        local_start=datetime(2028, 12, 5, 11, 30),
    )
    held = holds.place_hold(request, chain.desk(now=now))
    (found,) = left(chain.apply(now=now))
    assert found.conflicts == (held.id.replace("hold_", "apt_"),)
    assert moved(chain.apply(now=now + timedelta(minutes=6))) == [visit.id]


def test_visits_double_booked_on_purpose_move_together_and_stay_so(chain: Chain) -> None:
    first = chain.book(noon(2026, 12, 1))
    with chain.under_2025b():
        request = chain.clinic.request(
            practitioner_id=chain.robin.id,
            client_id="cli_2",
            local_start=datetime(2026, 12, 1, 11, 30),
            override=r.Override(reason="an emergency"),
        )
        desk = chain.desk(OLD, caller=context(may_override=True))
        second = appointments.book_appointment(request, desk)
    assert [each.conflicts for each in chain.preview()] == [(), ()]
    assert sorted(moved(chain.apply(limit=1))) == sorted([first.id, second.id])
    assert chain.get(first).overlaps == (second.id,)
    assert chain.get(second).overlaps == (first.id,)
    assert len(chain.get(second).ceded) == len(second.ceded)
    assert repository.findings(chain.clinic.database) == {"overlaps": 0}
    chain.clinic.cancel(chain.get(first))
    assert chain.get(second).ceded == ()


def test_one_double_booked_with_a_visit_that_stays_is_left(chain: Chain) -> None:
    first = chain.book(noon(2026, 12, 1))
    with chain.under_2025b():
        request = chain.clinic.request(
            practitioner_id=chain.robin.id,
            local_start=noon(2026, 12, 1),
            override=r.Override(reason="an emergency"),
        )
        desk = chain.desk(OLD, caller=context(may_override=True))
        second = appointments.book_appointment(request, desk)
    chain.clinic.change(chain.get(second), Appointment.arrive)
    pages = chain.apply()
    assert moved(pages) == []
    assert [(each.id, each.conflicts) for each in left(pages)] == [(first.id, (second.id,))]


def test_a_skipped_wall_time_is_listed_and_not_guessed(chain: Chain) -> None:
    visit = chain.book(noon(2027, 7, 13))
    night = {"local_start": "2027-03-14T02:30", "tzdata_version": NEW}
    instant = datetime(2027, 3, 14, 9, 30, tzinfo=UTC)
    times = {"start": instant, "end": instant + timedelta(hours=1)}
    chain.clinic.database["appointments"].update_one({"_id": visit.id}, {"$set": night | times})
    with chain.under_2025b():
        (found,) = chain.preview(edition=OLD)
        assert (found.becomes, found.minutes) == (None, None)
        assert found.was.isoformat() == "2027-03-14T02:30:00-07:00"
        pages = chain.apply(edition=OLD)
    assert (moved(pages), left(pages), confirmed(pages)) == ([], [found], 0)
    assert chain.get(visit).start == instant


def test_a_run_that_was_interrupted_is_begun_again(chain: Chain) -> None:
    row = [chain.book(noon(2026, 12, day)) for day in (1, 2, 3)]
    first = tzdb.apply(t.ApplyTzdb(limit=1), chain.desk())
    assert [each.id for each in first.moved] == [row[0].id]
    assert moved(chain.apply()) == [visit.id for visit in row[1:]]
    assert [chain.told(visit) for visit in row] == [MOVED] * 3


def test_what_changed_since_it_was_read_is_looked_at_again(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrives, cancelled, again = (chain.book(noon(2026, 12, day)) for day in (1, 2, 3))
    stays = chain.book(noon(2027, 7, 13))
    page = repository.MongoEditions.page

    def overtaken(*asked: Any) -> Any:
        found = page(*asked)
        chain.clinic.change(arrives, Appointment.arrive)
        chain.clinic.cancel(cancelled)
        chain.clinic.change(again, Appointment.arrive)
        chain.clinic.change(chain.get(again), Appointment.unarrive)
        chain.clinic.change(stays, Appointment.arrive)
        return found

    monkeypatch.setattr(repository.MongoEditions, "page", overtaken)
    done = tzdb.apply(t.ApplyTzdb(), chain.desk())
    assert [each.id for each in done.moved] == [again.id]
    assert (done.left, done.confirmed) == ((), 0)
    assert chain.get(again).version == 4


def test_a_caller_bound_to_locations_sees_and_moves_theirs(chain: Chain) -> None:
    vancouver = chain.book(noon(2026, 12, 1))
    edmonton = chain.book(noon(2026, 12, 2), chain.edmonton)
    caller = context(location_scope=(chain.edmonton.id,))
    assert [each.id for each in chain.preview(caller=caller)] == [edmonton.id]
    assert moved(chain.apply(caller=caller)) == [edmonton.id]
    assert chain.get(vancouver) == vancouver


@pytest.mark.parametrize("cursor", ["x", "later.x", "sooner."])
def test_a_cursor_of_another_list_is_refused(chain: Chain, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        tzdb.apply(t.ApplyTzdb(cursor=cursor), chain.desk())
    assert list(refused.value.extra["errors"]) == ["cursor"]


def test_each_page_is_served_by_an_index(
    chain: Chain, watched: Database[dict[str, Any]], watch: Watch
) -> None:
    stored = chain.clinic.database["appointments"].find_one(
        {"_id": chain.book(noon(2027, 1, 12)).id}
    )
    assert stored is not None
    del stored["claims"]
    statuses, editions = ("booked", "fulfilled"), (NEW, OLD, "2024.1")
    chain.clinic.database["appointments"].insert_many(
        {
            **stored,
            "_id": f"apt_{number:05}",
            "status": statuses[number % 2],
            "tzdata_version": editions[number % 3],
            "local_start": (noon(2027, 1, 12) + timedelta(hours=number)).isoformat("T", "minutes"),
            "start": stored["start"] + timedelta(hours=number),
            "end": stored["end"] + timedelta(hours=number),
            "outbox": [],
        }
        for number in range(1, 1_500)
    )
    service = service_on(watched)
    page = service.preview_tzdb(t.PreviewTzdb(limit=20), context())
    service.preview_tzdb(t.PreviewTzdb(limit=20, cursor=page.next), context())
    done = service.apply_tzdb(t.ApplyTzdb(limit=20), context())
    done = service.apply_tzdb(t.ApplyTzdb(limit=20, cursor=done.next), context())
    service.apply_tzdb(t.ApplyTzdb(limit=20, cursor="later"), context())
    figures = watch.explained(chain.clinic.database)
    assert len(figures) > 20
    assert max(each["totalKeysExamined"] for each in figures) < 1_500
    assert max(each["totalDocsExamined"] for each in figures) <= 40
