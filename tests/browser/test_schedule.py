"""The schedule in a real browser: seen, moved, booked, and refused with the reason."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic_runtime.testing import eventually

pytestmark = pytest.mark.core
DAY = "2027-03-09"
Open = Callable[..., Page]


def schedule(site: Any, **query: str) -> str:
    given = {"location": site.id, "date": DAY, **query}
    return f"schedule?{'&'.join(f'{name}={value}' for name, value in given.items())}"


def visit(page: Page, id_: str) -> Any:
    return page.locator(f'[data-visit="{id_}"]')


def box_of(found: Any) -> dict[str, float]:
    box: dict[str, float] = found.bounding_box()
    return box


def test_a_visit_is_dragged_to_another_therapist_and_the_server_agrees(
    open_page: Open, site: Any, staff: Any
) -> None:
    booked = site.book("Ada Drag", f"{DAY}T10:00")
    page = open_page(schedule(site))
    box = box_of(visit(page, booked["id"]))
    column = box_of(page.locator(".head").nth(1))
    hour = box["height"] + 2
    page.mouse.move(box["x"] + 40, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(column["x"] + 60, box["y"] + 10 + hour * 2, steps=8)
    page.mouse.up()
    expect(visit(page, booked["id"])).to_have_attribute("aria-label", re.compile("12:00 to 13:00"))
    moved = eventually(lambda: (now := site.visit(booked["id"]))["version"] == 2 and now)
    assert moved["local_start"] == f"{DAY}T12:00"
    assert moved["practitioner_id"] == site.therapists[1]["id"]
    page.reload()
    label = visit(page, booked["id"])
    expect(label).to_have_attribute(
        "aria-label", re.compile(rf"Ada Drag, 12:00 to 13:00, {site.therapists[1]['name']}.*Booked")
    )
    expect(label).to_have_attribute("data-version", "2")
    assert staff.faults() == []


def test_the_same_move_by_keyboard(open_page: Open, site: Any, staff: Any) -> None:
    booked = site.book("Ada Keys", f"{DAY}T10:00")
    page = open_page(schedule(site))
    visit(page, booked["id"]).focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("status").first).to_have_text(re.compile("Put back"))
    assert site.visit(booked["id"])["version"] == 1
    page.keyboard.press("m")
    for key in ["ArrowDown"] * 8 + ["ArrowRight"]:
        page.keyboard.press(key)
    expect(page.get_by_role("status").first).to_have_text(
        re.compile(rf"12:00, {site.therapists[1]['name']}")
    )
    page.keyboard.press("Enter")
    moved = eventually(lambda: (now := site.visit(booked["id"]))["version"] == 2 and now)
    assert (moved["local_start"], moved["practitioner_id"]) == (
        f"{DAY}T12:00",
        site.therapists[1]["id"],
    )
    expect(page.get_by_role("status").first).to_have_text(re.compile("moved to"))
    assert page.evaluate("document.activeElement.dataset.visit") == booked["id"]
    page.keyboard.press("u")
    back = eventually(lambda: (now := site.visit(booked["id"]))["version"] == 3 and now)
    assert (back["local_start"], back["practitioner_id"]) == (
        f"{DAY}T10:00",
        site.therapists[0]["id"],
    )
    assert staff.faults() == []


def test_a_taken_time_is_refused_by_name_and_put_back(open_page: Open, site: Any) -> None:
    booked = site.book("Ada Late", f"{DAY}T10:00")
    site.book("Bo Early", f"{DAY}T11:00")
    page = open_page(schedule(site))
    visit(page, booked["id"]).focus()
    page.keyboard.press("m")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    told = page.locator('[role="alert"] .failed')
    expect(told).to_contain_text(f"Bo Early has {site.therapists[0]['name']} from 11:00 to 12:00")
    expect(visit(page, booked["id"])).to_have_attribute("aria-label", re.compile("10:00 to 11:00"))


def test_who_changed_it_meanwhile_is_told_and_it_is_put_where_it_is(
    open_page: Open, site: Any
) -> None:
    booked = site.book("Ada Stale", f"{DAY}T10:00")
    page = open_page(schedule(site))
    expect(visit(page, booked["id"])).to_be_visible()
    # Nothing comes here by itself, so the page moves what it saw.
    page.context.route("**/v1/events/stream*", lambda route: route.abort())
    page.reload()
    visit(page, booked["id"]).focus()
    site.api.patch(f"/appointments/{booked['id']}", 1, {"local_start": f"{DAY}T15:00"})
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    told = page.locator('[role="alert"] .failed')
    expect(told).to_contain_text("Owner changed this visit meanwhile")
    expect(visit(page, booked["id"])).to_have_attribute("aria-label", re.compile("15:00 to 16:00"))


def test_a_double_click_on_book_books_once(open_page: Open, site: Any, staff: Any) -> None:
    client = site.client("Double Click")
    page = open_page(schedule(site))
    page.keyboard.press("n")
    page.get_by_role("combobox", name="Client", exact=True).fill("double cl")
    page.get_by_role("option", name=re.compile("Double Click")).click()
    page.get_by_label("Time").fill("13:00")
    page.locator("dialog button.main").dblclick()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".visit")).to_have_count(1)
    found = site.api.get("/appointments", client_id=client["id"])["items"]
    assert [one["local_start"] for one in found] == [f"{DAY}T13:00"]
    assert staff.faults() == []


def test_an_answer_that_is_lost_is_asked_for_again_and_books_once(
    open_page: Open, site: Any
) -> None:
    client = site.client("Lost Answer")
    page = open_page(schedule(site, client=client["id"]))
    lost: list[Any] = []

    def lose_first(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())  # it arrives and is done, and nobody hears of it
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/appointments", lose_first)
    page.get_by_label("Time").fill("09:00")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    assert [answer.status for answer in lost] == [201]
    assert len(site.api.get("/appointments", client_id=client["id"])["items"]) == 1


def test_booking_by_keyboard_alone_arriving_and_completing(
    open_page: Open, site: Any, staff: Any
) -> None:
    client = site.client("Keyboard Only")
    page = open_page(schedule(site))
    page.keyboard.press("n")
    expect(page.get_by_role("combobox", name="Client", exact=True)).to_be_focused()
    page.keyboard.type("keyboard on")
    expect(page.get_by_role("option", name=re.compile("Keyboard Only"))).to_be_visible()
    page.keyboard.press("Enter")
    page.get_by_label("Time").focus()
    page.keyboard.type("02:00PM")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".panel h2")).to_have_text("Keyboard Only")
    page.keyboard.press("a")
    expect(page.locator(".panel .tag").first).to_contain_text("Arrived")
    page.keyboard.press("f")
    expect(page.locator(".panel .tag").first).to_contain_text("Completed")
    booked = site.api.get("/appointments", client_id=client["id"])["items"]
    assert [(one["local_start"], one["status"]) for one in booked] == [
        (f"{DAY}T14:00", "fulfilled")
    ]
    invoices = eventually(
        lambda: site.api.get("/invoices", appointment_id=booked[0]["id"])["items"]
    )
    assert len(invoices) == 1
    expect(page.locator(".history")).to_contain_text("Completed by Owner")
    page.keyboard.press("p")
    expect(page.get_by_role("dialog", name="Take a payment").get_by_label("Amount")).to_be_focused()
    # What is not known to be owed cannot be paid.
    expect(page.get_by_role("dialog", name="Take a payment")).to_contain_text("owes $115.00")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Take a payment")).to_contain_text("Receipt")
    paid = site.api.get(f"/invoices/{invoices[0]['id']}")
    assert paid["balance"]["amount_minor"] == 0
    assert staff.faults() == []


def test_axe_has_nothing_against_it(
    open_page: Open, site: Any, violations: Any, shoot: Any
) -> None:
    booked = site.book("Ada Axe", f"{DAY}T10:00")
    site.book("Bo Axe", f"{DAY}T10:30", therapist=1)
    for scheme in ("light", "dark"):
        page = open_page(schedule(site), color_scheme=scheme)
        expect(visit(page, booked["id"])).to_have_attribute("aria-label", re.compile("Ada Axe"))
        shoot(page, f"schedule-day-{scheme}")
        assert violations(page) == []
        visit(page, booked["id"]).click()
        expect(page.locator(".history li")).to_have_count(1)
        shoot(page, f"schedule-visit-{scheme}")
        assert violations(page) == []
        page.keyboard.press("x")
        expect(page.locator("dialog")).to_be_visible()
        shoot(page, f"schedule-cancel-{scheme}")
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        expect(page.locator(".free button").first).to_be_visible()
        shoot(page, f"schedule-book-{scheme}")
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.goto(
            page.url.split("/console")[0] + "/console/" + schedule(site, view="week", who="all")
        )
        expect(visit(page, booked["id"])).to_be_visible()
        shoot(page, f"schedule-week-{scheme}")
        assert violations(page) == []
