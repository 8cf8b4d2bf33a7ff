"""The checker can fail: each figure counts what is planted."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinic_contracts import catalogue
from tests.faults import collecting, verdict
from tests.faults.evidence import Entry, Evidence, Fact, Message, Projection, Visit
from tests.faults.load import Acknowledged

START = datetime(2027, 3, 1, 17, tzinfo=UTC)
CLEAN = dict.fromkeys(verdict.FIGURES, 0)


def told(version: int, change: Any, status: str) -> Acknowledged:
    return Acknowledged(
        appointment_id="apt_1",
        version=version,
        change=change,
        status=status,
        practitioner_id="prac_1",
        local_start="2027-03-01T09:00",
    )


def event(seq: int, change: str, id_: str = "") -> Fact:
    visit = {"start": START.isoformat(), "location_id": "loc_1", "practitioner_id": "prac_1"}
    previous = {"previous": {**visit, "practitioner_id": "prac_9"}} if change == "moved" else {}
    return Fact(
        id=id_ or f"evt_{seq}",
        type=f"booking.appointment_{change}.v1",
        subject="apt_1",
        seq=seq,
        data={"visit": visit, **previous},
    )


def message(kind: str, version: int = 1, **other: Any) -> Message:
    facts: dict[str, Any] = {
        "id": f"msg_{kind}_{version}",
        "appointment_id": "apt_1",
        "version": version,
        "kind": kind,
        "state": "scheduled" if kind == "reminder" else "sent",
        "schedule": (START.isoformat(), "loc_1", "prac_1"),
        "told_at": None if kind == "reminder" else START - timedelta(days=10),
        "mail": kind != "reminder",
    }
    return Message(**facts | other)


VISIT = Visit(
    id="apt_1",
    version=3,
    status="fulfilled",
    practitioner_id="prac_1",
    room_id="room_1",
    start=START,
    end=START + timedelta(minutes=30),
    local_start="2027-03-01T09:00:00",
)
JOURNAL = (event(1, "booked"), event(2, "arrived"), event(3, "fulfilled"))
SEEN = Projection(
    service="notification",
    subject="apt_1",
    seq=3,
    view={"visit": JOURNAL[2].data["visit"], "status": "fulfilled"},
)
WELL = Evidence(
    acknowledged=(
        told(1, "booked", "booked"),
        told(2, "arrived", "arrived"),
        told(3, "fulfilled", "fulfilled"),
    ),
    stored=(VISIT,),
    answered=(VISIT,),
    journal=JOURNAL,
    projections=(SEEN,),
    handled={
        "notification": frozenset({"evt_1", "evt_2", "evt_3"}),
        "billing": frozenset({"evt_3"}),
        "client_profile": frozenset({"evt_1"}),
    },
    messages=(message("confirmation"), message("reminder")),
    invoices=(("inv_1", "apt_1"),),
    ledger=(Entry(key="invoice:inv_1", minor=(7500, -7500)),),
)
OTHER = replace(VISIT, id="apt_2", room_id="room_2", start=START + timedelta(minutes=15))


def figures(evidence: Evidence) -> dict[str, int]:
    return {k: v for k, v in verdict.figures(verdict.judge(evidence)).items() if v}


def test_the_evidence_of_a_good_run_is_clean() -> None:
    assert verdict.figures(verdict.judge(WELL)) == CLEAN


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        ({"stored": ()}, "lost"),
        ({"answered": ()}, "lost"),
        ({"stored": (replace(VISIT, version=2, status="arrived"),)}, "lost"),
        ({"answered": (replace(VISIT, practitioner_id="prac_2"),)}, "lost"),
        ({"stored": (replace(VISIT, version=4),)}, "doubled"),
        ({"journal": JOURNAL[:2]}, "lost"),
        ({"journal": (JOURNAL[0], JOURNAL[2])}, "lost"),
        ({"journal": (JOURNAL[0], event(2, "moved"), JOURNAL[2])}, "lost"),
        ({"journal": (*JOURNAL, event(3, "fulfilled", "evt_again"))}, "doubled"),
        ({"handled": {**WELL.handled, "billing": frozenset[str]()}}, "lost"),
        ({"parked": ("evt_3",)}, "lost"),
        ({"unknown": ("booking client-1-9",)}, "lost"),
        ({"invoices": ()}, "lost"),
        ({"invoices": (("inv_1", "apt_1"), ("inv_2", "apt_1"))}, "doubled"),
        ({"invoices": (("inv_1", "apt_1"), ("inv_2", "apt_2"))}, "doubled"),
        ({"ledger": ()}, "lost"),
        ({"ledger": WELL.ledger * 2}, "doubled"),
        ({"projections": ()}, "out_of_order_effects"),
        ({"projections": (replace(SEEN, seq=2),)}, "out_of_order_effects"),
        ({"projections": (replace(SEEN, view={**SEEN.view, "status": "arrived"}),)},
         "out_of_order_effects"),
        ({"messages": (message("reminder"),)}, "lost"),
        ({"messages": (message("confirmation"),)}, "lost"),
        ({"messages": (*WELL.messages, message("confirmation"))}, "doubled"),
        ({"messages": (*WELL.messages, message("moved", 2))}, "doubled"),
        ({"messages": (message("confirmation", mail=False), message("reminder"))}, "lost"),
        ({"messages": (message("confirmation", state="failed"), message("reminder"))}, "lost"),
        ({"messages": (message("confirmation"), message("reminder", mail=True))}, "doubled"),
        ({"messages": (message("confirmation", schedule=("other", "loc_1", "prac_1")),
                       message("reminder"))}, "out_of_order_effects"),
        ({"stray_mails": ("msg_9_clinicops.eml",)}, "doubled"),
    ],
)  # fmt: skip
def test_what_is_planted_is_counted(change: dict[str, Any], figure: str) -> None:
    assert figure in figures(replace(WELL, **change))


def test_an_appointment_that_nobody_was_told_of_is_a_double() -> None:
    later = replace(OTHER, start=VISIT.end, end=VISIT.end, status="booked")
    assert figures(replace(WELL, stored=(VISIT, later))) == {"doubled": 1}


def test_two_visits_at_once_overlap_and_two_in_a_row_do_not() -> None:
    assert figures(replace(WELL, stored=(VISIT, OTHER)))["overlaps"] == 1
    off = replace(OTHER, status="cancelled")
    assert "overlaps" not in figures(replace(WELL, stored=(VISIT, off)))
    after = replace(OTHER, start=VISIT.end, end=VISIT.end + timedelta(minutes=30))
    assert "overlaps" not in figures(replace(WELL, stored=(VISIT, after)))
    room = replace(OTHER, room_id="room_1", practitioner_id="prac_2")
    assert figures(replace(WELL, stored=(VISIT, room)))["overlaps"] == 1


def test_an_overlap_with_a_long_visit_that_began_before_others_is_seen() -> None:
    long = replace(VISIT, end=START + timedelta(hours=3))
    short = replace(OTHER, id="apt_2", start=START + timedelta(minutes=5), end=START)
    last = replace(OTHER, id="apt_3", start=START + timedelta(hours=2))
    assert figures(replace(WELL, stored=(long, short, last)))["overlaps"] == 2


def test_an_imbalance_is_counted_in_minor_units() -> None:
    ledger = (Entry(key="invoice:inv_1", minor=(7500, -7400)),)
    assert figures(replace(WELL, ledger=ledger)) == {"ledger_imbalance_minor": 100}
    assert figures(replace(WELL, verified_imbalance_minor=7)) == {"ledger_imbalance_minor": 7}


def called_off(*messages: Message) -> Evidence:
    visit = replace(VISIT, version=2, status="cancelled")
    journal = (event(1, "booked"), event(2, "cancelled"))
    view = {"visit": journal[1].data["visit"], "status": "cancelled"}
    return Evidence(
        acknowledged=(told(1, "booked", "booked"), told(2, "cancelled", "cancelled")),
        stored=(visit,),
        answered=(visit,),
        journal=journal,
        projections=(replace(SEEN, seq=2, view=view),),
        handled={
            "notification": frozenset({"evt_1", "evt_2"}),
            "booking": frozenset({"evt_2"}),
            "billing": frozenset({"evt_2"}),
            "client_profile": frozenset({"evt_1"}),
        },
        messages=messages,
    )


def test_a_client_who_was_told_is_told_that_it_is_off() -> None:
    known, reminder = message("confirmation"), message("reminder")
    unsent: dict[str, Any] = {"state": "skipped", "mail": False, "told_at": None}
    off = message("cancelled", 2)
    assert figures(called_off(known, reminder, off)) == {}
    assert figures(called_off(known, reminder, replace(off, **unsent))) == {"lost": 1}
    assert figures(called_off(replace(known, **unsent), reminder, replace(off, **unsent))) == {}


def test_the_same_schedule_told_twice_in_a_row_is_a_double() -> None:
    journal = (event(1, "booked"), event(2, "moved"))
    late = message("moved", 2, told_at=START)
    messages = (*WELL.messages, late, message("reminder", 2))
    found = verdict.judge(Evidence(journal=journal, messages=messages))
    assert [f.found for f in found if "told once" in f.expected] == [
        "msg_confirmation_1 and msg_moved_2"
    ]


def test_every_publication_beyond_the_first_is_a_delivery_to_each_consumer() -> None:
    number = len(catalogue.consumers()["booking.appointment_fulfilled.v1"])
    counted = collecting.duplicates(Counter({"evt_3": 3, "evt_1": 1}), JOURNAL)
    assert counted == 2 * number
