from datetime import datetime, timedelta
from typing import Any

import pytest

from booking.domain.appointment import Appointment
from booking.repository.visits import fields_of
from clinic_contracts.booking.policy import CancellationPolicy
from clinic_contracts.money import Money
from tests.load import visits

BODY = {
    "location_id": "loc_1",
    "treatment_id": "trt_1",
    "practitioner_id": "prac_1",
    "room_id": "room_1",
    "client_id": "cli_1",
    "local_start": "2027-01-15T09:15",
}


def test_baselines_write_what_booking_writes() -> None:
    made = visits.document(BODY)
    ids: dict[str, Any] = {name: id_ for name, id_ in BODY.items() if name != "local_start"}
    visit = Appointment(
        id="apt_1",
        version=1,
        status="booked",
        **ids,
        start=made["start"],
        end=made["start"] + timedelta(minutes=60),
        local_start=datetime.fromisoformat(BODY["local_start"]),
        timezone="America/Vancouver",
        tzdata_version="",
        turnover=15,
        price=Money(amount_minor=11500, currency="CAD"),
        policy=CancellationPolicy(),
    )
    ours = {**fields_of(visit), "claims": visit.claims, "version": 1}
    assert {name: made[name] for name in ours} == ours
    assert len(made["claims"]) == 30


def test_a_time_off_the_tick_is_refused() -> None:
    with pytest.raises(ValueError, match="tick"):
        visits.document({**BODY, "local_start": "2027-01-15T09:17"})
