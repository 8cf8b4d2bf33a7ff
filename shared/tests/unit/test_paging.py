from datetime import UTC, datetime
from typing import Any

import pytest

from clinic_contracts.errors import Invalid
from clinic_runtime import paging

AT = datetime(2026, 12, 1, 17, tzinfo=UTC)


def test_a_cursor_gives_back_what_it_was_made_of() -> None:
    assert paging.decode(paging.encode([AT, "apt_1"]), datetime, str) == [AT, "apt_1"]
    assert paging.decode(None, datetime, str) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "no cursor",
        "ééé",
        paging.encode(["apt_1"]),
        paging.encode([AT, "apt_1", "more"]),
        paging.encode([AT, 5]),
        paging.encode(["yesterday", "apt_1"]),
        paging.encode(["2026-12-01T10:00", "apt_1"]),
        paging.encode(["0001-01-01T00:00:00+23:00", "apt_1"]),
        paging.encode([{"$gt": ""}, "apt_1"]),
        paging.encode([AT, "\ud800"]),
    ],
)
def test_what_no_list_gave_is_refused(cursor: Any) -> None:
    with pytest.raises(Invalid) as refused:
        paging.decode(cursor, datetime, str)
    assert "cursor" in refused.value.extra["errors"]
