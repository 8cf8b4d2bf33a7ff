"""Terms copied at booking, and the fee of a visit that will not be."""

from datetime import timedelta
from typing import Any

import pytest

from booking.domain.appointment import Appointment
from booking.testing import NOW, TEN, Clinic, context
from booking.use_cases import appointments
from clinic_contracts.booking import requests as r
from clinic_contracts.booking.policy import CancellationPolicy
from clinic_contracts.errors import Invalid
from clinic_contracts.money import Money

STRICT = {"window_hours": 200, "late_fee_percent": 40, "no_show_fee_percent": 80}


def cad(minor: int) -> Money:
    return Money(amount_minor=minor)


def told(clinic: Clinic, visit: Appointment) -> dict[str, Any]:
    """Return the data of a visit's last event."""
    stored = clinic.database["appointments"].find_one({"_id": visit.id}) or {}
    return dict(stored["outbox"][-1]["event"]["data"])


def cancel(clinic: Clinic, visit: Appointment, **more: Any) -> Appointment:
    request = r.CancelAppointment(appointment_id=visit.id, **more)
    return appointments.cancel_appointment(request, clinic.desk())


def miss(clinic: Clinic, visit: Appointment, **more: Any) -> Appointment:
    request = r.ChangeStatus(appointment_id=visit.id, **more)
    return appointments.mark_no_show(request, clinic.desk())


def test_a_visit_keeps_the_terms_of_the_day_it_was_booked(clinic: Clinic) -> None:
    clinic.change_location(policy={**STRICT, "deposit_percent": 20})
    first = clinic.book()
    assert (first.view().deposit, told(clinic, first)["deposit"]["amount_minor"]) == (
        cad(2300),
        2300,
    )
    clinic.change_location(policy={"late_fee_percent": 0})
    second = clinic.book()
    assert (first.policy.late_fee_percent, second.policy.late_fee_percent) == (40, 0)
    assert cancel(clinic, first).view().fee == cad(4600)
    assert told(clinic, first) | {"visit": None} == {
        "visit": None,
        "late": True,
        "fee_waived": False,
        "fee": {"amount_minor": 4600, "currency": "CAD"},
        "fee_reason": "late_cancellation",
        "waived_because": None,
    }
    assert cancel(clinic, second).view().fee is None
    assert appointments.get_appointment(first.id, clinic.desk()).view().fee == cad(4600)


def test_a_treatments_own_terms_go_first(clinic: Clinic) -> None:
    own = CancellationPolicy(no_show_fee_percent=25)
    treatment = clinic.new_treatment(policy=own)
    clinic.new_therapist("Kim", treatments=[treatment.id])
    visit = clinic.book(treatment_id=treatment.id)
    assert miss(clinic, visit).view().fee == cad(2875)


def test_a_fee_is_waived_with_a_reason_that_no_event_tells(clinic: Clinic) -> None:
    clinic.change_location(policy=STRICT)
    visits = [clinic.book(local_start=TEN + timedelta(hours=2 * n)) for n in range(3)]
    with pytest.raises(Invalid) as refused:
        cancel(clinic, visits[0], waive_fee=True)
    assert list(refused.value.extra["errors"]) == ["reason"]
    assert appointments.get_appointment(visits[0].id, clinic.desk()).status == "booked"
    ill = "down with a fever"
    changed = [
        cancel(clinic, visits[0], waive_fee=True, reason=ill),
        cancel(clinic, visits[1], because="illness", reason=ill),
        miss(clinic, visits[2], because="illness"),
    ]
    assert [visit.fee for visit in changed] == [None] * 3
    assert [told(clinic, visit)["waived_because"] for visit in changed] == [
        "discretion",
        "policy",
        "policy",
    ]
    for visit in changed:
        text = str(told(clinic, visit))
        assert "fever" not in text
        assert "illness" not in text


def test_a_visit_owed_nothing_before_it_was_cancelled(clinic: Clinic) -> None:
    clinic.change_location(policy=STRICT)
    visit = clinic.book()
    before = appointments.get_appointment(visit.id, clinic.desk())
    caller = context("cancel")
    request = r.CancelAppointment(appointment_id=visit.id)
    first = appointments.cancel_appointment(request, clinic.desk(caller))
    assert appointments.cancel_appointment(request, clinic.desk(caller)).fee == first.fee
    assert (before.fee, first.fee, visit.start > NOW) == (None, cad(4600), True)
