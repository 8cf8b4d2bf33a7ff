"""The waitlist as staff keep it, what the report counts, and that each query has its index."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from booking.domain.round import Round, freed_by
from booking.domain.waitlist import precedence
from booking.repository import MongoWaitlist
from booking.testing import NOW, TEN, context, service_on
from booking.testing_waitlist import Queue, public
from booking.use_cases import offers, waitlist
from clinic_contracts.booking import waitlist as w
from clinic_contracts.booking.events import AppointmentCancelled
from clinic_contracts.errors import AlreadyExists, Invalid, NotFound, OfferOver, StaleVersion
from clinic_runtime.watching import Watch

Document = dict[str, Any]


def test_an_operation_delivered_twice_makes_one_entry(queue: Queue) -> None:
    first = queue.join("cli_1", context("op_1"))
    assert queue.join("cli_1", context("op_1")) == first
    with pytest.raises(AlreadyExists):
        queue.join("cli_1", context("op_2"))
    queue.withdraw(first)
    assert queue.join("cli_1", context("op_3")).status == "waiting"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("location_ids", ["loc_9"]),
        ("practitioner_ids", ["prac_9"]),
        ("treatment_id", "trt_9"),
        ("appointment_id", "apt_9"),
    ],
)
def test_what_does_not_exist_is_named(queue: Queue, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        queue.join("cli_1", **{field: value})
    assert list(refused.value.extra["errors"]) == [field]


def test_the_later_visit_must_be_the_clients_and_to_come(queue: Queue) -> None:
    booked = queue.clinic.book(client_id="cli_1")
    with pytest.raises(Invalid, match="another client's"):
        queue.join("cli_2", appointment_id=booked.id)
    queue.clinic.cancel(booked)
    with pytest.raises(Invalid, match="no visit to come"):
        queue.join("cli_1", appointment_id=booked.id)


def test_who_sees_one_of_the_locations_sees_the_entry(queue: Queue) -> None:
    here, north = queue.clinic.location.id, queue.clinic.new_location("North").id
    entry = queue.join("cli_1", location_ids=[here, north])
    for scope in ((here,), (north,)):
        desk = queue.desk(context(location_scope=scope))
        assert waitlist.get_entry(entry.id, desk) == entry
        request = w.ListWaitlist(location_id=scope[0], status="waiting")
        assert waitlist.list_waitlist(request, desk).items == (entry,)
    with pytest.raises(NotFound):
        waitlist.get_entry(entry.id, queue.desk(context(location_scope=())))
    with pytest.raises(Invalid):
        queue.join("cli_2", context(location_scope=(here,)), location_ids=[here, north])


def test_pages_go_by_how_long_they_wait(queue: Queue) -> None:
    entries = [queue.join(f"cli_{number}") for number in range(5)]
    here, cursor = queue.clinic.location.id, None
    found: list[w.WaitlistEntry] = []
    for _ in range(3):
        page = waitlist.list_waitlist(
            w.ListWaitlist(location_id=here, limit=2, cursor=cursor), queue.desk()
        )
        found += page.items
        cursor = page.next
    assert (found, cursor) == (entries, None)


def test_withdrawn_stays_withdrawn_and_a_stale_version_is_refused(queue: Queue) -> None:
    entry = queue.join("cli_1")
    request = w.WithdrawWaitlistEntry(entry_id=entry.id, expected_version=2)
    with pytest.raises(StaleVersion):
        waitlist.withdraw(request, queue.desk())
    done = queue.withdraw(entry)
    assert (done.status, done.version) == ("withdrawn", 2)
    assert queue.withdraw(entry) == done


def test_who_waited_in_vain_is_taken_off_the_list(queue: Queue) -> None:
    past = queue.join("cli_1", windows=[{"from": "2026-11-24", "to": "2026-11-25"}])
    waits = queue.join("cli_2")
    waitlist.expire_past(queue.clinic.desk(now=NOW + timedelta(days=1, hours=23)))
    assert queue.statuses(past, waits) == ["waiting", "waiting"]
    waitlist.expire_past(queue.clinic.desk(now=NOW + timedelta(days=2)))
    assert queue.statuses(past, waits) == ["expired", "waiting"]


def test_the_public_view_names_when_where_and_with_whom_alone(queue: Queue) -> None:
    booked, entry = queue.clinic.book(), queue.join("cli_11")
    queue.offer(queue.freed(booked))
    view = offers.get_offer(queue.token(entry), queue.desk(public()))
    assert (view.status, view.location, view.local_start) == ("open", "Fernwood", TEN)
    assert view.practitioner in {"Robin", "Sam"}
    assert not [name for name in w.OfferView.__slots__ if "client" in name or "treatment" in name]
    assert queue.decline(entry).status == "declined"
    assert queue.decline(entry).status == "declined", "sent twice is answered the same"
    with pytest.raises(OfferOver):
        queue.accept(entry)


def test_the_report_counts_what_became_of_freed_times(queue: Queue) -> None:
    clinic = queue.clinic
    entry, booked = queue.join("cli_11"), [clinic.book(client_id=f"cli_{n}") for n in (1, 2)]
    queue.offer(queue.freed(booked[0]))
    queue.now += timedelta(minutes=7)
    queue.accept(entry)
    queue.offer(queue.freed(booked[1]))
    request = w.ReportWaitlist(location_id=clinic.location.id, from_="2026-11-24", to="2026-11-24")
    (figures,) = waitlist.report_waitlist(request, queue.desk()).items
    assert (figures.freed, figures.offered, figures.filled) == (2, 1, 1)
    assert (figures.fill_rate, figures.median_minutes_to_fill) == (50, 7)
    other = context(location_scope=(clinic.new_location("North").id,))
    everywhere = w.ReportWaitlist(from_="2026-11-24", to="2026-11-24")
    assert waitlist.report_waitlist(everywhere, queue.desk(other)).items == ()


@pytest.fixture
def line(queue: Queue) -> Queue:
    """Return a waitlist with a history that an index beats a scan on."""
    booked, entry = queue.clinic.book(), queue.join("cli_0")
    opening = freed_by(AppointmentCancelled(visit=booked.visit, late=False, fee_waived=False))
    assert opening is not None
    database = queue.clinic.database
    for name, number_of in (("waitlist", 1_500), ("waitlist_rounds", 1_500)):
        if name == "waitlist_rounds":
            made = Round(
                id="rnd_0", version=1, opening=opening, hold_id="apt_0", freed_at=NOW, due=NOW
            )
            queue.desk().waitlist.add_round(made.end())
        stored = database[name].find_one({})
        assert stored is not None
        database[name].insert_many(history(stored, entry, number_of))
    return queue


def history(stored: Document, entry: w.WaitlistEntry, number_of: int) -> Iterator[Document]:
    for number in range(1, number_of):
        yield {
            **stored,
            "_id": f"old_{number}",
            "outbox": [],
            "client_id": f"cli_{number}",
            "location_ids": [*entry.location_ids, f"loc_{number % 9}"],
            "location_id": f"loc_{number % 9}",
            "status": ("waiting", "booked", "over")[number % 3],
            "waits": False,
            "tokens": [f"token_{number}"],
            "last_day": f"2026-{number % 12 + 1:02}-10",
            "waiting_since": NOW - timedelta(hours=number),
            "freed_at": NOW - timedelta(hours=number),
            "rank": number % 3,
        }


def test_every_query_is_served_by_an_index(
    line: Queue, watched: Database[Document], watch: Watch
) -> None:
    clinic, service, kept = line.clinic, service_on(watched), MongoWaitlist(watched)
    booked = clinic.book(client_id="cli_b")
    opening = freed_by(AppointmentCancelled(visit=booked.visit, late=False, fee_waived=False))
    assert opening is not None
    here, treatments = clinic.location.id, [clinic.treatment.id]
    calls: tuple[Callable[[], Any], ...] = (
        lambda: list(kept.waiting_for(opening, treatments)),
        lambda: kept.past(NOW.date(), 100),
        lambda: kept.take_due(NOW),
        lambda: kept.round_of("token_7"),
        lambda: kept.figures(None, NOW, NOW),
        lambda: kept.figures([here, "loc_2"], NOW, NOW),
        lambda: service.list_waitlist(w.ListWaitlist(location_id=here, limit=2), context()),
        lambda: service.list_waitlist(
            w.ListWaitlist(location_id=here, status="booked", limit=2), context()
        ),
        service.advance_rounds,
        service.expire_entries,
    )
    for call in calls:
        watch.commands.clear()
        call()
        assert watch.explained(clinic.database)
    page = service.list_waitlist(w.ListWaitlist(location_id=here, limit=2), context())
    watch.commands.clear()
    service.list_waitlist(w.ListWaitlist(location_id=here, cursor=page.next), context())
    assert watch.explained(clinic.database)


def test_the_database_orders_as_is_declared(line: Queue) -> None:
    booked = line.clinic.book(client_id="cli_b")
    opening = freed_by(AppointmentCancelled(visit=booked.visit, late=False, fee_waived=False))
    assert opening is not None
    for number, urgency in enumerate(("routine", "urgent", "soon", "urgent")):
        line.join(f"cli_j{number}", urgency=urgency)
    found = [
        entry
        for entry in line.desk().waitlist.waiting_for(opening, [line.clinic.treatment.id])
        if entry.client_id.startswith("cli_j")
    ]
    assert [entry.client_id for entry in found] == ["cli_j1", "cli_j3", "cli_j2", "cli_j0"]
    assert sorted(found, key=precedence) == found
