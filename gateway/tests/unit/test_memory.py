"""What this process keeps of booking's answers, and which events it forgets them for."""

import pytest

from gateway.memory import Memory

DAY = ("loc_1", "2026-12-01")


@pytest.mark.parametrize(
    ("type_", "kept"),
    [
        ("booking.offer_made.v1", True),
        ("booking.offer_closed.v1", True),
        ("booking.waitlist_entry_changed.v1", True),
        ("booking.location_changed.v1", False),
    ],
)
def test_what_is_offered_to_whom_changes_no_day(
    type_: str,
    kept: bool,  # noqa: FBT001 (a case's answer)
) -> None:
    memory = Memory()
    memory.connected()
    memory.days.read(DAY, "question", lambda: b"answer")
    memory.seen({"type": type_, "data": {"offer_id": "off_1"}})
    sheet, _age = memory.days.read(DAY, "question", lambda: b"another")
    assert (sheet.body == b"answer") is kept
