"""What belongs to a client, changed on the card, in a real browser."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

DAY = "2027-03-09"
Open = Callable[..., Page]


def card_of(site: Any, client: dict[str, Any]) -> str:
    return f"client?location={site.id}&client={client['id']}"


def part(page: Page, title: str) -> Any:
    return page.get_by_role("region", name=title, exact=True)


def said(page: Page, text: str) -> None:
    expect(page.locator(".said")).to_have_text(re.compile(text))


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
    assert staff.unexpected() == []


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
