"""A therapist is away: what is to be done is listed, moved at once, and told once."""

from typing import Any

import pytest

from clinic_runtime.testing import eventually

DAY = "2027-04-07"


@pytest.fixture
def another(api: Any, clinic: dict[str, str]) -> str:
    """Return a second therapist, who works as the first does."""
    first = api.get(f"/practitioners/{clinic['practitioner_id']}")
    fields = ("location_ids", "treatment_ids", "registration", "shifts")
    made = api.post(
        "/practitioners", {"name": "Kim Lane", **{name: first[name] for name in fields}}
    )
    return str(made["id"])


def test_an_absence_is_worked_off(
    house: Any, api: Any, clinic: dict[str, Any], another: str
) -> None:
    here, robin = {"location_id": clinic["location_id"]}, clinic["practitioner_id"]
    starts = [f"{DAY}T{time}" for time in ("10:00", "12:00")]
    visits = [api.post("/appointments", {**clinic, "local_start": start}) for start in starts]
    ids = [visit["id"] for visit in visits]

    def warned(at: Any) -> list[str]:
        sheet = at.get("/day-sheet", **here, date=DAY)
        return [each["appointment_id"] for each in sheet["warnings"]]

    with house.second_gateway() as elsewhere:
        assert warned(api) == warned(elsewhere) == []
        api.post(f"/practitioners/{robin}/absences", {"from": DAY, "to": DAY})
        assert warned(api) == ids
        eventually(lambda: warned(elsewhere) == ids, timeout=2)
    period = {"from": DAY, "to": DAY}
    listed = api.get("/worklists/reschedule", **here, **period, alternatives="true")["items"]
    assert [item["why"][0]["reason"] for item in listed] == ["absent", "absent"]
    assert {slot["practitioner_id"] for item in listed for slot in item["alternatives"]} == {
        another
    }

    move = {**here, **period, "from_practitioner_id": robin, "to_practitioner_id": another}
    preview = api.post("/bulk-moves", {**move, "dry_run": True})
    assert [each["practitioner_id"] for each in preview["moved"]] == [another, another]
    seen = {each["appointment"]["id"]: each["appointment"]["version"] for each in preview["moved"]}
    done = api.post("/bulk-moves", {**move, "dry_run": False, "versions": seen})
    assert [each["appointment"]["id"] for each in done["moved"]] == ids
    assert warned(api) == api.get("/worklists/reschedule", **here, **period)["items"] == []
    for id_ in ids:
        moved = api.get(f"/appointments/{id_}")
        assert (moved["practitioner_id"], moved["version"]) == (another, 2)
    for name in ("double-booked", "unconfirmed-outcomes"):
        assert "items" in api.get(f"/worklists/{name}", **here)
