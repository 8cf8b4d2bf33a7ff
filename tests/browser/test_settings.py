"""Settings: what is typed reaches the API, what it refuses stands beside its field, drafts stay."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
DAY = "2027-04-14"


def opened(open_page: Open, tab: str, id_: str = "", **options: Any) -> Page:
    page = open_page(f"settings?tab={tab}&id={id_}", **options)
    page.wait_for_selector("[role=tabpanel] *")
    return page


def form(page: Page, name: str) -> Locator:
    return page.get_by_role("form", name=name, exact=True)


def test_a_locations_hours_are_changed(open_page: Open, site: Any, violations: Any) -> None:
    page = opened(open_page, "locations", site.id)
    editor = form(page, site.location["name"])
    editor.get_by_label("Monday, from").fill("10:30")
    editor.get_by_role("button", name="Remove 08:00 to 20:00 on Sunday").click()
    editor.get_by_role("button", name="Add hours on Tuesday").click()
    editor.get_by_label("Tuesday, to").first.fill("12:00")
    editor.get_by_label("Tuesday, from").last.fill("13:00")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text(f"{site.location['name']} is saved.")
    hours = site.api.get(f"/locations/{site.id}")["hours"]
    assert hours["mon"] == [["10:30", "20:00"]]
    assert hours["tue"] == [["08:00", "12:00"], ["13:00", "17:00"]]
    assert "sun" not in hours
    expect(editor.get_by_text("Version 2")).to_be_visible()
    expect(editor.get_by_text("It cannot be changed: every visit here")).to_be_visible()


def test_what_is_refused_stands_beside_its_row(open_page: Open, site: Any, violations: Any) -> None:
    page = opened(open_page, "therapists", site.therapists[0]["id"])
    editor = form(page, site.therapists[0]["name"])
    row = editor.locator("[data-row='shifts.1']")
    row.get_by_label("Start").fill("25:00")
    editor.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("must be a time such as 09:00")
    expect(editor.locator("[data-row='shifts.0']")).not_to_contain_text("must be")
    expect(row.get_by_label("Start")).to_have_attribute("aria-invalid", "true")
    expect(row.get_by_label("Start")).to_be_focused()
    assert violations(page) == []
    row.get_by_label("Start").fill("09:15")
    editor.get_by_role("button", name="Save").click()
    expect(page.locator(".said")).to_contain_text("is saved")
    shifts = site.api.get(f"/practitioners/{site.therapists[0]['id']}")["shifts"]
    assert shifts[1]["start"] == "09:15"


def test_hours_that_overlap_are_refused_beside_their_day(open_page: Open, site: Any) -> None:
    page = opened(open_page, "locations", site.id)
    editor = form(page, site.location["name"])
    editor.get_by_role("button", name="Add hours on Friday").click()
    editor.get_by_role("button", name="Save").click()
    expect(editor.locator("[data-row='hours.fri']")).to_contain_text("without overlap")
    expect(editor.locator("[data-row='hours.mon']")).not_to_contain_text("overlap")


def test_what_another_saved_meanwhile_is_shown_and_the_draft_is_kept(
    open_page: Open, site: Any, violations: Any
) -> None:
    page = opened(open_page, "locations", site.id)
    editor = form(page, site.location["name"])
    path = f"**/v1/locations/{site.id}"
    # The event of the change comes too: what is tried here is the refusal of a stale version.
    page.route(
        path, lambda route: route.continue_() if route.request.method == "PATCH" else route.abort()
    )
    page.route("**/v1/locations?*", lambda route: route.abort())
    editor.get_by_label("Address").fill("2 Mine, Victoria")
    editor.get_by_label("Monday, from").fill("09:30")
    theirs = {"address": "3 Theirs, Victoria", "name": f"{site.location['name']} B"}
    site.api.patch(f"/locations/{site.id}", 1, theirs)
    editor.get_by_role("button", name="Save").click()
    told = page.locator(".meanwhile")
    expect(told).to_contain_text("Somebody else saved this meanwhile")
    expect(told).to_contain_text(f"Taken over: Name (now {theirs['name']})")
    expect(told).to_contain_text("You both changed Address. Theirs: 3 Theirs, Victoria")
    expect(page.get_by_label("Address")).to_have_value("2 Mine, Victoria")
    expect(page.get_by_label("Monday, from")).to_have_value("09:30")
    assert violations(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".said")).to_contain_text("is saved")
    now = site.api.get(f"/locations/{site.id}")
    assert (now["address"], now["name"], now["version"]) == ("2 Mine, Victoria", theirs["name"], 3)
    assert now["hours"]["mon"] == [["09:30", "20:00"]]


def test_theirs_is_told_as_it_happens_and_can_be_taken(open_page: Open, site: Any) -> None:
    page = opened(open_page, "locations", site.id)
    page.get_by_label("Address").fill("2 Mine, Victoria")
    site.api.patch(f"/locations/{site.id}", 1, {"address": "3 Theirs, Victoria"})
    page.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_label("Address")).to_have_value("3 Theirs, Victoria")
    expect(page.locator(".meanwhile")).to_have_count(0)


def test_a_draft_stays_while_one_looks_elsewhere(open_page: Open, site: Any) -> None:
    page = opened(open_page, "treatments", site.treatment["id"])
    page.get_by_label("Price before tax").fill("123.45")
    page.get_by_role("tab", name="Locations").click()
    page.get_by_role("tab", name="Treatments").click()
    page.get_by_role("button", name=re.compile(f"^{site.treatment['name']} *draft")).click()
    expect(page.get_by_label("Price before tax")).to_have_value("123.45")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".said")).to_contain_text("is saved")
    assert site.api.get(f"/treatments/{site.treatment['id']}")["price"]["amount_minor"] == 12345


def test_a_treatment_is_added_once_with_dated_prices(
    open_page: Open, site: Any, violations: Any
) -> None:
    page = opened(open_page, "treatments", "new")
    editor = form(page, "A new treatment")
    name = f"Hot stones {site.id}"
    editor.get_by_label("Name").fill(name)
    editor.get_by_label("Price before tax").fill("95")
    editor.get_by_role("button", name="Add a price").click()
    row = editor.locator("[data-row='prices.0']")
    row.get_by_label("Price", exact=True).fill("99.50")
    row.get_by_label("At").select_option(site.id)
    row.get_by_label("From day").fill("2027-01-01")
    assert violations(page) == []
    editor.get_by_role("button", name="Add", exact=True).dblclick()
    expect(form(page, name)).to_be_visible()
    made = [each for each in all_of(site, "/treatments") if each["name"] == name]
    assert len(made) == 1
    assert made[0]["price"] == {"amount_minor": 9500, "currency": "CAD"}
    assert made[0]["prices"][0]["price"]["amount_minor"] == 9950
    assert (made[0]["prices"][0]["location_id"], made[0]["prices"][0]["valid_from"]) == (
        site.id,
        "2027-01-01",
    )


def test_a_closure_lists_the_visits_it_hits_and_leads_to_them(
    open_page: Open, site: Any, violations: Any
) -> None:
    visit = site.book("Hit By Closure", f"{DAY}T10:00")
    page = opened(open_page, "closures&location=" + site.id)
    page.get_by_label("From").fill(DAY)
    page.get_by_label("Reason").fill("Painters")
    page.get_by_role("button", name="Close it then").click()
    expect(page.locator(".said")).to_contain_text("1 visit has to be moved")
    expect(page.locator("[data-closure]")).to_contain_text("Painters")
    item = page.locator(".affected li").filter(has_text="Hit By Closure")
    expect(item).to_be_visible()
    assert violations(page) == []
    item.get_by_role("link").click()
    expect(page.get_by_role("complementary", name="Visit")).to_contain_text("Hit By Closure")
    expect(page).to_have_url(re.compile(f"visit={visit['id']}"))
    page.go_back()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("No closure is planned.")).to_be_visible()
    expect(page.get_by_text("None: every visit to come can take place.")).to_be_visible()


def test_a_closure_that_ends_before_it_begins_is_refused_at_the_field(
    open_page: Open, site: Any
) -> None:
    page = opened(open_page, "closures&location=" + site.id)
    page.get_by_label("From").fill("2027-04-16")
    page.get_by_label("To", exact=True).fill("2027-04-14")
    page.get_by_label("Reason").fill("Painters")
    page.get_by_role("button", name="Close it then").click()
    expect(page.get_by_label("To", exact=True)).to_have_accessible_description(
        "must lie after from"
    )


def test_an_absence_is_recorded_and_its_visits_listed(open_page: Open, site: Any) -> None:
    site.book("Hit By Absence", f"{DAY}T11:00", therapist=1)
    page = opened(open_page, "therapists", site.therapists[1]["id"])
    absences = page.get_by_role("region", name="Absences")
    absences.get_by_label("From").fill(DAY)
    absences.get_by_role("button", name="Record the absence").click()
    expect(absences.locator(".affected")).to_contain_text("Hit By Absence")
    assert len(site.api.get(f"/practitioners/{site.therapists[1]['id']}/absences")["items"]) == 1


def test_a_calendar_address_is_shown_once(open_page: Open, site: Any, violations: Any) -> None:
    page = opened(open_page, "therapists", site.therapists[2]["id"])
    calendars = page.get_by_role("region", name="Calendar addresses")
    calendars.get_by_role("button", name="Make an address").click()
    address = page.get_by_label("The address").input_value()
    assert violations(page) == []
    assert site.api.session.get(address).text.startswith("BEGIN:VCALENDAR")
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text(address)).to_have_count(0)
    calendars.get_by_role("button", name=re.compile("^End ")).click()
    expect(page.locator(".said")).to_contain_text("leads nowhere now")
    assert site.api.session.get(address).status_code == 404


def test_names_are_text_whatever_stands_in_them(
    open_page: Open, site: Any, violations: Any
) -> None:
    names = ("<script>document.title='taken'</script>", "\u0639\u0628\u062f \u0627", "W" * 80)
    for name in names:
        site.api.patch(f"/locations/{site.id}", version_of(site), {"name": name})
        page = opened(open_page, "locations", site.id, viewport={"width": 360, "height": 740})
        expect(form(page, name).get_by_role("heading", level=2)).to_have_text(name)
        assert too_wide(page) == []
        assert page.title().startswith("Settings")
        assert violations(page) == []


def too_wide(page: Page) -> list[str]:
    """Return what reaches over the window's edge without a scroll bar of its own, if any does."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll('body *')]
          .filter((each) => each.getBoundingClientRect().right > innerWidth)
          .map((each) => `${each.tagName} ${each.className} in ${each.parentElement.className}`)"""
    )
    return found


def version_of(site: Any) -> int:
    return int(site.api.get(f"/locations/{site.id}")["version"])


def test_tabs_are_walked_by_arrows(open_page: Open) -> None:
    page = opened(open_page, "locations")
    page.get_by_role("tab", name="Locations").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Therapists")).to_be_focused()
    expect(page.get_by_role("tab", name="Therapists")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile("tab=therapists"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_each_tab_is_readable_everywhere(
    open_page: Open, site: Any, violations: Any, shoot: Any, scheme: str, width: int
) -> None:
    viewport = {"width": width, "height": 900}
    page = opened(open_page, "locations", site.id, color_scheme=scheme, viewport=viewport)
    for tab in page.get_by_role("tab").all():
        tab.click()
        expect(page.locator("[role=tabpanel] h2").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
        shoot(page, f"settings-{tab.text_content()}-{width}-{scheme}")


def all_of(site: Any, path: str) -> list[dict[str, Any]]:
    items, cursor = [], None
    while True:
        page = site.api.get(path, limit=200, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items
