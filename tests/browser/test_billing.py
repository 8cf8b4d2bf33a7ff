"""The billing desk in a real browser: paid by keys once, counted, and drawn."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic_runtime.testing import eventually
from tests.browser.billing import (
    PLAN,
    desk,
    invoiced,
    paid,
    row,
)

Open = Callable[..., Page]


@pytest.mark.core
def test_a_payment_by_keys_alone_is_one_however_often_enter_is_pressed(
    open_page: Open, site: Any, staff: Any
) -> None:
    first, second = invoiced(site, "Ada Pays"), invoiced(site, "Bo Waits", hour=12)
    page = open_page(desk(site))
    expect(page.locator("table.rows tbody tr")).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="Ada Pays")).to_be_focused()
    page.keyboard.press("p")
    expect(page.get_by_label("Amount")).to_be_focused()
    expect(page.get_by_label("Amount")).to_have_value("115.00")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(row(page, "Ada Pays")).to_have_count(0)
    assert paid(site, first) == [11500]
    assert paid(site, second) == []
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("status").first).to_have_text(re.compile(r"\$115\.00 paid \(cash\)"))
    # The row is gone: what stands in its place has the focus.
    expect(page.get_by_role("button", name="Bo Waits")).to_be_focused()
    assert staff.faults() == []


def test_what_others_do_shows_and_leaves_the_focus_and_what_is_open(
    open_page: Open, site: Any, staff: Any
) -> None:
    first, second = invoiced(site, "Ada Elsewhere"), invoiced(site, "Bo Here", hour=12)
    page = open_page(desk(site))
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live", timeout=20_000)
    row(page, "Bo Here").get_by_role("button").click()
    expect(page.locator(".panel")).to_contain_text("$115.00 owed")
    site.api.post(f"/invoices/{first['id']}/payments", {"method": "cash"})
    expect(row(page, "Ada Elsewhere")).to_have_count(0)
    half = {"amount_minor": 5000, "currency": "CAD"}
    site.api.post(f"/invoices/{second['id']}/payments", {"method": "cash", "amount": half})
    expect(page.locator(".panel")).to_contain_text("$65.00 owed")
    expect(row(page, "Bo Here")).to_contain_text("$65.00")
    expect(page.get_by_role("tab", name="Unpaid 1")).to_be_visible()
    expect(row(page, "Bo Here").get_by_role("button")).to_be_focused()
    assert staff.faults() == []


def test_a_payment_whose_answer_is_lost_is_asked_for_again_and_paid_once(
    open_page: Open, site: Any
) -> None:
    invoice = invoiced(site, "Lost Money")
    page = open_page(desk(site, invoice=invoice["id"]))
    expect(page.locator("[data-sum=split]")).to_be_visible()
    lost: list[int] = []

    def lose_first(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)  # it arrives and is done, and nobody hears of it
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/invoices/*/payments", lose_first)
    page.keyboard.press("p")
    page.get_by_label("Amount").fill("40")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .tag.good")).to_be_visible()
    assert lost == [201]
    assert paid(site, invoice) == [4000]
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".panel")).to_contain_text("$75.00 owed")
    expect(page.get_by_role("link", name=re.compile("Receipt, PDF"))).to_be_visible()


def test_a_card_that_is_refused_says_why_and_the_next_try_is_another(
    open_page: Open, site: Any
) -> None:
    invoice = invoiced(site, "Card Refused")
    page = open_page(desk(site, invoice=invoice["id"]))
    expect(page.locator("[data-sum=split]")).to_be_visible()
    page.keyboard.press("p")
    page.get_by_role("radio", name="Card", exact=True).check()
    page.get_by_label("Amount").fill("a lot")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .wrong")).to_have_text("give an amount such as 45 or 45.50")
    page.get_by_label("Amount").fill("115")
    page.get_by_role("textbox", name="Card").fill("tok_declined")
    page.keyboard.press("Enter")
    expect(page.locator("dialog [role=alert]")).to_contain_text("declined")
    assert paid(site, invoice) == []
    page.get_by_role("textbox", name="Card").fill("tok_visa")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .tag.good")).to_be_visible()
    assert paid(site, invoice) == [11500]


def test_what_is_paid_is_given_back_with_a_reason(open_page: Open, site: Any, staff: Any) -> None:
    invoice = invoiced(site, "Gives Back")
    site.api.post(f"/invoices/{invoice['id']}/payments", {"method": "cash"})
    page = open_page(desk(site, invoice=invoice["id"]))
    page.get_by_role("button", name="Refund …").click()
    page.locator("dialog").get_by_label("Amount").fill("15.50")
    page.locator("dialog button.danger").click()
    expect(page.locator("dialog .wrong")).to_contain_text("say why")
    page.get_by_label("Reason").fill("charged twice")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".panel")).to_contain_text("$15.50 owed")
    (refund,) = site.api.get(f"/invoices/{invoice['id']}/payments")["refunds"]
    assert (refund["amount"]["amount_minor"], refund["reason"]) == (1550, "charged twice")
    assert staff.faults() == []


def test_the_split_is_explained_step_by_step_and_adds_up(open_page: Open, site: Any) -> None:
    invoice = invoiced(site, "Split Explained", **PLAN, member_id=site.id[-8:])
    page = open_page(desk(site, invoice=invoice["id"]))
    expect(page.locator("[data-sum=split]")).to_have_text("$115.00")
    expect(page.locator("[data-sum=whereabouts]")).to_have_text("$115.00")
    told = page.locator(".split-told")
    for part in invoice["split"]:
        for step in part["explanation"]:
            expect(told).to_contain_text(f"{step['text']} {step['rule']}, {step['version']}")
    expect(told).to_contain_text("Harbour Mutual is asked for $92.00")
    expect(told).to_contain_text("The client owes $23.00")
    expect(told).to_contain_text("$92.00 + $23.00")


def test_a_day_is_counted_and_its_difference_named(open_page: Open, site: Any, staff: Any) -> None:
    invoice = invoiced(site, "Day Taker")
    site.api.post(f"/invoices/{invoice['id']}/payments", {"method": "cash"})
    page = open_page(desk(site, "day"))
    expect(page.get_by_text("By the books: $115.00")).to_be_visible()
    page.get_by_label("Cash counted in the drawer").fill("110")
    expect(page.locator(".counting .tag.bad")).to_have_text(re.compile(r"Cash: \$5\.00 missing"))
    page.get_by_label("Card terminal's total").fill("0")
    expect(page.locator(".counting .tag.good")).to_have_text(re.compile("Cards: as the books"))
    page.get_by_role("button", name="Close the day …").click()
    page.locator("dialog button.main").click()
    expect(page.locator("dialog")).to_have_count(0)
    closed = page.locator("section", has_text="Closed days")
    expect(closed).to_contain_text("Cash: $5.00 missing")
    (kept,) = site.api.get("/day-closes", location_id=site.id)["items"]
    assert [each["difference"]["amount_minor"] for each in kept["methods"]] == [-500, 0]
    closed.get_by_role("button", name="Open again …").click()
    page.get_by_label("Reason").fill("miscounted")
    page.keyboard.press("Enter")
    expect(closed).to_contain_text("Opened again")
    assert staff.faults() == []


def test_a_report_is_a_plot_and_the_figures_under_it(
    open_page: Open, site: Any, staff: Any
) -> None:
    invoiced(site, "Re Port")
    page = open_page(desk(site, "reports", report="revenue", by="practitioner"))
    plot = page.locator(".plot img")
    expect(plot).to_have_attribute("alt", re.compile(r"Revenue by practitioner\. \$115\.00 in all"))
    eventually(lambda: plot.evaluate("image => image.complete && image.naturalWidth > 0"))
    expect(page.locator(".report tbody tr")).to_have_count(1)
    expect(page.locator(".report tbody tr")).to_contain_text("$115.00")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert "11500" in download.value.path().read_text()
    page.get_by_label("Report", exact=True).select_option("utilisation")
    expect(page.locator(".report h2")).to_have_text("Utilisation by practitioner")
    expect(page.locator(".report tbody tr")).to_have_count(len(site.therapists))
    page.get_by_label("By", exact=True).select_option("room")
    expect(page.locator(".report h2")).to_have_text("Utilisation by room")
    eventually(lambda: plot.evaluate("image => image.complete && image.naturalWidth > 0"))
    assert staff.faults() == []
