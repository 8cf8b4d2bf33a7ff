"""Moving many visits to another therapist: what the preview says, done once, whatever happens."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from booking import repository
from booking.domain.appointment import Appointment
from booking.repository import MongoAppointments
from booking.testing import TEN, Clinic, context, service_on
from booking.use_cases import appointments, bulk_moves, settings
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import worklists as w
from clinic_contracts.client_profile.events import AlertChanged
from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid, NotFound, ServiceUnavailable, SlotTaken
from clinic_runtime.telling import told

HOUR = timedelta(hours=1)
LATER = TEN + timedelta(hours=5, minutes=15)
TODAY = TEN.date().isoformat()


class Kill(BaseException):
    """The process ends here."""


@pytest.fixture
def robin(clinic: Clinic) -> str:
    return clinic.therapists[0].id


@pytest.fixture
def sam(clinic: Clinic) -> str:
    return clinic.therapists[1].id


@pytest.fixture
def visits(clinic: Clinic, robin: str) -> list[Appointment]:
    """Return Robin's three visits of the day, two hours apart."""
    return [clinic.book(practitioner_id=robin, local_start=TEN + n * 2 * HOUR) for n in range(3)]


def request(clinic: Clinic, **more: Any) -> w.BulkMove:
    base = w.BulkMove(
        location_id=clinic.location.id,
        from_practitioner_id=clinic.therapists[0].id,
        to_practitioner_id=clinic.therapists[1].id,
        from_=TODAY,
        to=TODAY,
        dry_run=False,
    )
    return replace(base, **more)


def move(clinic: Clinic, caller: CallContext | None = None, **more: Any) -> w.BulkMoved:
    return bulk_moves.bulk_move(request(clinic, **more), clinic.desk(caller))


def ids(answer: w.BulkMoved) -> list[str]:
    return [each.appointment.id for each in answer.moved]


def stays(answer: w.BulkMoved) -> dict[str, str]:
    return {item.appointment.id: item.why[0].reason for item in answer.not_moved}


def stored(clinic: Clinic, visit: Appointment) -> Appointment:
    return appointments.get_appointment(visit.id, clinic.desk())


def moves_told(clinic: Clinic) -> list[str]:
    """Return the visits of which an event tells that they moved, as often as one does."""
    rows = clinic.database["appointments"].aggregate([{"$unwind": "$outbox"}])
    return sorted(
        row["_id"]
        for row in rows
        if row["outbox"]["event"]["type"] == "booking.appointment_moved.v1"
    )


def test_a_preview_changes_nothing_and_says_what_would(
    clinic: Clinic, sam: str, visits: list[Appointment]
) -> None:
    in_the_way = clinic.book(practitioner_id=sam, local_start=TEN + 2 * HOUR, client_id="cli_2")
    answer = move(clinic, dry_run=True)
    assert (answer.id, answer.dry_run) == (None, True)
    assert ids(answer) == [visits[0].id, visits[2].id]
    assert {(each.practitioner_id, each.room_kept) for each in answer.moved} == {(sam, True)}
    assert stays(answer) == {visits[1].id: "taken"}
    assert [stored(clinic, each).view() for each in visits] == [each.view() for each in visits]
    [item] = answer.not_moved
    assert len(item.alternatives) == 3
    planned = {each.appointment.start for each in answer.moved}
    for slot in item.alternatives:
        assert (slot.practitioner_id, slot.start in planned) == (sam, False)
    assert in_the_way.practitioner_id == sam
    assert clinic.database["bulk_moves"].count_documents({}) == 0


def test_each_visit_moves_at_its_time_and_is_told_of_once(
    clinic: Clinic, sam: str, visits: list[Appointment]
) -> None:
    answer = move(clinic, reason="flood in the north wing")
    assert ids(answer) == [each.id for each in visits]
    for before in visits:
        after = stored(clinic, before)
        assert (after.practitioner_id, after.room_id) == (sam, before.room_id)
        assert (after.start, after.version) == (before.start, 2)
    assert moves_told(clinic) == sorted(each.id for each in visits)
    assert repository.findings(clinic.database) == {"overlaps": 0}
    kept = clinic.database["bulk_moves"].find_one({"_id": answer.id})
    assert kept is not None
    assert (kept["actor"], kept["reason"]) == ("staff:test", "flood in the north wing")


def test_any_spreads_them_over_who_is_free(clinic: Clinic, robin: str, sam: str) -> None:
    kim = clinic.new_therapist("Kim").id
    clinic.change_location(rooms=[{"name": name} for name in "ABC"])
    visit = clinic.book(practitioner_id=robin)
    clinic.book(practitioner_id=sam, client_id="cli_2")
    answer = move(clinic, to_practitioner_id="any")
    assert [(each.appointment.id, each.practitioner_id) for each in answer.moved] == [
        (visit.id, kim)
    ]


def test_what_changed_since_the_preview_is_left_and_listed(
    clinic: Clinic, robin: str, visits: list[Appointment]
) -> None:
    seen = {
        each.appointment.id: each.appointment.version for each in move(clinic, dry_run=True).moved
    }
    clinic.cancel(visits[0])
    moved = clinic.move(visits[1], local_start=LATER)
    late = clinic.book(practitioner_id=robin, local_start=TEN + 2 * HOUR)
    answer = move(clinic, versions=seen)
    assert ids(answer) == [visits[2].id]
    assert stays(answer) == {visits[0].id: "changed", visits[1].id: "changed"}
    assert stored(clinic, moved).view() == moved.view()
    assert stored(clinic, late).view() == late.view()


def test_only_some_are_moved(clinic: Clinic, visits: list[Appointment]) -> None:
    answer = move(clinic, only=(visits[1].id, visits[1].id))
    assert (ids(answer), stays(answer)) == ([visits[1].id], {})
    other_day = clinic.book(local_start=TEN + timedelta(days=1))
    assert stays(move(clinic, only=(other_day.id,))) == {other_day.id: "changed"}


def test_who_is_here_or_was_stays(clinic: Clinic, visits: list[Appointment]) -> None:
    clinic.change(visits[1], Appointment.arrive)
    desk = clinic.desk(now=visits[0].start + HOUR)
    answer = bulk_moves.bulk_move(request(clinic), desk)
    assert (ids(answer), stays(answer)) == ([visits[2].id], {visits[1].id: "arrived"})


def test_the_same_operation_again_moves_nothing_twice(
    clinic: Clinic, visits: list[Appointment]
) -> None:
    caller = context()
    first = move(clinic, caller)
    assert move(clinic, caller) == first
    assert moves_told(clinic) == sorted(each.id for each in visits)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_repeat_ends_what_was_begun(
    clinic: Clinic,
    visits: list[Appointment],
    monkeypatch: pytest.MonkeyPatch,
    after: int,
    before: bool,  # noqa: FBT001
) -> None:
    """The process dies at a write, before it or once it is done, then the call comes again."""
    save, caller = MongoAppointments.save, context()

    def deadly(self: Any, changed: Appointment, *rest: Any) -> bool:
        nonlocal after
        if after == 0 and before:
            raise Kill
        saved = save(self, changed, *rest)
        if after == 0:
            raise Kill
        after -= 1
        return saved

    with monkeypatch.context() as patched:
        patched.setattr(MongoAppointments, "save", deadly)
        with pytest.raises(Kill):
            move(clinic, caller)
    clinic.book(practitioner_id=clinic.therapists[0].id, local_start=LATER)
    answer = move(clinic, caller)
    # What was booked in between was not in the plan.
    assert (ids(answer), stays(answer)) == ([each.id for each in visits], {})
    assert moves_told(clinic) == sorted(each.id for each in visits)


def test_an_outage_in_the_middle_is_told_and_a_repeat_goes_on(
    clinic: Clinic, visits: list[Appointment], monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = context()
    with monkeypatch.context() as patched:
        patched.setattr(bulk_moves, "move_appointment", _away_after(1))
        with pytest.raises(ServiceUnavailable):
            move(clinic, caller)
    assert len(moves_told(clinic)) == 1
    assert ids(move(clinic, caller)) == [each.id for each in visits]


def _away_after(moves: int) -> Any:
    left = iter(range(moves))

    def attempt(*args: Any) -> Appointment:
        if next(left, None) is None:
            raise ServiceUnavailable("the database is away", retry_after=1)
        return appointments.move_appointment(*args)

    return attempt


def test_who_books_in_between_keeps_the_time(
    clinic: Clinic, sam: str, visits: list[Appointment], monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*args: Any) -> Appointment:
        monkeypatch.setattr(bulk_moves, "move_appointment", appointments.move_appointment)
        clinic.book(practitioner_id=sam, client_id="cli_2")
        with pytest.raises(SlotTaken) as refused:
            appointments.move_appointment(*args)
        raise refused.value

    monkeypatch.setattr(bulk_moves, "move_appointment", overtaken)
    answer = move(clinic)
    assert ids(answer) == [each.id for each in visits[1:]]
    assert stays(answer) == {visits[0].id: "taken"}
    assert len(answer.not_moved[0].alternatives) == 3


def test_it_refuses_what_it_cannot_do_in_the_fields_words(
    clinic: Clinic, robin: str, visits: list[Appointment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(w, "MOST_MOVED", 2)
    refusals: Iterator[tuple[str, dict[str, Any]]] = iter(
        [
            ("to", {}),
            ("to", {"from_": "2026-11-01", "to": "2026-11-02"}),
            ("to", {"from_": "2026-12-01", "to": "2027-02-01"}),
            ("to_practitioner_id", {"to_practitioner_id": robin}),
            ("to_practitioner_id", {"to_practitioner_id": "prac_0"}),
            ("from_practitioner_id", {"from_practitioner_id": "prac_0"}),
            ("only", {"only": ("apt_0",)}),
            ("versions", {"versions": {each.id: 1 for each in visits}}),
            ("versions", {"versions": {"apt_0": 1}}),
        ]
    )
    for field, wrong in refusals:
        for dry_run in (True, False):
            with pytest.raises(Invalid) as refused:
                move(clinic, dry_run=dry_run, **wrong)
            assert list(refused.value.extra["errors"]) == [field]
    with pytest.raises(NotFound):
        move(clinic, context(location_scope=("loc_other",)))
    assert moves_told(clinic) == []


def test_what_forbids_to_treat_a_client_is_in_the_preview(
    clinic: Clinic, visits: list[Appointment]
) -> None:
    alert = AlertChanged(
        client_id="cli_1", alert_id="alert_1", level="block", acknowledgement_needed=True
    )
    service_on(clinic.database).keep(told(alert.alert_id, 1, alert))
    blocked = dict.fromkeys((each.id for each in visits), "client_blocked")
    for dry_run in (True, False):
        assert stays(move(clinic, dry_run=dry_run)) == blocked
    assert moves_told(clinic) == []


def test_the_way_from_another_location_is_in_the_preview(
    clinic: Clinic, sam: str, visits: list[Appointment]
) -> None:
    north = clinic.new_location("North")
    clinic.change_location(travel=[{"location_id": north.id, "minutes": 60}])
    both = [clinic.location.id, north.id]
    shifts = [
        r.ShiftSpec(location_id=id_, weekday="tue", start="09:00", end="17:00") for id_ in both
    ]
    change = r.ChangePractitioner(
        practitioner_id=sam, location_ids=tuple(both), shifts=tuple(shifts)
    )
    settings.change_practitioner(change, clinic.desk())
    # Until 11:45 with the turnover, and an hour away: back at 12:45.
    clinic.book(location_id=north.id, practitioner_id=sam, local_start=TEN + HOUR / 2)
    for dry_run in (True, False):
        answer = move(clinic, dry_run=dry_run)
        assert stays(answer) == {visits[0].id: "taken", visits[1].id: "taken"}
        assert ids(answer) == [visits[2].id]


def test_a_period_can_be_part_of_a_day(clinic: Clinic, visits: list[Appointment]) -> None:
    answer = move(clinic, from_=f"{TODAY}T11:00", to=f"{TODAY}T13:00")
    assert ids(answer) == [visits[1].id]


def test_an_hour_the_clock_repeats_is_kept(clinic: Clinic) -> None:
    """The second of the two 01:30s of a night stays the second."""
    toronto = clinic.new_location(
        "Toronto", timezone="America/Toronto", hours={"sun": [["00:00", "09:00"]]}
    )
    two = [clinic.new_therapist(name, [toronto.id]) for name in ("Ari", "Bo")]
    shifts = (r.ShiftSpec(location_id=toronto.id, weekday="sun", start="00:00", end="09:00"),)
    for each in two:
        change = r.ChangePractitioner(practitioner_id=each.id, shifts=shifts)
        settings.change_practitioner(change, clinic.desk())
    night = TEN.replace(year=2027, month=11, day=7, hour=1, minute=30)
    booked = clinic.book(
        location_id=toronto.id, practitioner_id=two[0].id, local_start=night, fold=1
    )
    answer = move(
        clinic,
        location_id=toronto.id,
        from_practitioner_id=two[0].id,
        to_practitioner_id=two[1].id,
        from_="2027-11-07",
        to="2027-11-07",
    )
    assert ids(answer) == [booked.id]
    assert stored(clinic, booked).start == booked.start


@pytest.fixture
def crowded(clinic: Clinic) -> Clinic:
    clinic.new_therapist("Kim")
    clinic.change_location(rooms=[{"name": name} for name in "ABC"])
    return clinic


names = st.sampled_from(["Robin", "Robin", "Sam", "Kim"])
drawn = st.lists(st.tuples(names, st.integers(0, 20)), min_size=4, max_size=12)


@examples(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(wanted=drawn, anybody=st.booleans())
def test_what_is_done_is_what_the_preview_said(
    crowded: Clinic,
    wanted: list[tuple[str, int]],
    anybody: bool,  # noqa: FBT001
) -> None:
    crowded.database["appointments"].delete_many({})
    here = crowded.desk().settings.practitioners_at(crowded.location.id)
    people = {person.name: person.id for person in here}
    for person, quarter in wanted:
        start = TEN + quarter * timedelta(minutes=15)
        try:
            crowded.book(practitioner_id=people[person], local_start=start)
        except SlotTaken:
            continue
    taker = "any" if anybody else crowded.therapists[1].id
    preview = move(crowded, dry_run=True, to_practitioner_id=taker)
    done = move(crowded, to_practitioner_id=taker)
    assert [(m.appointment.id, m.practitioner_id, m.room_id, m.room_kept) for m in done.moved] == [
        (m.appointment.id, m.practitioner_id, m.room_id, m.room_kept) for m in preview.moved
    ]
    assert [(i.appointment, i.why) for i in done.not_moved] == [
        (i.appointment, i.why) for i in preview.not_moved
    ]
    assert repository.findings(crowded.database) == {"overlaps": 0}
