"""Claims that wait too long: to the hour and the day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing.domain.alarms import alarms
from billing.testing import claim
from clinic_contracts.billing.claims import ClaimFinding, ClaimStep

NOW = datetime(2026, 12, 9, 12, tzinfo=UTC)


def codes(
    state: str, waited: timedelta, tongue: str = "x12", file_by: date | None = None
) -> list[str]:
    since = NOW - waited
    step = ClaimStep(at=since, actor="a", state=state, cause="c")
    long_ago = NOW - timedelta(days=300)
    waiting = claim(state, created_at=long_ago, tongue=tongue, file_by=file_by, history=(step,))
    return [each.code for each in alarms(waiting, NOW)]


@pytest.mark.parametrize(
    ("state", "limit", "code"),
    [
        ("submitted", timedelta(hours=24), "no_acknowledgement"),
        ("received", timedelta(days=30), "not_decided"),
        ("accepted", timedelta(days=30), "not_decided"),
        ("pended", timedelta(days=14), "pended_long"),
    ],
)
def test_a_state_lasts_so_long(state: str, limit: timedelta, code: str) -> None:
    assert codes(state, limit) == []
    assert codes(state, limit + timedelta(seconds=1)) == [code]


def test_what_is_sent_by_hand_is_not_acknowledged() -> None:
    assert codes("submitted", timedelta(days=10), tongue="portal") == []


@pytest.mark.parametrize("state", ["draft", "validated", "rejected"])
@pytest.mark.parametrize(
    ("days", "expected"),
    [(15, []), (14, ["file_soon"]), (0, ["file_soon"]), (-1, ["filed_too_late"])],
)
def test_a_claim_is_to_be_sent_in_time(state: str, days: int, expected: list[str]) -> None:
    last = NOW.date() + timedelta(days=days)
    first = ["rejected"] if state == "rejected" else []
    assert codes(state, timedelta(0), file_by=last) == [*first, *expected]


def test_a_rejected_claim_is_to_be_mended_at_once_and_says_why() -> None:
    found = (ClaimFinding(code="A3:21", text="no such member"),)
    (alarm,) = alarms(claim("rejected", findings=found), NOW)
    assert alarm.text == "refused on its way in (no such member): mend and submit it"


def test_what_is_decided_waits_for_nobody() -> None:
    for state in ("paid", "partially_paid", "denied", "closed", "voided", "queued"):
        assert codes(state, timedelta(days=400), file_by=date(2020, 1, 1)) == []
