"""The list of clients and the picker in a real browser."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

from clinic_runtime.ids import ulid

DAY = "2027-03-09"
PHN = "912 345 6702"
Open = Callable[..., Page]


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
    assert staff.unexpected() == []


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


def test_who_is_not_known_here_is_said_to_be_so(open_page: Open, site: Any) -> None:
    page = open_page(f"client?location={site.id}&client=cli_0000")
    expect(page.get_by_text("There is no such client here.")).to_be_visible()
    page.get_by_role("button", name="To the clients").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clients")


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
