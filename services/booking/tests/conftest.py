"""A release of the zone data that is not the pinned one."""

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

DATA = Path(__file__).parent / "data" / "tzdb-2025b"


@pytest.fixture(scope="session")
def zone_2025b() -> Callable[[str], ZoneInfo]:
    """Return what gives a zone as 2025b had it."""

    def zone(name: str) -> ZoneInfo:
        with (DATA / name).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)

    return zone
