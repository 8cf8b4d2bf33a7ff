"""A time is given up, offered by letter to those who wait, and taken by the link."""

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually


@pytest.fixture
def soon(api: Api, clinic: dict[str, str]) -> dict[str, str]:
    """Return a booking a few hours from now, which is offered at night too, at its own place."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    location = api.post(
        "/locations",
        {
            "name": "Nightingale",
            "timezone": "UTC",
            "hours": {day: [["00:00", "24:00"]] for day in days},
            "rooms": [{"name": "One"}],
        },
    )
    shifts = [
        {"location_id": location["id"], "weekday": day, "start": "00:00", "end": "24:00"}
        for day in days
    ]
    therapist = api.post(
        "/practitioners",
        {
            "name": "Noa Night",
            "location_ids": [location["id"]],
            "treatment_ids": [clinic["treatment_id"]],
            "registration": {"college": "CCHPBC", "number": "RMT-9"},
            "shifts": shifts,
        },
    )
    now = datetime.now(UTC).replace(minute=0)
    starts = [now + timedelta(hours=hours) for hours in (2, 3, 4)]
    start = next(at for at in starts if at.hour < 22)
    return {
        "location_id": location["id"],
        "treatment_id": clinic["treatment_id"],
        "practitioner_id": therapist["id"],
        "local_start": f"{start:%Y-%m-%dT%H:00}",
    }


def test_a_freed_time_is_offered_by_letter_and_taken_by_its_link(
    api: Api, house: Any, clinic: dict[str, str], soon: dict[str, str], mail: tuple[Any, int]
) -> None:
    visit = api.post("/appointments", {**soon, "client_id": clinic["client_id"]})
    day = soon["local_start"][:10]
    waiting = []
    for name in ("Bo", "Cy"):
        address = f"{name.lower()}@example.org"
        client = api.post("/clients", {"name": name, "emails": [address]})
        wish = {
            "client_id": client["id"],
            "treatment_id": soon["treatment_id"],
            "location_ids": [soon["location_id"]],
            "windows": [{"from": day, "to": day}],
        }
        waiting.append(api.post("/waitlist", wish))
    api.post(f"/appointments/{visit['id']}/cancel")

    link = letter_link(api, waiting[1], mail[0])
    assert link.startswith(f"{house.address}/offers/")
    token = link.rpartition("/")[2]
    client = api.session.__class__()  # nobody signed in
    page = client.get(link, timeout=15)
    assert "Noa Night" in page.text
    taken = client.post(f"{api.address}/v1/offers/{token}/accept", timeout=15)
    assert (taken.status_code, taken.json()["client_id"]) == (201, waiting[1]["client_id"])
    assert taken.json()["local_start"] == soon["local_start"]
    other = letter_link(api, waiting[0], mail[0]).rpartition("/")[2]
    late = client.post(f"{api.address}/v1/offers/{other}/accept", timeout=15)
    assert (late.status_code, late.json()["offer_status"]) == (409, "withdrawn")
    entries = [api.get(f"/waitlist/{entry['id']}") for entry in waiting]
    assert [entry["status"] for entry in entries] == ["waiting", "booked"]
    assert [entry["offers"][0]["status"] for entry in entries] == ["withdrawn", "accepted"]
    report = {"location_id": soon["location_id"], "from": day, "to": day}
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    # A time freed at a location of its own: nobody else's is counted.
    (figures,) = api.get("/reports/waitlist", **{**report, "from": today, "to": today})["items"]
    assert (figures["freed"], figures["filled"], figures["fill_rate"]) == (1, 1, 100)
    api.post(f"/appointments/{taken.json()['id']}/cancel")


def letter_link(api: Api, entry: dict[str, Any], folder: Any) -> str:
    def sent() -> dict[str, Any] | None:
        items = api.get("/messages", client_id=entry["client_id"])["items"]
        return next((m for m in items if (m["kind"], m["state"]) == ("offer", "sent")), None)

    message = eventually(sent, timeout=30)
    letter = email.message_from_bytes(
        (folder / f"{message['id']}_clinicops.eml").read_bytes(), policy=email.policy.default
    )
    body = letter.get_body(("plain",))
    assert body is not None
    found = re.search(r"http\S+", body.get_content())
    assert found is not None
    return found[0]
