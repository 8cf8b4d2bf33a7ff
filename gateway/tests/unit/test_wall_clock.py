"""The time on a clinic's wall, by the pinned zone data."""

from datetime import UTC, datetime

import pytest

from clinic_contracts.errors import Invalid
from gateway.wall_clock import clock

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timezone", "local_time", "offset"),
    [
        # British Columbia stays on UTC-7 from November 2026.
        ("America/Vancouver", "2026-12-01T05:00:00.000", "-07:00"),
        ("America/St_Johns", "2026-12-01T08:30:00.000", "-03:30"),
        ("UTC", "2026-12-01T12:00:00.000", "+00:00"),
    ],
)
def test_it_is_the_zones_own(timezone: str, local_time: str, offset: str) -> None:
    shown = clock(timezone, NOON)
    assert (shown.local_time, shown.offset) == (local_time, offset)


@pytest.mark.parametrize("timezone", ["America/Atlantis", "../etc/passwd", "/UTC", "\0", "America"])
def test_what_is_no_zone_is_refused_by_its_field(timezone: str) -> None:
    with pytest.raises(Invalid) as refused:
        clock(timezone, NOON)
    assert list(refused.value.extra["errors"]) == ["timezone"]
