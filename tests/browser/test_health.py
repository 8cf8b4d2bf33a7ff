"""Health: what is parked is retried from the screen, a request is followed, who is away is told."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pymongo import MongoClient

from clinic_contracts import envelope
from clinic_contracts.client_profile.events import ClientChanged
from clinic_runtime.clock import now
from clinic_runtime.ids import ulid

Open = Callable[..., Page]
DAY = "2027-03-15"


@pytest.fixture
def parked(house: Any) -> Iterator[str]:
    """Park an event at billing, as if it had failed too often; return its id."""
    data = ClientChanged(
        client_id="cli_1",
        name="Hidden Name",
        emails=(),
        phones=(),
        preferred_channel="email",
        language="en",
    )
    made = envelope.Event(
        id=f"evt_{ulid()}",
        type=envelope.type_of(ClientChanged),
        subject=f"cli_{ulid()}",
        seq=1,
        occurred_at=now(),
        data=data,
        actor="staff:test",
        correlation_id=f"parked-{ulid()}",
    )
    client: MongoClient[dict[str, Any]] = MongoClient(house.environment["MONGO_URI"])
    row = {
        "_id": made.id,
        "at": now(),
        "event": json.dumps(envelope.to_wire(made)),
        "error": "KeyError: 'no such place'",
        "history": [{"at": now().isoformat(), "error": "KeyError: 'no such place'"}],
    }
    kept = client[f"e2e_{house.run}_billing"]["parked"]
    kept.insert_one(row)
    yield made.id
    kept.delete_one({"_id": made.id})
    client.close()


def test_a_parked_message_is_retried_from_the_screen(
    open_page: Open, api: Any, parked: str, violations: Any
) -> None:
    page = open_page("health")
    row = page.locator(f"[data-parked='billing:{parked}']")
    expect(row).to_contain_text("Client changed")
    expect(row).to_contain_text("KeyError: 'no such place'")
    expect(page.locator(".health")).not_to_contain_text("Hidden Name")
    expect(page.locator("[data-service=billing]")).to_contain_text("Answers")
    expect(page.get_by_text("1 message is parked")).to_be_visible()
    assert violations(page) == []
    row.get_by_role("button", name="Retry Client changed at Billing").click()
    expect(page.locator(".said")).to_contain_text("handed over once more")
    expect(row).to_have_count(0)
    expect(page.get_by_text("Nothing is parked")).to_be_visible()
    expect(page.locator("#parked")).to_be_focused()
    assert api.get("/operations/parked")["items"] == []


def test_one_that_somebody_else_retried_meanwhile_says_so(
    open_page: Open, api: Any, parked: str
) -> None:
    page = open_page("health")
    row = page.locator(f"[data-parked='billing:{parked}']")
    expect(row).to_be_visible()
    api.post(f"/operations/parked/billing:{parked}/retry")
    row.get_by_role("button", name="Retry").click()
    expect(
        page.get_by_role("alert").filter(has_text="Somebody else has retried it")
    ).to_be_visible()
    expect(row).to_have_count(0)


def test_the_books_are_checked_on_demand_and_told_in_words(
    open_page: Open, parked: str, violations: Any
) -> None:
    page = open_page("health")
    page.get_by_role("button", name="Check the books").click()
    finding = page.locator("[data-finding=parked]")
    expect(finding).to_contain_text("They could not be handled")
    expect(page.locator("[data-finding=overlaps]")).to_contain_text("Double bookings nobody chose")
    expect(page.locator(".books .tag").first).to_contain_text("not 0")
    assert violations(page) == []
    assert parked


def test_a_request_is_followed_through_the_services(
    open_page: Open, site: Any, house: Any, violations: Any
) -> None:
    client = site.client("Followed Through")
    session, request = site.api.session, f"followed-{ulid()}"
    body = {
        "location_id": site.id,
        "treatment_id": site.treatment["id"],
        "practitioner_id": "any",
        "client_id": client["id"],
        "local_start": f"{DAY}T10:00",
    }
    headers = {"X-Request-Id": request, "Idempotency-Key": request}
    visit = session.post(f"{house.address}/v1/appointments", json=body, headers=headers).json()
    page = open_page("health")
    page.get_by_label("Request id").fill(request)
    page.get_by_role("button", name="Show what it led to").click()
    row = page.get_by_role("row").filter(has_text="Appointment booked")
    expect(row).to_contain_text(visit["id"])
    expect(row).to_contain_text("Notification: done", timeout=30_000)
    expect(page).to_have_url(re.compile(f"trace={request}"))
    assert violations(page) == []
    page.get_by_label("Request id").fill("nobody-asked")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Request id")).to_be_focused()
    expect(page.get_by_text("No event came of a request with this id")).to_be_visible()


def test_who_is_away_is_told_since_when_and_the_focus_stays(
    open_page: Open, house: Any, violations: Any
) -> None:
    page = open_page("health")
    row = page.locator("[data-service=notification]")
    expect(row).to_contain_text("Answers")
    page.get_by_role("button", name="Check the books").focus()
    house.kill("notification")
    try:
        expect(row).to_contain_text("Has not answered here since", timeout=40_000)
        expect(page.get_by_text("1 part is away")).to_be_visible()
        expect(page.get_by_role("button", name="Check the books")).to_be_focused()
        assert violations(page) == []
    finally:
        house.start("notification")
    expect(row).to_contain_text("Answers", timeout=60_000)


def test_who_may_not_operate_sees_no_health(open_page: Open, violations: Any) -> None:
    page = open_page("health")
    refusal = {
        "status": 403,
        "content_type": "application/problem+json",
        "body": '{"code": "forbidden", "detail": "not you", "roles": ["owner", "auditor"]}',
    }
    page.route("**/v1/operations/**", lambda route: route.fulfill(**refusal))
    page.reload()
    expect(page.get_by_text("It takes the role owner or auditor").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.usefixtures("parked")
def test_it_is_readable_everywhere(
    open_page: Open, violations: Any, shoot: Any, scheme: str, width: int
) -> None:
    page = open_page("health", color_scheme=scheme, viewport={"width": width, "height": 900})
    expect(page.locator("[data-parked]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    shoot(page, f"health-{width}-{scheme}")
