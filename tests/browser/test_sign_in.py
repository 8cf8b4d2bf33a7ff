"""Signing in: wrong, locked out, by code, forgotten; and what one does with one's own account."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from clinic_deploy.demo.api import Api, wait_for
from clinic_runtime.clock import now
from clinic_runtime.ids import ulid
from gateway.identity import totp

Open = Callable[..., Page]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def page(browser: Browser, house: Any) -> Any:
    """Return a page at which nobody is signed in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-CA")
    page = context.new_page()
    page.goto(f"{house.address}/console")
    yield page
    context.close()


@pytest.fixture
def invited(api: Api, mail: tuple[Any, int]) -> dict[str, str]:
    """Invite somebody to the front desk; return e-mail, name and the letter's token."""
    email = f"{ulid().lower()}@example.org"
    roles = [{"role": "front_desk", "location_ids": None}]
    made = api.post("/staff", {"email": email, "name": "Desk Person", "roles": roles})
    return {"id": made["id"], "email": email, "token": token_of_letter(mail[0], email)}


@pytest.fixture
def member(invited: dict[str, str], api: Api) -> dict[str, str]:
    """Return somebody who has chosen a password."""
    api.post(f"/password-resets/{invited['token']}", {"password": PASSWORD})
    return {**invited, "password": PASSWORD}


def token_of_letter(folder: Path, email: str) -> str:
    """Return the token of the link in the latest letter to somebody."""

    def found() -> str | None:
        letters = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)
        for letter in letters:
            text = letter.read_text(errors="replace").replace("=\n", "").replace("=3D", "=")
            if email in text and (link := re.search(r"/console/reset\?token=([\w.~-]+)", text)):
                return link[1]
        return None

    return wait_for(f"a letter to {email}", found)


def fill(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def token_of(api: Api) -> str:
    return str(api.session.headers["Authorization"]).split()[1]


def signed_in(house: Any, member: dict[str, str]) -> Api:
    return Api(house.address, {name: member[name] for name in ("email", "password")})


def code_of(secret: str) -> str:
    """Return what an authenticator with this secret shows now."""
    padded = secret + "=" * (-len(secret) % 8)
    return totp.code(base64.b32decode(padded), totp.step_of(now()))


def test_a_wrong_password_is_told_and_what_was_typed_stays(
    page: Page, member: dict[str, str], violations: Any
) -> None:
    assert violations(page) == []
    fill(page, member["email"], "wrong")
    expect(page.get_by_role("alert")).to_have_text("E-mail or password is wrong.")
    expect(page.get_by_label("E-mail")).to_have_value(member["email"])
    assert violations(page) == []
    page.get_by_label("Password", exact=True).fill(member["password"])
    page.keyboard.press("Enter")
    expect(page.locator(".shell")).to_be_visible()


def test_who_failed_too_often_is_told_how_long_to_wait_and_the_way_out(
    page: Page, member: dict[str, str], violations: Any
) -> None:
    told = page.get_by_role("alert")
    for _ in range(8):
        with page.expect_response("**/v1/sessions") as answered:
            fill(page, member["email"], "wrong")
        if answered.value.status == 429:
            break
    expect(told).to_contain_text(re.compile(r"Too many sign-ins failed from here: wait \d+ s"))
    expect(told).to_contain_text("Forgotten password?")
    assert violations(page) == []


def test_a_password_can_be_seen_and_caps_lock_is_told(page: Page) -> None:
    field = page.get_by_label("Password", exact=True)
    field.fill("secret")
    show = page.get_by_role("button", name="Show: Password")
    show.click()
    expect(field).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    show.click()
    expect(field).to_have_attribute("type", "password")
    pressed = "new KeyboardEvent('keydown', {modifierCapsLock: true, bubbles: true})"
    field.evaluate(f"field => field.dispatchEvent({pressed})")
    expect(page.get_by_text("Caps Lock is on.")).to_be_visible()


def test_a_forgotten_password_is_chosen_anew_by_letter(
    page: Page, member: dict[str, str], mail: tuple[Any, int], house: Any, violations: Any
) -> None:
    page.get_by_role("link", name="Forgotten password?").click()
    page.get_by_label("E-mail").fill("no address")
    page.get_by_role("button", name="Send the letter").click()
    expect(page.get_by_label("E-mail")).to_have_accessible_description(re.compile("e-mail address"))
    page.get_by_label("E-mail").fill(f"nobody-{member['email']}")
    page.get_by_role("button", name="Send the letter").click()
    expect(page.get_by_role("status")).to_contain_text("If there is an account")
    assert violations(page) == []
    page.goto(f"{house.address}/console/forgotten")
    before = token_of_letter(mail[0], member["email"])
    page.get_by_label("E-mail").fill(member["email"])
    page.get_by_role("button", name="Send the letter").click()
    expect(page.get_by_role("status")).to_contain_text("If there is an account")

    def newer() -> str | None:
        found = token_of_letter(mail[0], member["email"])
        return found if found != before else None

    page.goto(f"{house.address}/console/reset?token={wait_for('another letter', newer)}")
    expect(page).to_have_url(f"{house.address}/console/reset")
    page.get_by_label("New password", exact=True).fill("short")
    page.keyboard.press("Enter")
    expect(page.locator(".field .wrong")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("New password", exact=True).fill("another horse battery staple")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your new password is set.")
    page.get_by_role("link", name="Sign in").click()
    fill(page, member["email"], "another horse battery staple")
    expect(page.locator(".shell")).to_be_visible()


def test_a_link_that_is_over_leads_to_a_new_one(page: Page, house: Any, violations: Any) -> None:
    page.goto(f"{house.address}/console/reset?token=of-nobody")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This link is over, or was used already.")
    assert violations(page) == []
    page.get_by_role("link", name="Ask for a new one").click()
    expect(page.get_by_role("heading", name="Forgotten password")).to_be_visible()


def test_a_second_factor_is_turned_on_asked_for_and_turned_off(
    page: Page, member: dict[str, str], house: Any, violations: Any
) -> None:
    fill(page, member["email"], member["password"])
    page.wait_for_selector(".shell")
    page.goto(f"{house.address}/console/account")
    page.get_by_role("button", name="Turn it on …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("the password is wrong")
    dialog.get_by_label("Your password", exact=True).fill(member["password"])
    page.keyboard.press("Enter")
    link = dialog.get_by_role("link").get_attribute("href") or ""
    secret = parse_qs(urlsplit(link).query)["secret"][0]
    assert violations(page) == []
    dialog.get_by_label("The code it shows").fill(code_of(secret))
    page.keyboard.press("Enter")
    codes = page.get_by_role("textbox", name="Recovery codes").input_value().split()
    assert len(codes) == 10
    assert violations(page) == []
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text("10 recovery codes are left.")).to_be_visible()

    page.locator("summary", has_text="DP").click()
    page.get_by_role("button", name="Sign out").click()
    fill(page, member["email"], member["password"])
    code = page.get_by_label("Code", exact=True)
    expect(code).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_value(member["email"])
    expect(page.get_by_label("Password", exact=True)).to_have_value(member["password"])
    assert violations(page) == []
    code.fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("code is wrong")
    code.fill(codes[0])
    page.keyboard.press("Enter")
    expect(page.locator(".shell")).to_be_visible()

    page.goto(f"{house.address}/console/account")
    expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()
    page.get_by_role("button", name="Turn it off …").click()
    page.get_by_label("Your password", exact=True).fill(member["password"])
    page.get_by_label("A code").fill(codes[1])
    page.keyboard.press("Enter")
    expect(page.get_by_text("A password alone signs you in.")).to_be_visible()


def test_a_session_elsewhere_is_seen_and_ended(
    page: Page, member: dict[str, str], house: Any, violations: Any
) -> None:
    elsewhere = signed_in(house, member)
    fill(page, member["email"], member["password"])
    page.wait_for_selector(".shell")
    page.goto(f"{house.address}/console/account")
    rows = page.locator("[data-session]")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="This one")).to_contain_text("Chrome")
    assert violations(page) == []
    rows.filter(has_text="python-requests").get_by_role("button", name=re.compile("^End ")).click()
    expect(page.locator(".said")).to_contain_text("That session has ended.")
    expect(rows).to_have_count(1)
    address = f"{house.address}/v1/me"
    assert elsewhere.session.get(address).status_code == 401


def test_another_password_is_chosen_by_who_knows_the_present_one(
    page: Page, member: dict[str, str], house: Any
) -> None:
    fill(page, member["email"], member["password"])
    page.wait_for_selector(".shell")
    page.goto(f"{house.address}/console/account")
    page.get_by_label("Present password", exact=True).fill("wrong")
    page.get_by_label("New password", exact=True).fill("yet another horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="the password is wrong")).to_be_visible()
    page.get_by_label("Present password", exact=True).fill(member["password"])
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("Your password is changed.")
    assert signed_in(house, {**member, "password": "yet another horse battery"}).get("/me")


def test_somebody_is_invited_from_the_settings_and_deactivated(
    open_page: Open, api: Api, mail: tuple[Any, int], violations: Any
) -> None:
    page = open_page("settings?tab=staff&id=new")
    email = f"{ulid().lower()}@example.org"
    form = page.get_by_role("form", name="Invite somebody")
    form.get_by_label("Name").fill("New Manager")
    form.get_by_label("E-mail").fill("nothing")
    form.get_by_label("Role", exact=True).select_option("manager")
    form.get_by_role("button", name="Add", exact=True).click()
    expect(form.get_by_label("E-mail")).to_have_accessible_description(re.compile("e-mail address"))
    form.get_by_label("E-mail").fill(email)
    form.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Invited, no password yet")).to_be_visible()
    assert violations(page) == []
    assert token_of_letter(mail[0], email)
    made = next(each for each in api.get("/staff", limit=200)["items"] if each["email"] == email)
    assert made["roles"] == [{"role": "manager", "location_ids": None}]
    page.get_by_label("May sign in").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Deactivated")).to_be_visible()
    assert api.get(f"/staff/{made['id']}")["active"] is False


def test_an_api_key_is_shown_once_and_ended(
    open_page: Open, house: Any, api: Api, violations: Any
) -> None:
    page = open_page("settings?tab=api-keys")
    name = f"Door display {ulid()}"
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the key").click()
    key = page.get_by_label("The key").input_value()
    assert violations(page) == []
    bearer = {"Authorization": f"Bearer {key}"}
    address = f"{house.address}/v1/me"
    assert api.session.get(address, headers=bearer).json()["name"] == name
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_label("The key")).to_have_count(0)
    page.get_by_role("button", name=f"End {name}").click()
    expect(page.locator(".said")).to_contain_text("has ended")
    assert api.session.get(address, headers=bearer).status_code == 401


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_the_account_is_readable_everywhere(
    open_page: Open, violations: Any, shoot: Any, scheme: str, width: int
) -> None:
    page = open_page("account", color_scheme=scheme, viewport={"width": width, "height": 900})
    expect(page.locator("[data-session]").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    shoot(page, f"account-{width}-{scheme}")


def test_who_was_refused_stands_on_the_trail(
    page: Page, open_page: Open, member: dict[str, str], violations: Any
) -> None:
    fill(page, member["email"], "wrong")
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    fill(page, member["email"], member["password"])
    page.wait_for_selector(".shell")
    trail = open_page("health")
    trail.get_by_role("link", name="Audit trail").click()
    row = trail.get_by_role("row").filter(has_text="Signed in").first
    expect(row).to_contain_text("Desk Person")
    assert violations(trail) == []
    trail.get_by_label("Of", exact=True).select_option("sign_in_refused")
    expect(trail.get_by_role("row").nth(1)).to_contain_text("Sign in refused")
    expect(trail.get_by_role("row").filter(has_text="Signed in")).to_have_count(0)


def test_the_chains_provider_is_offered_and_its_refusal_told(
    page: Page, house: Any, violations: Any
) -> None:
    options = {"status": 200, "content_type": "application/json"}
    body = '{"password": true, "oidc": {"name": "Chain Directory"}}'
    page.route("**/v1/sign-in-options", lambda route: route.fulfill(body=body, **options))
    page.goto(f"{house.address}/console/sign-in?error=oidc_no_account")
    expect(page.get_by_role("alert").first).to_contain_text("An owner or a manager invites you.")
    link = page.get_by_role("link", name="Sign in with Chain Directory")
    expect(link).to_have_attribute("href", "/v1/oidc/start?return_to=%2Fconsole%3Fsigned-in%3D1")
    assert violations(page) == []
    page.goto(f"{house.address}/console/health?trace=x")
    back = "/v1/oidc/start?return_to=%2Fconsole%2Fhealth%3Ftrace%3Dx%26signed-in%3D1"
    expect(link).to_have_attribute("href", back)


def test_who_comes_back_from_the_provider_is_in(
    browser: Browser, house: Any, member: dict[str, str]
) -> None:
    token = token_of(signed_in(house, member))
    context = browser.new_context()
    context.add_cookies([{"name": "clinic_session", "value": token, "url": house.address}])
    page = context.new_page()
    page.goto(f"{house.address}/console?signed-in=1")
    expect(page.locator(".shell")).to_be_visible()
    expect(page).to_have_url(re.compile("/console/schedule$|/console/schedule\\?(?!.*signed-in)"))
    page.goto(f"{house.address}/console/account")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    context.close()
