"""The list of clients and a client's card in a real browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from clinic_runtime.ids import ulid

DAY = "2027-03-09"
PHN = "912 345 6702"
REFUSED = "Failed to load resource"
"""What the browser says by itself of an answer that is a refusal."""
SCRIPT = "<script>alert(1)</script>"
ARABIC = "عبد الرحمن بن خلدون"
HEBREW = "שרה כהן"
LONG = "W" * 80
Open = Callable[..., Page]


def unexpected(staff: Any) -> list[str]:
    return [fault for fault in staff.faults() if not fault.startswith(REFUSED)]


def card_of(site: Any, client: dict[str, Any]) -> str:
    return f"client?location={site.id}&client={client['id']}"


def part(page: Page, title: str) -> Any:
    return page.get_by_role("region", name=title, exact=True)


def said(page: Page, text: str) -> None:
    expect(page.locator(".said")).to_have_text(re.compile(text))


def test_a_client_is_found_as_one_types_and_the_address_says_so(
    open_page: Open, site: Any, staff: Any
) -> None:
    name = f"Quentin {ulid()}"
    found = site.client(name, birth_date="1980-05-06", phones=["604 555 0143"])
    site.client(f"Quincy {ulid()}")
    page = open_page(f"clients?location={site.id}")
    field = page.get_by_label("Search clients")
    field.press_sequentially("quentin")
    field.fill(name.lower())
    names = page.get_by_role("rowheader")
    expect(names).to_have_text([name])
    expect(page.get_by_role("cell", name="1980-05-06")).to_be_visible()
    expect(page.get_by_role("cell", name="+16045550143")).to_be_visible()
    said(page, "1 found")
    assert "q=quentin" in page.url
    page.reload()
    expect(page.get_by_label("Search clients")).to_have_value(name.lower())
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    assert f"client={found['id']}" in page.url
    page.go_back()
    expect(names).to_have_text([name])
    page.get_by_label("Search clients").fill("nobody is called so")
    expect(page.get_by_text("Nobody is found by “nobody is called so”.")).to_be_visible()
    expect(page.get_by_role("button", name="Register a new client")).to_be_visible()
    assert staff.faults() == []


def test_a_health_number_finds_its_owner_and_stays_out_of_the_address(
    open_page: Open, site: Any
) -> None:
    owner = site.client(f"Owner {ulid()}", health_number=PHN)
    try:
        page = open_page(f"clients?location={site.id}")
        page.get_by_label("Search clients").fill(PHN)
        expect(page.get_by_role("rowheader")).to_have_count(1)
        expect(page.get_by_role("rowheader")).to_have_text(owner["name"])
        assert "912" not in page.url
    finally:
        path = f"/clients/{owner['id']}"
        site.api.patch(path, owner["version"], {"health_number": None})


def test_a_long_list_comes_a_page_at_a_time(open_page: Open, site: Any) -> None:
    family = f"Fam{ulid()}"
    for number in range(53):
        site.client(f"{family} {number:02}")
    page = open_page(f"clients?location={site.id}&q={family}")
    expect(page.get_by_role("rowheader")).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("rowheader")).to_have_count(53)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_a_client_is_registered_once_with_the_errors_at_their_fields(
    open_page: Open, site: Any, staff: Any
) -> None:
    name = f"Nora {ulid()}"
    page = open_page(f"clients?location={site.id}")
    expect(page.get_by_role("rowheader").first).to_be_visible()
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="New client")
    expect(dialog.get_by_label("Name")).to_be_focused()
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Phone", exact=True).fill("604 555 0111")
    dialog.get_by_role("button", name="Another phone").click()
    dialog.get_by_label("Phone 2").fill("12")
    dialog.get_by_label("E-mail address").fill("nora@example.org")
    dialog.get_by_role("button", name="Register", exact=True).click()
    second = dialog.get_by_label("Phone 2")
    expect(second).to_have_attribute("aria-invalid", "true")
    expect(second).to_be_focused()
    expect(second).to_have_accessible_description("is not a phone number")
    expect(dialog.get_by_label("Phone", exact=True)).not_to_have_attribute("aria-invalid", "true")
    second.fill("604 555 0112")
    dialog.get_by_label("Health number").fill("123")
    dialog.get_by_role("button", name="Register", exact=True).click()
    expect(dialog.get_by_label("Health number")).to_have_accessible_description(
        re.compile("ten digits")
    )
    dialog.get_by_label("Health number").fill("")
    dialog.get_by_role("button", name="Register", exact=True).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    made = site.api.get("/clients", q=name)["items"]
    assert [each["phones"] for each in made] == [["+16045550111", "+16045550112"]]
    assert unexpected(staff) == []


def test_a_health_number_that_another_has_is_told_at_its_field(open_page: Open, site: Any) -> None:
    owner = site.client(f"Owner {ulid()}", health_number=PHN)
    try:
        page = open_page(f"clients?location={site.id}")
        page.get_by_role("button", name="New client", exact=True).click()
        page.get_by_label("Name").fill("Somebody Else")
        page.get_by_label("Health number").fill(PHN)
        page.get_by_role("button", name="Register", exact=True).click()
        expect(page.get_by_label("Health number")).to_have_accessible_description(
            "another client has this health number"
        )
    finally:
        path = f"/clients/{owner['id']}"
        site.api.patch(path, owner["version"], {"health_number": None})


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
    assert unexpected(staff) == []


def test_alerts_are_raised_changed_and_lifted_and_stand_over_the_card(
    open_page: Open, site: Any, staff: Any
) -> None:
    client = site.client("Alma Alert")
    page = open_page(card_of(site, client))
    expect(part(page, "Alerts")).to_contain_text("No alert is in force.")
    page.get_by_role("button", name="Raise an alert").click()
    page.get_by_label("Level").select_option("block")
    page.get_by_label("What has to be known").fill("Thrombosis, left leg")
    page.get_by_role("button", name="Raise", exact=True).click()
    banner = page.get_by_role("region", name="Alerts in force")
    expect(banner).to_contain_text("Do not treat: Thrombosis, left leg")
    expect(banner).to_contain_text("No visit can be booked until it is lifted.")
    expect(page.get_by_role("button", name="Raise an alert")).to_be_focused()
    page.get_by_role("button", name="Change: Thrombosis").click()
    page.get_by_label("Level").select_option("needs_clearance")
    page.get_by_role("button", name="Save").click()
    expect(banner).to_contain_text("Needs clearance: Thrombosis, left leg")
    page.get_by_role("button", name="Lift: Thrombosis").click()
    expect(banner).to_have_count(0)
    said(page, "The alert is lifted")
    (alert,) = site.api.get(f"/clients/{client['id']}/alerts")["items"]
    assert (alert["level"], alert["lifted"]) == ("needs_clearance", True)
    assert staff.faults() == []


def test_who_may_not_chart_sees_neither_alerts_nor_referrals(
    staff: Any, site: Any, api: Any
) -> None:
    client = site.client("Charlie Chart")
    chart = f"/clients/{client['id']}"
    site.api.post(f"{chart}/alerts", {"level": "block", "kind": "Thrombosis"})
    key = api.post("/api-keys", {"name": "Billing", "role": "billing"})["key"]
    page = staff.open(staff.context(key), card_of(site, client))
    expect(part(page, "Balance")).to_contain_text("Nothing is owed.")
    expect(part(page, "Coverages")).to_contain_text("the client pays everything")
    for title in ("Alerts", "Alerts in force", "Referrals"):
        expect(part(page, title)).to_have_count(0)
    for control in ("Edit", "Record consent", "Add a coverage"):
        expect(page.get_by_role("button", name=control)).to_have_count(0)
    assert "Thrombosis" not in page.content()
    assert staff.faults() == []


def test_what_is_used_of_a_referral_is_drawn_and_said(open_page: Open, site: Any) -> None:
    client = site.client("Rita Referral")
    page = open_page(card_of(site, client))
    page.get_by_role("button", name="Add a referral").click()
    page.get_by_label("Referred by").fill("Dr. Asha Raman")
    page.get_by_role("button", name="Add", exact=True).click()
    expires = page.get_by_label("Expires")
    expect(expires).to_have_accessible_description("Choose a day.")
    expires.fill("2027-12-31")
    page.get_by_label("Visits at most").fill("twelve")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_label("Visits at most")).to_have_accessible_description(
        "Give a whole number."
    )
    page.get_by_label("Visits at most").fill("12")
    page.get_by_role("button", name="Add", exact=True).click()
    referrals = part(page, "Referrals")
    expect(referrals).to_contain_text("Dr. Asha Raman")
    site.book("", f"{DAY}T10:00", client_id=client["id"])
    page.reload()
    expect(referrals).to_contain_text("1 of 12 visits used or booked, 11 left")
    visits = referrals.locator("figure").first
    expect(visits.locator("rect.used")).to_have_count(1)
    expect(visits.locator("rect.track")).to_have_count(11)


def test_consents_are_recorded_and_withdrawn_with_their_wording(open_page: Open, site: Any) -> None:
    client = site.client("Connie Consent")
    page = open_page(card_of(site, client))
    consents = part(page, "Consents")
    expect(consents).to_contain_text("No consent is on record.")
    page.get_by_role("button", name="Record consent").click()
    page.get_by_label("Wording").fill("I agree to be written to.")
    page.get_by_role("button", name="Record", exact=True).click()
    row = consents.get_by_role("listitem")
    expect(row).to_contain_text("Appointments by e-mail")
    expect(row).to_contain_text("I agree to be written to.")
    expect(row).to_contain_text("Granted")
    row.get_by_role("button", name="Withdraw: Appointments by e-mail").click()
    dialog = page.get_by_role("dialog", name="Withdraw consent")
    dialog.get_by_label("Wording").fill("Said so at the desk")
    dialog.get_by_role("button", name="Record").click()
    expect(consents.get_by_text("Withdrawn").first).to_be_visible()
    expect(consents.get_by_text("Earlier (1)")).to_be_visible()
    kept = site.api.get(f"/clients/{client['id']}/consents")["items"]
    assert [(each["granted"], each["wording"]) for each in kept] == [
        (False, "Said so at the desk"),
        (True, "I agree to be written to."),
    ]


def test_a_coverage_is_added_asked_about_and_ended(open_page: Open, site: Any, staff: Any) -> None:
    client = site.client("Cora Coverage", birth_date="1970-01-02")
    page = open_page(card_of(site, client))
    page.get_by_role("button", name="Add a coverage").click()
    page.get_by_label("Payer").fill("Harbour Mutual")
    page.get_by_label("Group number").fill("G-1")
    page.get_by_label("Most a year").fill("600.5.5")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_label("Most a year")).to_have_accessible_description(
        "Give an amount such as 600 or 85.50."
    )
    page.get_by_label("Most a year").fill("600")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_label("Member number")).to_have_accessible_description(
        re.compile("is needed for a coverage of kind extended_health")
    )
    page.get_by_label("Member number").fill("M-1")
    page.get_by_role("button", name="Add", exact=True).click()
    coverages = part(page, "Coverages")
    expect(coverages.get_by_role("heading", name="Harbour Mutual")).to_be_visible()
    expect(coverages).to_contain_text("Pays 80 %")
    page.get_by_role("button", name="What Harbour Mutual says").click()
    expect(coverages).to_contain_text("The payer has not been asked yet.")
    page.get_by_role("button", name="Ask the payer now").click()
    expect(coverages).to_contain_text("In force")
    expect(coverages).to_contain_text("Counted here: $600.00 left")
    page.get_by_role("button", name="End Harbour Mutual").click()
    page.get_by_label("Last day").fill("2026-01-31")
    page.get_by_role("button", name="End", exact=True).click()
    expect(coverages.get_by_text("Ended (1)")).to_be_visible()
    (coverage,) = site.api.get(f"/clients/{client['id']}/coverages")["items"]
    assert coverage["annual_maximum"] == {"amount_minor": 60000, "currency": "CAD"}
    assert coverage["valid_to"] == "2026-01-31"
    assert unexpected(staff) == []


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


def test_who_is_not_known_here_is_said_to_be_so(open_page: Open, site: Any) -> None:
    page = open_page(f"client?location={site.id}&client=cli_0000")
    expect(page.get_by_text("There is no such client here.")).to_be_visible()
    page.get_by_role("button", name="To the clients").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clients")


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


def test_enter_before_the_answer_picks_who_is_found_by_all_letters(
    open_page: Open, site: Any, staff: Any
) -> None:
    family = f"Zed{ulid()}"
    site.client(f"{family} Anna")
    wanted = site.client(f"{family} Bea")
    page = open_page(f"clients?location={site.id}")
    field = page.get_by_role("combobox", name="Find a client")
    field.fill(family)
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(2)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/v1/clients?q=*+b&*", hold)
    page.keyboard.type(" b")
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(2)
    held[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text(wanted["name"])
    expect(field).to_have_value("")
    assert staff.faults() == []


def test_what_is_typed_over_a_picked_client_picks_nobody(open_page: Open, site: Any) -> None:
    name = f"Pia {ulid()}"
    client = site.client(name)
    page = open_page(f"schedule?location={site.id}&date={DAY}&client={client['id']}")
    dialog = page.get_by_role("dialog", name="Book a visit")
    field = dialog.get_by_role("combobox", name="Client", exact=True)
    expect(field).to_have_value(name)
    field.fill("nobody is called so")
    expect(page.get_by_text("Nobody is called so.")).to_be_visible()
    dialog.get_by_label("With").focus()
    expect(field).to_have_value(name)


def test_who_looked_at_the_record_is_told_to_who_may_know(
    open_page: Open, site: Any, staff: Any, api: Any, violations: Any
) -> None:
    client = site.client("Lou Looked")
    key = api.post("/api-keys", {"name": "The desk", "role": "front_desk"})["key"]
    desk = staff.open(staff.context(key), card_of(site, client))
    expect(part(desk, "Consents")).to_contain_text("No consent is on record.")
    expect(desk.get_by_text("Access log")).to_have_count(0)
    page = open_page(card_of(site, client))
    page.get_by_text("Access log").click()
    log = part(page, "Access log")
    expect(log.get_by_role("row").filter(has_text="The desk").first).to_be_visible()
    expect(log.get_by_role("cell", name=re.compile("s record")).first).to_be_visible()
    assert violations(page) == []
    assert staff.faults() == []
