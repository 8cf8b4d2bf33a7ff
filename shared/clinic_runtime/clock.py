"""The time, and which edition of the time zones it is told by."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the current instant in UTC, to the millisecond that MongoDB keeps."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


@cache
def tzdata_version() -> str:
    """Return the version of the pinned time-zone data, such as ``2026.6``."""
    return version("tzdata")
