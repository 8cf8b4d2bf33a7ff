"""The billing desk as everybody may see it: axe-core silent, and whole on a narrow screen."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.billing import (
    PLAN,
    claim_of,
    desk,
    invoiced,
    row,
)

Open = Callable[..., Page]
NASTY = "<script>alert(1)</script> " + "Wolfeschlegelsteinhausen" * 2
NARROW = {"viewport": {"width": 360, "height": 740}}


@pytest.mark.core
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_against_the_desk(
    open_page: Open, site: Any, violations: Any, shoot: Any, scheme: str
) -> None:
    invoice = invoiced(site, NASTY, **PLAN, member_id=f"{site.id[-8:]}-3")
    site.api.post(f"/invoices/{invoice['id']}/payments", {"method": "cash"})
    owed, claim = invoiced(site, "Ada Owes", hour=13), claim_of(site, invoice)
    site.api.post(f"/claims/{claim['id']}/validate")
    page = open_page(desk(site), color_scheme=scheme)
    states = {
        "unpaid": ("unpaid", {}, row(page, "Ada Owes")),
        "ready": ("ready", {}, row(page, "Wolfeschlegel")),
        "rejected": ("rejected", {}, page.locator(".empty")),
        "waiting": ("waiting", {}, page.locator(".empty")),
        "quarantined": ("quarantined", {}, page.locator(".hand-in")),
        "reports": ("reports", {}, page.locator(".report tbody tr")),
        "day": ("day", {}, page.get_by_label("Cash counted in the drawer")),
        "invoice": ("unpaid", {"invoice": invoice["id"]}, page.locator("[data-sum=whereabouts]")),
        "claim": ("ready", {"claim": claim["id"]}, page.locator(".panel .history li").first),
    }
    for name, (tab, query, ready) in states.items():
        page.goto(f"{page.url.split('/console')[0]}/console/{desk(site, tab, **query)}")
        expect(ready).to_be_visible()
        shoot(page, f"billing-{name}-{scheme}")
        assert (name, violations(page)) == (name, [])
    page.goto(f"{page.url.split('/console')[0]}/console/{desk(site, invoice=owed['id'])}")
    expect(page.locator("[data-sum=split]")).to_be_visible()
    for name in ("Take payment p", "Bill payers again …", "Call off …"):
        page.get_by_role("button", name=name).click()
        expect(page.locator("dialog")).to_be_visible()
        assert (name, violations(page)) == (name, [])
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)


def test_at_360_pixels_no_control_is_lost(
    open_page: Open, site: Any, violations: Any, shoot: Any
) -> None:
    invoice = invoiced(site, NASTY, **PLAN, member_id=f"{site.id[-8:]}-4")
    page = open_page(desk(site), **NARROW)
    row(page, "Wolfeschlegel").get_by_role("button").click()
    expect(page.locator("[data-sum=whereabouts]")).to_be_visible()
    # The panel takes the list's place, and has the focus.
    expect(page.locator(".panel h2")).to_be_focused()
    shoot(page, "billing-invoice-360")
    page.get_by_role("button", name="Close the invoice").click()
    tabs = {
        "Unpaid": row(page, "Wolfeschlegel"),
        "Ready to claim": row(page, "Wolfeschlegel"),
        "Quarantined": page.get_by_role("button", name="Hand it in"),
        "Reports": page.locator(".report tbody tr"),
        "Day close": page.get_by_role("button", name="Close the day …"),
    }
    for tab, ready in tabs.items():
        page.get_by_role("tab", name=tab).click()
        expect(ready).to_be_visible()
        shoot(page, f"billing-{tab.split()[0].lower()}-360")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert (tab, violations(page)) == (tab, [])
    page.goto(
        f"{page.url.split('/console')[0]}/console/{desk(site, claim=invoice['claim_ids'][0])}"
    )
    expect(page.locator(".panel .history li").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Close the claim").click()
    expect(row(page, "Wolfeschlegel")).to_be_visible()
