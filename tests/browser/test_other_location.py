"""What belongs to another location does not exist on the screens of who does not see it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from clinic_runtime.testing import eventually

pytestmark = pytest.mark.core
DAY = "2027-03-12"


@pytest.mark.parametrize("role", ["front_desk", "manager"])
def test_a_user_of_one_location_sees_nothing_of_another(
    staff: Any, make_site: Callable[..., Any], role: str
) -> None:
    mine, other = make_site(therapists=1), make_site(therapists=1)
    here = mine.book(f"Ada Mine {role}", f"{DAY}T10:00")
    there = other.book(f"Bo Foreign {role}", f"{DAY}T10:00")
    foreign = other.location["name"]
    eventually(
        lambda: other.api.get(f"/clients/{there['client_id']}")["location_ids"] == [other.id]
    )
    key = mine.api.post("/api-keys", {"name": role, "role": role, "location_ids": [mine.id]})["key"]
    context = staff.context(key)

    page = staff.open(context, f"schedule?location={other.id}&date={DAY}&visit={there['id']}")
    expect(page.locator(f'[data-visit="{here["id"]}"]')).to_be_visible()
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live")
    expect(page.locator(".panel")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text("Bo Foreign")
    expect(page.locator(".shell")).not_to_contain_text(foreign)

    page.keyboard.press("/")
    page.keyboard.type("bo foreign")
    expect(page.get_by_role("option", name="Nobody is called so.")).to_be_visible()
    page.keyboard.press("Escape")

    unseen = other.book(f"Cy Foreign {role}", f"{DAY}T12:00")
    seen = mine.book(f"Di Mine {role}", f"{DAY}T12:00")
    expect(page.locator(f'[data-visit="{seen["id"]}"]')).to_be_visible()
    expect(page.locator(f'[data-visit="{unseen["id"]}"]')).to_have_count(0)

    card = staff.open(context, f"client?location={mine.id}&client={there['client_id']}")
    expect(card.locator("main")).to_contain_text("There is no such client here")
    expect(card.locator("main")).not_to_contain_text("Bo Foreign")
    desk = staff.open(context, f"billing?location={other.id}")
    expect(desk.locator("h1")).to_have_text("Billing")
    expect(desk.locator("body")).not_to_contain_text("Foreign")
    assert staff.unexpected() == []
