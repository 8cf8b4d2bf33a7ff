"""The billing desk in a real browser: paid by keys once, claims mended, files told in words."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from clinic_runtime.testing import eventually

Open = Callable[..., Page]
ADDRESS = {"line": "2 Oak", "city": "Victoria", "region": "BC", "postal_code": "V8T 1A1"}
NASTY = "<script>alert(1)</script> " + "Wolfeschlegelsteinhausen" * 2
PLAN: dict[str, Any] = {"carrier": "Harbour Mutual", "percent": 80}
NARROW = {"viewport": {"width": 360, "height": 740}}


def desk(site: Any, tab: str = "unpaid", **query: str) -> str:
    given = {"location": site.id, "tab": tab, **query}
    return f"billing?{'&'.join(f'{name}={value}' for name, value in given.items())}"


def working_day(back: int) -> str:
    day = date.today() - timedelta(days=back)  # noqa: DTZ011 (any days gone by will do)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day.isoformat()


def invoiced(site: Any, name: str, hour: int = 10, **coverage: Any) -> dict[str, Any]:
    """Treat somebody new, insured so; return the invoice."""
    client = site.client(name)
    if coverage:
        most = {"amount_minor": 100_000, "currency": "CAD"}
        path = f"/clients/{client['id']}"
        site.api.post(f"{path}/coverages", {**coverage, "annual_maximum": most})
        eventually(lambda: site.api.get(f"{path}/booking-limits")["coverages"]["known"])
    visit = site.book(name, f"{working_day(3)}T{hour:02}:00", client_id=client["id"])
    for verb in ("arrive", "fulfil"):
        site.api.post(f"/appointments/{visit['id']}/{verb}")
    return eventually(
        lambda: (site.api.get("/invoices", appointment_id=visit["id"])["items"] or [None])[0],
        timeout=30,
    )


def claim_of(site: Any, invoice: dict[str, Any]) -> dict[str, Any]:
    (id_,) = invoice["claim_ids"]
    claim: dict[str, Any] = site.api.get(f"/claims/{id_}")
    return claim


def filled(site: Any, claim: dict[str, Any]) -> dict[str, Any]:
    """Put into a claim what its payer asks for."""
    (line,) = claim["details"]["lines"]
    person = {"birth_date": "1970-05-04", "sex": "F", "address": ADDRESS}
    details = {
        "diagnoses": ["M5450"],
        "person": person,
        "lines": [{**line, "units": 4, "pointers": [1]}],
    }
    changed: dict[str, Any] = site.api.patch(f"/claims/{claim['id']}", claim["version"], details)
    return changed


def rejected(site: Any, name: str) -> dict[str, Any]:
    """Return a claim that its payer does not take."""
    claim = claim_of(site, invoiced(site, name, **PLAN, member_id=f"{site.id[-8:]}-REJECT"))
    filled(site, claim)
    site.api.post(f"/claims/{claim['id']}/submit")
    return eventually(
        lambda: (now := site.api.get(f"/claims/{claim['id']}"))["state"] == "rejected" and now,
        timeout=60,
    )


def paid(site: Any, invoice: dict[str, Any]) -> list[int]:
    """Return the amounts that were paid on an invoice."""
    items = site.api.get(f"/invoices/{invoice['id']}/payments")["items"]
    return [each["amount"]["amount_minor"] for each in items if each["status"] == "succeeded"]


def row(page: Page, name: str) -> Any:
    return page.locator("table.rows tbody tr", has_text=name)


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
