"""A blocking alert holds however a visit is got: by a series, or from the waitlist."""

from datetime import date
from typing import Any

import pytest
from pymongo.database import Database

from booking import repository
from booking.testing import TEN, Clinic
from booking.testing_series import Course, conflicts, starts, week
from booking.testing_waitlist import Queue
from clinic_contracts.client_profile.events import AlertChanged
from clinic_contracts.errors import OfferOver
from clinic_runtime.telling import told
from clinic_runtime.watching import Watch


def block(clinic: Clinic, client_id: str, until: date) -> None:
    alert = AlertChanged(
        alert_id="alert_1",
        client_id=client_id,
        level="block",
        acknowledgement_needed=True,
        until=until,
    )
    repository.MongoClients(clinic.database).keep(told("alert_1", 1, alert))


def test_what_an_alert_forbids_is_a_conflict_of_a_series(
    database: Database[dict[str, Any]], watched: Database[dict[str, Any]], watch: Watch
) -> None:
    clinic = Course(database)
    block(clinic, "cli_1", until=week(1).date())
    clinic.database = watched
    made = clinic.book_series(conflicts="book_free")
    assert conflicts(made) == [("12-01", "client_blocked"), ("12-08", "client_blocked")]
    assert starts(made) == ["12-15 10:00", "12-22 10:00"]
    asked = [command for command in watch.commands if command.get("find") == "client_facts"]
    assert len(asked) == 1, "once for the whole series"


def test_an_offer_is_refused_without_a_word_of_why_and_the_time_stays_held(clinic: Clinic) -> None:
    queue = Queue(clinic)
    booked = clinic.book(client_id="cli_9")
    ill, well = queue.join("cli_1"), queue.join("cli_2")
    queue.offer(queue.freed(booked))
    block(clinic, "cli_1", until=TEN.date())
    with pytest.raises(OfferOver) as refused:
        queue.accept(ill)
    said = f"{refused.value} {refused.value.extra}"
    assert "alert" not in said
    assert refused.value.extra["offer_status"] == "open"
    assert queue.accept(well).client_id == "cli_2"
