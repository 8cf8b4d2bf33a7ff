"""A day that one gateway keeps in memory, changed through another."""

from typing import Any

from clinic_runtime.testing import eventually

FRESH_SECONDS = 1.0


def test_anothers_change_shows_within_a_second_and_ones_own_at_once(
    house: Any, api: Any, clinic: dict[str, Any]
) -> None:
    path = f"/day-sheet?location_id={clinic['location_id']}&date=2027-02-03"

    def ids(at: Any) -> list[str]:
        columns = at.get(path)["columns"]
        return [visit["id"] for column in columns for visit in column["appointments"]]

    with house.second_gateway() as elsewhere:
        assert ids(elsewhere) == ids(api) == []
        made = api.post("/appointments", {**clinic, "local_start": "2027-02-03T10:00"})
        assert ids(api) == [made["id"]]
        eventually(lambda: ids(elsewhere) == [made["id"]], timeout=FRESH_SECONDS)
        move = {"local_start": "2027-02-04T10:00"}
        elsewhere.patch(f"/appointments/{made['id']}", made["version"], move)
        assert ids(elsewhere) == []
        eventually(lambda: ids(api) == [], timeout=FRESH_SECONDS)
