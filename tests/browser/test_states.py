"""What a screen says when there is nothing, nothing yet, or nothing for whoever looks."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.core
DAY = "2027-03-11"
Open = Callable[..., Page]
NAMES = (
    "<script>document.title='taken'</script>",
    "\u0639\u0628\u062f \u0627\u0644\u0644\u0647 \u0627\u0644\u062e\u0648\u0631\u064a",
    "W" * 80,
)


def schedule(site: Any, **query: str) -> str:
    given = {"location": site.id, "date": DAY, **query}
    return f"schedule?{'&'.join(f'{name}={value}' for name, value in given.items())}"


def test_an_empty_day_says_so_and_what_to_do(open_page: Open, site: Any, violations: Any) -> None:
    page = open_page(schedule(site))
    expect(page.get_by_text("No visits on this day yet.")).to_be_visible()
    assert violations(page) == []


def test_what_takes_long_shows_where_it_will_stand(open_page: Open, site: Any) -> None:
    page = open_page(schedule(site))
    held: list[Any] = []
    page.route("**/v1/day-sheet*", lambda route: held.append(route))  # noqa: PLW0108 (Playwright wants a function)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("status", name="Loading")).to_be_visible()
    page.wait_for_function("() => true")
    held[0].continue_()
    expect(page.get_by_text("No visits on this day yet.")).to_be_visible()


def test_what_fails_says_what_and_can_be_tried_again(
    open_page: Open, site: Any, violations: Any
) -> None:
    page = open_page(schedule(site))
    broken = {
        "status": 500,
        "content_type": "application/problem+json",
        "body": '{"code": "internal_error", "detail": "it broke", "request_id": "req-7"}',
    }
    page.route("**/v1/day-sheet*", lambda route: route.fulfill(**broken))
    page.keyboard.press("ArrowRight")
    told = page.get_by_role("alert").filter(has_text="The schedule could not be loaded")
    expect(told).to_contain_text("it broke")
    expect(told).to_contain_text("req-7")
    assert violations(page) == []
    page.unroute("**/v1/day-sheet*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No visits on this day yet.")).to_be_visible()


def test_an_ended_session_is_signed_in_again_and_the_draft_is_kept(
    open_page: Open, site: Any, owner: dict[str, str], violations: Any
) -> None:
    site.client("Kept Draft")
    page = open_page(schedule(site))
    page.keyboard.press("n")
    page.get_by_role("combobox", name="Client", exact=True).fill("kept dr")
    page.get_by_role("option", name=re.compile("Kept Draft")).click()
    page.get_by_label("Time").fill("10:00")
    page.context.clear_cookies()
    page.keyboard.press("Enter")
    again = page.get_by_role("dialog", name="Sign in again")
    expect(again).to_be_visible()
    assert violations(page) == []
    again.get_by_label("E-mail").fill(owner["email"])
    again.get_by_label("Password", exact=True).fill(owner["password"])
    page.keyboard.press("Enter")
    expect(again).to_have_count(0)
    form = page.get_by_role("dialog", name="Book a visit")
    expect(form.get_by_label("Time")).to_have_value("10:00")
    form.locator("button.main").click()
    expect(page.locator(".panel h2")).to_have_text("Kept Draft")


def test_a_wrong_password_is_told_and_the_right_one_lets_in(
    staff: Any, house: Any, owner: dict[str, str], violations: Any, shoot: Any
) -> None:
    context = staff.browser.new_context(locale="en-CA")
    staff.contexts.append(context)
    page = context.new_page()
    page.goto(f"{house.address}/")
    expect(page.get_by_role("heading", name="ClinicOps")).to_be_visible()
    shoot(page, "sign-in")
    assert violations(page) == []
    page.get_by_label("E-mail").fill(owner["email"])
    page.get_by_label("Password", exact=True).fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("E-mail or password is wrong.")
    page.get_by_label("Password", exact=True).fill(owner["password"])
    page.keyboard.press("Enter")
    expect(page.locator(".shell")).to_be_visible()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_text_whatever_it_holds(
    open_page: Open, site: Any, staff: Any, name: str
) -> None:
    booked = site.book(name, f"{DAY}T10:00")
    page = open_page(schedule(site, visit=booked["id"]))
    expect(page.locator(".panel h2")).to_have_text(name)
    shown = page.locator(f'[data-visit="{booked["id"]}"]')
    expect(shown.locator(".name")).to_have_text(name)
    assert page.title() == "Schedule · ClinicOps"
    within = page.evaluate(
        """(id) => { const v = document.querySelector(`[data-visit="${id}"]`);
        return v.scrollWidth <= v.clientWidth + 1
          && document.documentElement.scrollWidth <= innerWidth; }""",
        booked["id"],
    )
    assert within
    assert staff.faults() == []


@pytest.mark.parametrize(("width", "zoom"), [(360, 1), (1280, 2)])
def test_no_control_is_lost_on_a_small_screen_or_when_zoomed(
    open_page: Open, site: Any, width: int, zoom: int, shoot: Any, violations: Any
) -> None:
    booked = site.book("Ada Small", f"{DAY}T10:00")
    # A page at 200 % is laid out in half the width.
    viewport = {"width": width // zoom, "height": 740 // zoom}
    page = open_page(
        schedule(site, visit=booked["id"]), viewport=viewport, device_scale_factor=zoom
    )
    expect(page.locator(".panel")).to_be_visible()
    shoot(page, f"schedule-{width}-{zoom * 100}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width // zoom
    for name in ("The day before", "Today", "The next day", "Week", "Rooms", "Book n", "Arrive a"):
        control = page.get_by_role("button", name=name, exact=True)
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        assert box is not None, name
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= width // zoom + 1, name
        assert min(box["width"], box["height"]) >= 24, name
    expect(page.get_by_label("Location")).to_be_visible()
    expect(page.get_by_role("combobox", name="Find a client")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize(
    ("zone", "day", "wall"),
    [
        ("America/Vancouver", "2026-12-01", "10:00"),  # no fall-back any more, whatever ICU knows
        ("America/Toronto", "2027-03-14", "09:00"),  # clocks go forward at 02:00
        ("America/Toronto", "2027-11-07", "09:00"),  # and back
    ],
)
def test_it_is_the_clinics_time_in_a_browser_set_elsewhere(
    open_page: Open, make_site: Any, zone: str, day: str, wall: str
) -> None:
    site = make_site(therapists=1, timezone=zone)
    booked = site.book("Ada Zone", f"{day}T{wall}")
    page = open_page(f"schedule?location={site.id}&date={day}", timezone_id="Asia/Kolkata")
    shown = page.locator(f'[data-visit="{booked["id"]}"]')
    expect(shown).to_have_attribute("aria-label", re.compile(f"Ada Zone, {wall} to "))
    expect(page.locator(".zone")).to_have_text(f"{zone.split('/')[1]} time")
    shown.click()
    expect(page.locator(".panel")).to_contain_text(f"{wall} to ")
