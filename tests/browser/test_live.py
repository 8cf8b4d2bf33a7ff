"""What happens elsewhere shows by itself, whatever breaks in between."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic_runtime.testing import eventually

pytestmark = pytest.mark.core
DAY = "2027-03-10"
Open = Callable[..., Page]


def is_live(page: Page) -> None:
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live", timeout=20_000)


def test_a_booking_made_elsewhere_shows_without_stealing_the_focus(
    open_page: Open, site: Any
) -> None:
    site.book("Ada Here", f"{DAY}T09:00")
    page = open_page(f"schedule?location={site.id}&date={DAY}")
    is_live(page)
    page.get_by_role("combobox", name="Find a client").focus()
    booked = site.book("Bo Elsewhere", f"{DAY}T12:00", therapist=1)
    shown = page.locator(f'[data-visit="{booked["id"]}"]')
    expect(shown).to_have_attribute("aria-label", re.compile("Bo Elsewhere, 12:00"))
    assert page.evaluate("document.activeElement.getAttribute('role')") == "combobox"
    site.api.post(f"/appointments/{booked['id']}/cancel")
    expect(shown).to_have_count(0)


def test_ten_tabs_of_one_session_load_and_share_one_stream(
    staff: Any, token: str, site: Any
) -> None:
    context = staff.context(token)
    path = f"schedule?location={site.id}&date={DAY}"
    pages = [staff.open(context, path) for _ in range(10)]
    for page in pages:
        is_live(page)
    booked = site.book("Cy Everywhere", f"{DAY}T10:00")
    for page in pages:
        expect(page.locator(f'[data-visit="{booked["id"]}"]')).to_be_visible()
    assert staff.faults() == []


def test_a_gateway_that_went_comes_back_live_with_what_changed_meanwhile(
    open_page: Open, site: Any, house: Any
) -> None:
    page = open_page(f"schedule?location={site.id}&date={DAY}")
    is_live(page)
    with house.second_gateway() as other:
        house.kill("gateway")
        expect(page.locator("[data-live]")).to_have_attribute(
            "data-live", re.compile("reconnecting|offline")
        )
        site.api.address = other.address
        booked = site.book("Di Meanwhile", f"{DAY}T11:00")
        site.api.address = house.address
    house.start("gateway")
    eventually(house.ready, timeout=60)
    is_live(page)
    expect(page.locator(f'[data-visit="{booked["id"]}"]')).to_be_visible()


def test_what_cannot_be_reached_is_told_and_what_was_there_stays(
    open_page: Open, site: Any
) -> None:
    booked = site.book("Ed Offline", f"{DAY}T09:00")
    page = open_page(f"schedule?location={site.id}&date={DAY}")
    is_live(page)
    page.context.set_offline(True)
    expect(page.locator("[data-live]")).to_contain_text(
        re.compile(r"Offline since \d\d:\d\d"), timeout=60_000
    )
    expect(page.locator(f'[data-visit="{booked["id"]}"]')).to_be_visible()
    expect(page.get_by_role("button", name="Book n", exact=True)).to_have_count(0)
    page.context.set_offline(False)
    is_live(page)
    expect(page.get_by_role("button", name="Book n")).to_be_visible()
