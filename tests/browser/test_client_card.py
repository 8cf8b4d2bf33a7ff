"""A client's card in a real browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

DAY = "2027-03-09"
SCRIPT = "<script>alert(1)</script>"
ARABIC = "عبد الرحمن بن خلدون"
HEBREW = "שרה כהן"
LONG = "W" * 80
Open = Callable[..., Page]


def card_of(site: Any, client: dict[str, Any]) -> str:
    return f"client?location={site.id}&client={client['id']}"


def part(page: Page, title: str) -> Any:
    return page.get_by_role("region", name=title, exact=True)


@pytest.mark.parametrize("name", [SCRIPT, ARABIC, HEBREW, LONG])
def test_any_name_is_text_and_a_narrow_screen_loses_nothing(
    open_page: Open, site: Any, staff: Any, name: str
) -> None:
    client = site.client(name, emails=[f"{'x' * 60}@example.org"], phones=["604 555 0199"])
    chart = f"/clients/{client['id']}"
    site.api.post(f"{chart}/alerts", {"level": "caution", "kind": name})
    page = open_page(card_of(site, client), viewport={"width": 360, "height": 740})
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(name)
    assert heading.evaluate("e => e.dir") == "auto"
    expect(page.get_by_role("region", name="Alerts in force")).to_contain_text(name)
    expect(part(page, "Messages")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for control in ("Edit", "Raise an alert", "Add a coverage", "Record consent"):
        button = page.get_by_role("button", name=control, exact=True)
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 24
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    assert staff.faults() == []


def test_the_card_leads_into_the_schedule(open_page: Open, site: Any, staff: Any) -> None:
    client = site.client("Vera Visits", birth_date="1990-11-28", phones=["604 555 0144"])
    booked = site.book("", f"{DAY}T10:00", client_id=client["id"])
    called_off = site.book("", f"{DAY}T12:00", client_id=client["id"], therapist=1)
    site.api.post(f"/appointments/{called_off['id']}/cancel", {"reason": "a cold"})
    page = open_page(card_of(site, client))
    expect(page.get_by_text(re.compile(r"Born 1990-11-28, \d+ years"))).to_be_visible()
    expect(page.get_by_role("link", name="+16045550144").first).to_have_attribute(
        "href", "tel:+16045550144"
    )
    rows = part(page, "Visits").get_by_role("listitem")
    expect(rows.nth(0)).to_contain_text("Booked")
    expect(rows.nth(0)).to_contain_text(site.therapists[0]["name"])
    expect(rows.nth(1)).to_contain_text("Cancelled")
    when = rows.nth(0).get_by_role("link", name=re.compile(r"^Tue, Mar 9 2027, 10:00"))
    expect(when).to_have_attribute(
        "href", f"/console/schedule?location={site.id}&date={DAY}&visit={booked['id']}"
    )
    rows.nth(1).get_by_role("link", name=re.compile("Book again")).focus()
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Book a visit")
    expect(dialog.get_by_role("combobox", name="Client", exact=True)).to_have_value("Vera Visits")
    expect(dialog.get_by_label("With")).to_have_value(site.therapists[1]["id"])
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vera Visits")
    page.keyboard.press("n")
    expect(dialog.get_by_role("combobox", name="Client", exact=True)).to_have_value("Vera Visits")
    assert staff.faults() == []


def test_what_somebody_else_changed_is_shown_and_the_draft_is_kept(
    open_page: Open, site: Any, staff: Any
) -> None:
    client = site.client("Edith Edited", phones=["604 555 0145"], address="1 Main")
    page = open_page(card_of(site, client))
    expect(part(page, "Contact")).to_be_visible()
    page.keyboard.press("e")
    contact = part(page, "Contact")
    expect(contact.get_by_label("Name")).to_be_focused()
    contact.get_by_label("Name").fill("Edith Draft")
    other = {"name": "Edith Other", "address": "2 Main"}
    site.api.patch(f"/clients/{client['id']}", client["version"], other)
    contact.get_by_role("button", name="Save").click()
    told = contact.get_by_role("alert").filter(has_text="Somebody changed this meanwhile")
    expect(told).to_contain_text("Name: Edith Edited → Edith Other")
    expect(told).to_contain_text("Address: 1 Main → 2 Main (taken over)")
    expect(contact.get_by_label("Name")).to_have_value("Edith Draft")
    expect(contact.get_by_label("Address", exact=True)).to_have_value("2 Main")
    contact.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edith Draft")
    expect(contact.get_by_role("button", name="Edit")).to_be_focused()
    kept = site.api.get(f"/clients/{client['id']}")
    assert (kept["name"], kept["address"]) == ("Edith Draft", "2 Main")
    assert kept["phones"] == client["phones"]
    assert staff.unexpected() == []


def test_a_message_that_was_not_sent_says_why(open_page: Open, site: Any) -> None:
    client = site.client("Mona Mute")
    site.book("", f"{DAY}T10:00", client_id=client["id"])
    page = open_page(card_of(site, client))
    row = part(page, "Messages").get_by_role("listitem").filter(has_text="Confirmation")
    expect(row).to_contain_text("Not sent", timeout=20_000)
    expect(row).to_contain_text("the client has no e-mail address")


def test_a_part_that_fails_leaves_the_others_and_is_tried_again(open_page: Open, site: Any) -> None:
    site.client("Flo Fault")
    page = open_page(f"clients?location={site.id}&q=Flo+Fault")
    down = {"detail": "the service is away", "request_id": "REQ1"}
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=500, json=down)

    page.route("**/v1/messages?*", refuse)
    page.get_by_role("link", name="Flo Fault").first.click()
    messages = part(page, "Messages")
    expect(messages.get_by_role("alert")).to_contain_text("the service is away")
    expect(messages.get_by_role("alert")).to_contain_text("Request REQ1")
    expect(part(page, "Consents")).to_contain_text("No consent is on record.")
    expect(part(page, "Visits")).to_contain_text("Nothing is booked.")
    assert asked
    page.unroute("**/v1/messages?*")
    messages.get_by_role("button", name="Try again").click()
    expect(messages).to_contain_text("No message was sent or planned.")


def test_everything_is_asked_for_at_once_and_once(open_page: Open, site: Any) -> None:
    client = site.client("Once Only")
    chart = f"/clients/{client['id']}"
    for number in range(3):
        policy = {"carrier": f"Payer {number}", "member_id": "1", "percent": 50}
        site.api.post(f"{chart}/coverages", policy)
    page = open_page(f"clients?location={site.id}&q=Once+Only")
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/v1/" in request.url:
            asked.append(request.url)

    page.on("request", note)
    page.get_by_role("link", name="Once Only").first.click()
    expect(part(page, "Coverages").get_by_role("heading", level=3)).to_have_count(3)
    expect(part(page, "Messages")).to_contain_text("No message was sent or planned.")
    expect(part(page, "Balance")).to_contain_text("Nothing is owed.")
    assert len(asked) == len(set(asked))
    assert len(asked) <= 12


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_against_list_card_and_dialogs(
    open_page: Open, site: Any, violations: Any, shoot: Any, scheme: str
) -> None:
    client = site.client("Axel Axe", phones=["604 555 0146"], emails=["axel@example.org"])
    chart = f"/clients/{client['id']}"
    for level in ("block", "caution"):
        site.api.post(f"{chart}/alerts", {"level": level, "kind": f"Known: {level}"})
    policy = {"percent": 80, "annual_maximum": {"amount_minor": 60000, "currency": "CAD"}}
    site.api.post(f"{chart}/coverages", {"carrier": "Payer", "member_id": "1", **policy})
    injury = {"kind": "icbc", "carrier": "ICBC", "accident_date": "2026-11-01"}
    site.api.post(f"{chart}/coverages", injury)
    limits = {"issued": "2026-11-01", "expires": "2027-10-31", "maximum_visits": 12}
    site.api.post(f"{chart}/referrals", {"referrer": "Dr. Lee", **limits})
    site.api.post(f"{chart}/consents", {"channel": "email", "granted": True})
    page = open_page(f"clients?location={site.id}", color_scheme=scheme)
    expect(page.get_by_role("rowheader").first).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Search clients").fill("nobody is called so")
    expect(page.get_by_text("Nobody is found")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="New client", exact=True).click()
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_text("Look at the marked fields.")).to_be_visible()
    assert violations(page) == []
    page = open_page(card_of(site, client), color_scheme=scheme)
    expect(part(page, "Referrals")).to_contain_text("Dr. Lee")
    expect(part(page, "Consents")).to_contain_text("Granted")
    assert violations(page) == []
    shoot(page, f"client-{scheme}")
    openers = (
        "Raise an alert",
        "Add a coverage",
        "Add a referral",
        "Record consent",
        "Change: Known: block",
        "End Payer",
    )
    for opener in openers:
        page.get_by_role("button", name=opener, exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page) == [], opener
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("button", name=opener, exact=True)).to_be_focused()
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(part(page, "Contact").get_by_label("Name")).to_be_focused()
    assert violations(page) == []


def test_what_happens_elsewhere_shows_on_the_card_without_stealing_the_focus(
    open_page: Open, site: Any, staff: Any
) -> None:
    client = site.client("Liv Live", phones=["604 555 0147"])
    page = open_page(card_of(site, client))
    live = page.locator("[data-live]")
    expect(live).to_have_attribute("data-live", "live", timeout=20_000)
    button = page.get_by_role("button", name="Record consent")
    button.focus()
    change = {"phones": ["604 555 0148"]}
    site.api.patch(f"/clients/{client['id']}", client["version"], change)
    expect(part(page, "Contact")).to_contain_text("+16045550148")
    site.book("", f"{DAY}T10:00", client_id=client["id"])
    expect(part(page, "Visits").get_by_role("listitem")).to_contain_text(["Booked"])
    site.api.post(f"/clients/{client['id']}/alerts", {"level": "block", "kind": "Thrombosis"})
    banner = page.get_by_role("region", name="Alerts in force")
    expect(banner).to_contain_text("Do not treat: Thrombosis")
    expect(button).to_be_focused()
    assert staff.faults() == []
