"""The billing desk's claims in a real browser: mended and sent, and payers' files told in words."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from clinic_runtime.testing import eventually
from tests.browser.billing import (
    ADDRESS,
    PLAN,
    claim_of,
    desk,
    invoiced,
    rejected,
    row,
)

Open = Callable[..., Page]


@pytest.mark.core
def test_what_keeps_a_claim_is_said_with_the_fix_and_mended_it_goes(
    open_page: Open, site: Any
) -> None:
    invoice = invoiced(site, "Claim Lacks", **PLAN, member_id=f"{site.id[-8:]}-PEND")
    claim = claim_of(site, invoice)
    page = open_page(desk(site, "ready"))
    expect(row(page, "Claim Lacks")).to_have_count(1)
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".panel h2")).to_have_text("Claim to Harbour Mutual")
    expect(page.locator(".panel .history li")).to_have_count(len(claim["history"]))
    page.keyboard.press("s")
    findings = page.locator(".finding")
    expect(findings.filter(has_text="DX_COUNT")).to_contain_text("To mend it:")
    page.get_by_label("Diagnoses", exact=True).fill("M5450")
    page.get_by_label("Units").fill("4")
    page.get_by_label("Diagnoses it is for").fill("1")
    page.get_by_label("Born").fill("1970-05-04")
    page.get_by_label("Sex").select_option("F")
    for label, text in zip(
        ("Street", "Town", "Province", "Postal code"), ADDRESS.values(), strict=True
    ):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Save").click()
    expect(findings).to_have_count(0)
    row(page, "Claim Lacks").get_by_role("button").focus()
    page.keyboard.press("s")
    expect(row(page, "Claim Lacks")).to_have_count(0)
    sent = site.api.get(f"/claims/{claim['id']}")
    assert [step["state"] for step in sent["history"]].count("queued") == 1
    assert sent["details"]["diagnoses"] == ["M5450"]
    assert sent["details"]["lines"][0]["units"] == 4


def test_a_rejected_claim_says_why_in_words_and_is_changed_and_sent_again(
    open_page: Open, site: Any, staff: Any
) -> None:
    claim = rejected(site, "Re Jected")
    page = open_page(desk(site, "rejected"))
    expect(row(page, "Re Jected")).to_contain_text("the payer could not take it in")
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".finding")).to_contain_text("To mend it:")
    expect(page.locator(".history")).to_contain_text("Rejected")
    page.get_by_label("Diagnoses", exact=True).fill("M542")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".panel .tag").first).to_contain_text("Draft")
    page.locator(".panel h2").focus()
    page.keyboard.press("s")

    def again() -> Any:
        now = site.api.get(f"/claims/{claim['id']}")
        return [step["state"] for step in now["history"]].count("queued") == 2 and now

    assert eventually(again)["details"]["diagnoses"] == ["M542"]
    assert staff.faults() == []


def test_another_change_meanwhile_is_told_and_what_was_typed_is_kept(
    open_page: Open, site: Any
) -> None:
    claim = claim_of(site, invoiced(site, "Two Change", **PLAN, member_id=f"{site.id[-8:]}-2"))
    page = open_page(desk(site, "ready", claim=claim["id"]))
    page.get_by_text("What the claim says").click()
    page.get_by_label("Note").fill("typed here")
    site.api.patch(f"/claims/{claim['id']}", claim["version"], {"diagnoses": ["M5450"]})
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".claim-form [role=alert]")).to_contain_text("Somebody changed the claim")
    expect(page.get_by_label("Note")).to_have_value("typed here")


def test_a_file_that_is_kept_aside_says_why_in_words(
    open_page: Open, site: Any, staff: Any
) -> None:
    page = open_page(desk(site, "quarantined"))
    body = f"ISA*00*{site.id}~".encode()
    file = FilePayload(name="payer.835", mimeType="application/octet-stream", buffer=body)
    page.get_by_label("File", exact=True).set_input_files([file])
    page.get_by_role("button", name="Hand it in").click()
    told = page.locator(".told")
    expect(told).to_contain_text("Kept aside")
    expect(told).to_contain_text("Nothing of it was posted")
    expect(told).to_contain_text("an ISA segment has 106 characters")
    expect(told).to_contain_text("To mend it:")
    files = page.locator("section", has_text="Files of which nothing was posted")
    expect(files.locator(".file-row").first).to_contain_text("an ISA segment has 106 characters")
    assert staff.faults() == []
