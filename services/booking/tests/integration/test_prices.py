"""The price of a visit is the schedule's on its day, and stays what was agreed."""

from datetime import timedelta
from typing import Any

import pytest

from booking.testing import TEN, Clinic, context
from booking.testing import service_on as service
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.settings import PriceAt
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money


def cad(minor: int) -> Money:
    return Money(amount_minor=minor)


def change(clinic: Clinic, *prices: PriceAt) -> r.TreatmentView:
    request = r.ChangeTreatment(treatment_id=clinic.treatment.id, prices=prices)
    view: r.TreatmentView = service(clinic.database).change_treatment(request, context())
    return view


def test_a_visit_is_booked_at_the_price_of_its_day_and_keeps_it_when_moved(clinic: Clinic) -> None:
    here, tomorrow = clinic.location.id, TEN.date() + timedelta(days=1)
    change(
        clinic,
        PriceAt(price=cad(12000), location_id=here),
        PriceAt(price=cad(12500), location_id=here, valid_from=tomorrow),
    )
    desk = service(clinic.database)
    booked = desk.book_appointment(clinic.request(), context())
    then = desk.book_appointment(clinic.request(local_start=TEN + timedelta(days=1)), context())
    assert (booked.price, then.price) == (cad(12000), cad(12500))
    moved = desk.move_appointment(
        r.MoveAppointment(
            appointment_id=booked.id, expected_version=1, local_start=TEN + timedelta(days=2)
        ),
        context(),
    )
    assert moved.price == cad(12000)


def test_a_price_of_nobody_and_of_nowhere_is_refused(clinic: Clinic) -> None:
    nobody: tuple[dict[str, Any], ...] = (
        {"location_id": "loc_none"},
        {"practitioner_id": "prac_none"},
    )
    for unknown in nobody:
        with pytest.raises(Invalid) as refused:
            change(clinic, PriceAt(price=cad(1), **unknown))
        assert refused.value.extra["errors"] == {
            "prices": [f"there is no {next(iter(unknown.values()))}"]
        }
