"""Closures and absences over the real database: what they bind, and what they leave alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking.testing import NOW, TEN, Clinic, context, service_on
from booking.use_cases import closures
from clinic_contracts.booking import closures as c
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid, NotBookable, NotFound
from clinic_contracts.schemas import load
from clinic_runtime.watching import Watch


def lasting(first: str, last: str) -> dict[str, Any]:
    return {"from": first, "to": last}


TENTH = lasting("2026-12-01", "2026-12-01")


def close(clinic: Clinic, caller: CallContext | None = None, **more: Any) -> c.ClosureAnnounced:
    request = {"location_id": clinic.location.id, "reason": "Flood", **TENTH, **more}
    return closures.close_location(load(c.CloseLocation, request), clinic.desk(caller))


def away(clinic: Clinic, caller: CallContext | None = None, **more: Any) -> c.ClosureAnnounced:
    request = {"practitioner_id": clinic.therapists[0].id, **TENTH, **more}
    return closures.record_absence(load(c.RecordAbsence, request), clinic.desk(caller))


def withdraw(clinic: Clinic, closure: c.ClosureView) -> c.ClosureView:
    request = c.WithdrawClosure(location_id=clinic.location.id, closure_id=closure.id)
    return closures.withdraw_closure(request, clinic.desk())


def events(database: Database[dict[str, Any]], id_: str) -> list[dict[str, Any]]:
    stored = database["closures"].find_one({"_id": id_})
    assert stored is not None
    return [entry["event"] for entry in stored["outbox"]]


def test_a_closure_binds_search_booking_and_moves_and_cancels_nothing(clinic: Clinic) -> None:
    booked = clinic.book()
    later = clinic.book(local_start=TEN + timedelta(days=1))
    closed = close(clinic)
    assert (closed.local_start.isoformat(), closed.local_end.isoformat()) == (
        "2026-12-01T00:00:00",
        "2026-12-02T00:00:00",
    )
    hit = [(each.appointment_id, each.client_id, each.practitioner_id) for each in closed.affected]
    assert hit == [(booked.id, "cli_1", booked.practitioner_id)]
    assert closed.affected[0].start.isoformat() == "2026-12-01T10:00:00-07:00"
    assert not closed.more
    assert clinic.search() == ()
    refused: list[Callable[[], Any]] = [
        lambda: clinic.book(local_start=TEN + timedelta(hours=3)),
        lambda: clinic.move(later, local_start=TEN + timedelta(hours=3)),
    ]
    for ask in refused:
        with pytest.raises(NotBookable, match="Fernwood is closed then: Flood") as told:
            ask()
        assert told.value.extra == {"reason": "closed", "closure_id": closed.id}
    stands = clinic.desk().appointments.get(booked.id)
    assert stands is not None
    assert (stands.status, stands.version) == ("booked", 1)
    assert withdraw(clinic, closed).withdrawn
    assert clinic.search() != ()


def test_part_of_a_day_is_closed_by_wall_times(clinic: Clinic) -> None:
    close(clinic, **lasting("2026-12-01T12:00", "2026-12-01T14:00"))
    starts = {f"{slot.local_start:%H:%M}" for slot in clinic.search()}
    assert "11:00" in starts
    assert "14:00" in starts
    assert not {"11:15", "12:00", "13:45"} & starts


def test_an_absence_keeps_its_reason_to_itself(clinic: Clinic) -> None:
    robin, sam = clinic.therapists
    clinic.book(practitioner_id=robin.id)
    absence = away(clinic, reason="Influenza")
    assert [each.practitioner_id for each in absence.affected] == [robin.id]
    assert {slot.practitioner_id for slot in clinic.search()} == {sam.id}
    with pytest.raises(NotBookable, match="Robin is away then") as told:
        clinic.book(practitioner_id=robin.id, local_start=TEN + timedelta(hours=3))
    assert told.value.extra == {"reason": "absent", "closure_id": absence.id}
    (event,) = events(clinic.database, absence.id)
    assert (event["type"], event["data"]["change"]) == ("booking.closure_changed.v1", "announced")
    assert event["data"]["reason"] is None
    assert "Influenza" not in str(event)


def test_each_change_is_told_once_however_often_it_is_delivered(clinic: Clinic) -> None:
    caller = context()
    closed = close(clinic, caller)
    assert close(clinic, caller) == closed
    assert withdraw(clinic, closed) == withdraw(clinic, closed)
    told = [event["data"]["change"] for event in events(clinic.database, closed.id)]
    assert told == ["announced", "withdrawn"]
    assert events(clinic.database, closed.id)[0]["data"]["reason"] == "Flood"


def test_the_past_can_still_be_recorded(clinic: Clinic) -> None:
    close(clinic, **lasting(f"{NOW:%Y-%m-%d}", f"{NOW:%Y-%m-%d}"))
    # It is five in the morning there: a visit at four lies in the past, one at ten does not.
    clinic.change_location(hours={"tue": [["00:00", "24:00"]]})
    with pytest.raises(NotBookable, match="closed then"):
        clinic.book(local_start=TEN - timedelta(days=7))
    with pytest.raises(NotBookable) as told:
        clinic.book(local_start=TEN - timedelta(days=7, hours=6))
    assert told.value.extra["reason"] == "outside_shift"


def test_another_release_of_the_zone_data_moves_a_closure_with_its_wall_time(
    clinic: Clinic,
) -> None:
    closed = close(clinic)
    hour = timedelta(hours=1)
    older = {"$set": {"start": closed.start + hour, "end": closed.end + hour}}
    clinic.database["closures"].update_one({"_id": closed.id}, older)
    (listed,) = closures.list_closures(
        c.ListClosures(location_id=clinic.location.id), clinic.desk()
    ).items
    assert (listed.start, listed.end) == (closed.start, closed.end)


def test_lists_leave_out_what_is_over_or_withdrawn(clinic: Clinic) -> None:
    days = [f"2026-12-{day:02}" for day in (9, 7, 8)]
    made = {day: close(clinic, **lasting(day, day)) for day in days}
    withdraw(clinic, made["2026-12-08"])

    def listed(now: Any = NOW, **more: Any) -> tuple[list[str], str | None]:
        request = c.ListClosures(location_id=clinic.location.id, **more)
        page = closures.list_closures(request, clinic.desk(now=now))
        return [each.from_ for each in page.items], page.next

    assert listed() == (["2026-12-07", "2026-12-09"], None)
    first, cursor = listed(limit=1)
    assert (first, listed(cursor=cursor)[0]) == (["2026-12-07"], ["2026-12-09"])
    later = NOW + timedelta(days=14)
    assert listed(later) == (["2026-12-09"], None)
    assert listed(later, past=True) == (["2026-12-07", "2026-12-09"], None)


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"from": "2026-12-02", "to": "2026-12-01"}, "to", "after from"),
        ({"from": "2026-13-01"}, "from", "a date such as"),
        ({"to": "2026-12-01T12:03"}, "to", "5-minute tick"),
        ({"from": "2026-11-01", "to": "2026-11-23"}, "to", "is over"),
        ({"to": "2028-12-01"}, "to", "366 days"),
        ({"from": "2030-12-01", "to": "2030-12-01"}, "from", "3 years ahead"),
        ({"from": "1000-12-01"}, "from", "1900 to 2199"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    clinic: Clinic, given: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        close(clinic, **given)
    assert said in refused.value.extra["errors"][field][0]


def test_nobody_sees_or_closes_what_is_not_theirs(clinic: Clinic) -> None:
    elsewhere = context(location_scope=("loc_9",))
    closed = close(clinic)
    asked: list[Callable[[], Any]] = [
        lambda: close(clinic, elsewhere),
        lambda: away(clinic, elsewhere),
        lambda: closures.list_closures(
            c.ListClosures(location_id=clinic.location.id), clinic.desk(elsewhere)
        ),
        lambda: closures.withdraw_absence(
            c.WithdrawAbsence(practitioner_id=clinic.therapists[0].id, closure_id=closed.id),
            clinic.desk(),
        ),
    ]
    for ask in asked:
        with pytest.raises(NotFound):
            ask()


def test_an_absence_shows_the_visits_of_the_callers_locations_alone(clinic: Clinic) -> None:
    other = clinic.new_location("North")
    robin = clinic.new_therapist("Robin", [clinic.location.id, other.id])
    clinic.book(practitioner_id=robin.id)
    clinic.book(
        location_id=other.id, practitioner_id=robin.id, local_start=TEN + timedelta(hours=4)
    )
    caller = context(location_scope=(other.id,))
    absence = away(clinic, caller, practitioner_id=robin.id)
    assert [each.location_id for each in absence.affected] == [other.id]


def test_there_is_an_end_to_closures_to_come(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("booking.domain.closure.MOST_UPCOMING", 2)
    close(clinic)
    close(clinic)
    with pytest.raises(Invalid, match="to come already"):
        close(clinic)


def test_somebody_who_works_nowhere_has_no_time_to_be_absent_in(clinic: Clinic) -> None:
    clinic.change_therapist(clinic.therapists[0], location_ids=[], shifts=[])
    with pytest.raises(Invalid, match="works at no location"):
        away(clinic)


def test_each_query_is_served_by_an_index(
    clinic: Clinic, watched: Database[dict[str, Any]], watch: Watch
) -> None:
    service, caller = service_on(watched), context()
    place, person = clinic.location.id, clinic.therapists[0].id
    clinic.book()
    given = {"location_id": place, "reason": "Flood", **TENTH}
    closed = service.close_location(load(c.CloseLocation, given), caller)
    service.record_absence(load(c.RecordAbsence, {"practitioner_id": person, **TENTH}), caller)
    service.list_closures(c.ListClosures(location_id=place), caller)
    mine = context(location_scope=(place,))
    service.record_absence(load(c.RecordAbsence, {"practitioner_id": person, **TENTH}), mine)
    service.list_absences(c.ListAbsences(practitioner_id=person, past=True), mine)
    taken = c.WithdrawClosure(location_id=place, closure_id=closed.id)
    service.withdraw_closure(taken, caller)
    assert len(watch.explained(clinic.database)) > 10
