"""Visits booked by a process that has zone data of 2025b, met by one that has the pinned one."""

import email
import email.policy
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually

ZONES = Path(__file__).parents[2] / "services/booking/tests/data/tzdb-2025b"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEXT_YEAR = datetime.now(UTC).year + 1
HOUR = timedelta(hours=1)


@pytest.fixture
def package_2025b(tmp_path: Path) -> Path:
    """Return where 2025b stands in for the package of the pinned zone data."""
    for folder in ("America", "Australia"):
        shutil.copytree(ZONES / folder, tmp_path / "tzdata/zoneinfo" / folder)
        (tmp_path / "tzdata/zoneinfo" / folder / "__init__.py").touch()
    for package in ("tzdata", "tzdata/zoneinfo"):
        (tmp_path / package / "__init__.py").touch()
    metadata = tmp_path / "tzdata-2025.2.dist-info/METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: tzdata\nVersion: 2025.2\n")
    return tmp_path


@pytest.fixture
def released(house: Any, package_2025b: Path) -> Iterator[Any]:
    """Have booking run with 2025b; yield what gives it the pinned release instead."""

    def restart(**more: str) -> None:
        house.kill("booking")
        house.start("booking", **more)
        eventually(house.ready, timeout=60)

    restart(PYTHONPATH=str(package_2025b))
    before = house.processes["booking"]
    yield restart
    if house.processes["booking"] is before:  # the test failed on the way there
        restart()


def open_clinic(api: Api, timezone: str) -> dict[str, Any]:
    """Return a therapist at a location of the zone, open every day."""
    hours = {day: [["09:00", "18:00"]] for day in DAYS}
    location = api.post(
        "/locations",
        {"name": timezone, "timezone": timezone, "hours": hours, "rooms": [{"name": "One"}]},
    )
    price = {"amount_minor": 11500, "currency": "CAD"}
    treatment = api.post("/treatments", {"name": "Massage", "duration": 60, "price": price})
    shift = {"location_id": location["id"], "start": "09:00", "end": "18:00"}
    therapist = api.post(
        "/practitioners",
        {
            "name": "Robin Ames",
            "location_ids": [location["id"]],
            "treatment_ids": [treatment["id"]],
            "registration": {"college": "CCHPBC", "number": "RMT-1"},
            "shifts": [{**shift, "weekday": day} for day in DAYS],
        },
    )
    client = api.post("/clients", {"name": "Ada Sample", "emails": ["ada@example.org"]})
    return {
        "location_id": location["id"],
        "treatment_id": treatment["id"],
        "practitioner_id": therapist["id"],
        "client_id": client["id"],
    }


def sent(api: Api, visit: dict[str, Any]) -> list[dict[str, Any]]:
    found = api.get("/messages", appointment_id=visit["id"])["items"]
    return [each for each in found if each["state"] == "sent"]


def start_in_calendar(folder: Path, message: dict[str, Any]) -> datetime:
    """Return when the visit starts by the calendar entry of a letter."""
    text = (folder / f"{message['id']}_clinicops.eml").read_bytes()
    letter = email.message_from_bytes(text, policy=email.policy.default)
    assert isinstance(letter, EmailMessage)
    (entry,) = letter.iter_attachments()
    (event,) = Calendar.from_ical(entry.get_content()).events
    assert isinstance(event.start, datetime)
    return event.start


def test_a_release_moves_what_it_must_and_each_client_is_told_once(
    api: Api, released: Any, clinicops: Any, mail: tuple[Path, int]
) -> None:
    zones = ("America/Vancouver", "America/Edmonton", "America/Toronto")
    vancouver, edmonton, toronto = (open_clinic(api, zone) for zone in zones)

    def book(at: dict[str, Any], day: str) -> dict[str, Any]:
        made: dict[str, Any] = api.post("/appointments", {**at, "local_start": f"{day}T10:00"})
        return made

    winter = [book(vancouver, f"{NEXT_YEAR}-{day}") for day in ("01-19", "11-09")]
    winter.append(book(edmonton, f"{NEXT_YEAR}-12-07"))
    assert [visit["start"][-6:] for visit in winter] == ["-08:00", "-08:00", "-07:00"]
    stay = [book(vancouver, f"{NEXT_YEAR}-07-13"), book(toronto, f"{NEXT_YEAR}-12-07")]
    over = datetime.now(UTC) - timedelta(days=5)
    past = book(vancouver, f"{over:%Y-%m-%d}")
    cancelled = book(vancouver, f"{NEXT_YEAR}-12-08")
    api.post(f"/appointments/{cancelled['id']}/cancel")
    for visit in (*winter, *stay):
        eventually(lambda visit=visit: sent(api, visit), timeout=30)  # type: ignore[misc]

    released()
    code, out = clinicops("tzdb", "--dry-run")
    listed = [line.split()[0] for line in out.splitlines() if line.startswith("apt_")]
    assert (code, sorted(listed)) == (0, sorted(visit["id"] for visit in winter))
    code, out = clinicops("tzdb", "--apply")
    assert (code, out.splitlines()[-1][:14]) == (0, "3 visits moved")
    assert clinicops("tzdb", "--apply")[1].startswith("0 visits moved")

    for visit in winter:
        told = eventually(lambda visit=visit: _both(sent(api, visit)), timeout=30)  # type: ignore[misc]
        assert [each["kind"] for each in told] == ["corrected", "confirmation"]
        before = datetime.fromisoformat(visit["start"])
        assert start_in_calendar(mail[0], told[1]) == before
        assert start_in_calendar(mail[0], told[0]) == before - HOUR
        now = api.get(f"/appointments/{visit['id']}")
        assert now["local_start"] == visit["local_start"]
        assert datetime.fromisoformat(now["start"]) == before - HOUR
    for visit in (*stay, past, cancelled):
        found = api.get("/messages", appointment_id=visit["id"])["items"]
        assert "corrected" not in {each["kind"] for each in found}


def _both(messages: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    return messages if len(messages) > 1 else None
